/* SPDX-License-Identifier: Apache-2.0 */
/* pools[] and service_words[]: tables and lists, the previous ones, what becomes of words that run out, undoing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"
#include "pools_fixture.h"
#include "vnf/core/clock.h"

#define ROWS_MOST 65536

static const struct dp_pool *pool(const char *name)
{
	return &active()->pools[fake_id(RESOURCE_POOL, name)];
}

static uint32_t list_at(const struct bank *bank, uint32_t list, uint32_t number)
{
	return (uint32_t)(bank->service_words[list + number / 2] >> number % 2 * 32);
}

/* Member ids by row, as packets find them. Returns the rows. */
static uint32_t read_table(const struct bank *bank, uint32_t table, uint32_t rows, uint32_t list, uint32_t *ids)
{
	for (uint32_t row = 0; row < rows; row++)
		ids[row] = list_at(bank, list, (uint16_t)(bank->service_words[table + row / 4] >> row % 4 * 16));
	return rows;
}

static uint32_t read_now(const struct dp_pool *row, uint32_t *ids)
{
	return read_table(active(), row->table, row->rows, row->list, ids);
}

static uint32_t read_previous(const struct dp_pool *row, uint32_t *ids)
{
	return read_table(active(), row->previous, row->previous_rows, row->previous_list, ids);
}

static uint32_t rows_of(const char *pool_name, const char *member)
{
	static uint32_t ids[ROWS_MOST];
	uint32_t rows = read_now(pool(pool_name), ids), id = fake_id(RESOURCE_MEMBER, member), count = 0;

	for (uint32_t row = 0; row < rows; row++)
		count += ids[row] == id;
	return count;
}

/* "NAME-0" and so on. */
static void put_members(const char *of, unsigned int count)
{
	char name[32];

	for (unsigned int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s-%u", of, i);
		put_member(name, of, 1);
	}
}

static void what_a_pool_says(void **state)
{
	struct pool *made = put_pool("p");

	(void)state;
	put_pool("spill");
	made->lb_algorithm = SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_SOURCE_IP;
	made->forwarding = SLUICE__V1__FORWARDING__FORWARDING_DIRECT;
	made->on_member_down = SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_RESET;
	made->prefix4 = 24;
	made->prefix6 = 56;
	made->persistence = SLUICE__V1__PERSISTENCE_TYPE__PERSISTENCE_TYPE_SOURCE_PREFIX;
	made->persistence_seconds = 100;
	made->connection_limit = 1000;
	made->overflow_pool = fake_name(RESOURCE_POOL, "spill");
	run_well();
	assert_int_equal(pool("p")->flags, DP_POOL_SOURCE | DP_POOL_DIRECT);
	assert_int_equal(pool("p")->on_down, DP_ON_DOWN_RESET);
	assert_int_equal(pool("p")->prefix4, 24);
	assert_int_equal(pool("p")->prefix6, 56);
	assert_int_equal(pool("p")->affinity, DP_CONNECTION_TICKS(100));
	assert_int_equal(pool("p")->limit, 1000);
	assert_int_equal(pool("p")->overflow, fake_id(RESOURCE_POOL, "spill"));
	assert_int_equal(pool("p")->rows, 0);
	made = put_pool("p");
	made->lb_algorithm = SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_RENDEZVOUS;
	made->persistence = SLUICE__V1__PERSISTENCE_TYPE__PERSISTENCE_TYPE_QUIC_CONNECTION_ID;
	run_well();
	assert_int_equal(pool("p")->flags, DP_POOL_STATELESS | DP_POOL_QUIC);
	assert_int_equal(pool("p")->affinity + pool("p")->overflow + pool("p")->limit, 0);
	assert_int_equal(pool("spill")->on_down, DP_ON_DOWN_REHASH);
}

static void shares_follow_weights_and_states(void **state)
{
	(void)state;
	put_pool("p");
	put_member("a", "p", 3);
	put_member("b", "p", 1);
	put_member("spare", "p", 1)->backup = true;
	run_well();
	assert_int_equal(pool("p")->rows, 1021); /* for three members */
	assert_int_equal(pool("p")->members, 2);
	assert_in_range(rows_of("p", "a"), 765, 766);
	assert_in_range(rows_of("p", "b"), 255, 256);
	put_member("b", "p", 1)->admin_state = SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_DRAINING;
	run_well();
	assert_int_equal(pool("p")->rows, 1021);
	assert_int_equal(rows_of("p", "a"), 1021);
	put_member("a", "p", 0);
	run_well();
	assert_int_equal(rows_of("p", "spare"), 1021);
	withdraw(RESOURCE_MEMBER, "spare");
	run_well();
	assert_int_equal(pool("p")->rows + pool("p")->table + pool("p")->list + pool("p")->members, 0);
	assert_int_equal(pool("p")->previous_rows, 1021);
	put_member("b", "p", 200);
	run_well();
	assert_int_equal(rows_of("p", "b"), 509);
	assert_int_equal(pool("p")->previous_rows, 1021); /* nobody has had no flow */
}

/* A member that moves to another pool changes both. */
static void members_move(void **state)
{
	(void)state;
	put_pool("p");
	put_pool("q");
	put_members("p", 2);
	run_well();
	put_member("p-1", "q", 1);
	run_well();
	assert_int_equal(rows_of("p", "p-0"), 251);
	assert_int_equal(rows_of("q", "p-1"), 251);
	assert_int_equal(pool("q")->previous_rows, 0);
	/* It is not the pool's any more: its id might be another's. */
	assert_int_equal(list_at(active(), pool("p")->previous_list, 0) +
				 list_at(active(), pool("p")->previous_list, 1),
			 fake_id(RESOURCE_MEMBER, "p-0"));
	withdraw(RESOURCE_MEMBER, "p-1");
	withdraw(RESOURCE_POOL, "q");
	run_well();
	assert_int_equal(pool("q")->rows + pool("q")->table + pool("q")->previous, 0);
}

/* Changes that leave the shares alone leave both tables alone, too. */
static void previous_is_before_the_last_change(void **state)
{
	static uint32_t first[ROWS_MOST], second[ROWS_MOST], other[ROWS_MOST];
	uint32_t rows;

	(void)state;
	put_pool("p");
	put_members("p", 5);
	run_well();
	assert_int_equal(pool("p")->previous, 0);
	rows = read_now(pool("p"), first);
	put_member("p-1", "p", 7);
	run_well();
	assert_int_equal(read_previous(pool("p"), other), rows);
	assert_memory_equal(first, other, rows * sizeof(*first));
	read_now(pool("p"), second);
	put_pool("p")->connection_limit = 5;
	put_member("p-1", "p", 7)->monitor_port = 99;
	run_well();
	read_previous(pool("p"), other);
	assert_memory_equal(first, other, rows * sizeof(*first));
	put_member("p-1", "p", 8);
	run_well();
	assert_int_equal(read_previous(pool("p"), other), rows);
	assert_memory_equal(second, other, rows * sizeof(*second));
}

/* It ends in a run of its own, without a commit, and its words can be had again. */
static void previous_ends(void **state)
{
	uint64_t generation, before;

	(void)state;
	put_pool("p")->previous_seconds = 1;
	put_members("p", 5);
	run_well();
	put_member("p-1", "p", 7);
	run_well();
	before = monotonic_ms();
	generation = fake_generation;
	assert_int_not_equal(pool("p")->previous, 0);
	run_loop_until_generation(generation + 1);
	assert_in_range(monotonic_ms() - before, 900, 3000);
	assert_int_equal(pool("p")->previous + pool("p")->previous_rows + pool("p")->previous_list +
				 pool("p")->previous_members,
			 0);
	sync_and_check();
	assert_as_compiled_anew();
}

/* The fake's pool has fourteen pages: eleven tables of 4,093 rows, their lists, and two more tables. */
static void fill_words(void)
{
	char name[16];

	for (unsigned int i = 0; i < 11; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		put_pool(name);
		put_members(name, 11);
		run_well();
		assert_int_equal(pool(name)->rows, 4093);
	}
}

static unsigned int count_previous(void)
{
	unsigned int count = 0;

	for (uint32_t id = 1; id < table_rows(DP_TABLE_pools); id++)
		count += active()->pools[id].previous_rows != 0;
	return count;
}

/* First tables that were before are given up, those of other pools only for a new one. */
static void words_run_out(void **state)
{
	(void)state;
	fill_words();
	put_member("p0-0", "p0", 2);
	put_member("p1-0", "p1", 2);
	run_well();
	assert_int_equal(count_previous(), 2);
	put_member("p2-0", "p2", 2);
	run_well();
	assert_int_equal(count_previous(), 2);
	assert_int_equal(pool("p2")->previous_rows, 0);
	assert_in_range(rows_of("p2", "p2-0"), 682, 683);
	put_member("p0-0", "p0", 3); /* in the place of its previous one */
	run_well();
	assert_int_equal(count_previous(), 2);
	assert_int_equal(pool("p0")->previous_rows, 4093);
	put_pool("new");
	for (unsigned int i = 0; i < 11; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p10-%u", i);
		put_member(name, "new", 1);
	}
	run_well();
	assert_int_equal(pool("new")->rows, 4093);
	assert_int_equal(pool("p10")->rows, 0);
	assert_int_equal(count_previous(), 2); /* one is p10's now */
	assert_as_compiled_anew();
}

/* It is refused, and nothing has changed; a pool that goes in the same commit makes room. */
static void no_room(void **state)
{
	struct bank *before;

	(void)state;
	fill_words();
	put_member("p0-0", "p0", 2);
	put_member("p1-0", "p1", 2);
	run_well();
	before = copy_of(active());
	put_pool("large");
	for (unsigned int i = 0; i < 11; i++) { /* 22 members: 16,381 rows */
		char name[16];

		snprintf(name, sizeof(name), "p9-%u", i);
		put_member(name, "large", 1);
		snprintf(name, sizeof(name), "p10-%u", i);
		put_member(name, "large", 1);
	}
	assert_int_equal(commit(), -ENOSPC);
	assert_bank_is(active(), before);
	sync_and_check();
	bank_free(before);
	put_pool("same");
	for (unsigned int i = 0; i < 11; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p10-%u", i);
		put_member(name, "same", 1);
	}
	withdraw(RESOURCE_POOL, "p10");
	run_well();
	assert_int_equal(pool("same")->rows, 4093);
	assert_as_compiled_anew();
}

static int refuse(void *context, struct error *error)
{
	(void)context;
	error_no_memory(error, NULL);
	return -ENOMEM;
}

/* At the last moment: tables that were made anew in the place of old ones are what they were. */
static void a_commit_is_undone(void **state)
{
	static const struct reconciler_gate gate = {refuse, NULL};
	struct bank *before;

	(void)state;
	put_pool("p");
	put_pool("gone");
	put_members("p", 10);
	run_well();
	put_member("p-0", "p", 2);
	run_well();
	before = copy_of(active());
	for (int i = 0; i < 50; i++) {
		commit_gate = &gate;
		put_member("p-1", "p", (uint16_t)(2 + i));
		put_pool("q");
		put_member("q", "q", 1);
		withdraw(RESOURCE_POOL, "gone");
		assert_int_equal(commit(), -ENOMEM);
		commit_gate = NULL;
		assert_bank_is(active(), before);
		sync_and_check();
	}
	bank_free(before);
	put_member("p-1", "p", 9);
	run_well();
	assert_as_compiled_anew();
}

static void memory_runs_out(void **state)
{
	unsigned int refused = 0;
	struct bank *before;

	(void)state;
	put_pool("p");
	put_members("p", 3);
	run_well();
	before = copy_of(active());
	for (unsigned int nth = 1;; nth++) {
		int result;

		put_members("p", 20);
		put_pool("q")->lb_algorithm = SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_RENDEZVOUS;
		put_member("q", "q", 1);
		fail_in = nth;
		result = commit();
		fail_in = 0;
		if (!result)
			break;
		assert_int_equal(result, -ENOMEM);
		refused++;
		assert_bank_is(active(), before);
		sync_and_check();
	}
	bank_free(before);
	assert_in_range(refused, 10, 1000);
	sync_and_check();
	assert_as_compiled_anew();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_pool_says, reconciler_set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(shares_follow_weights_and_states, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(members_move, reconciler_set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(previous_is_before_the_last_change, reconciler_set_up,
						reconciler_tear_down),
		cmocka_unit_test_setup_teardown(previous_ends, reconciler_set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(words_run_out, reconciler_set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(no_room, reconciler_set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(a_commit_is_undone, reconciler_set_up, reconciler_tear_down),
		cmocka_unit_test_setup_teardown(memory_runs_out, reconciler_set_up, reconciler_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
