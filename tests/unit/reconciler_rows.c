/* SPDX-License-Identifier: Apache-2.0 */
/* A commit of a next hop or a group writes their rows and nothing else, whatever else there is. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler_fixture.h"
#include "vnf/reconcile/bank_writer.h"
#include "vnf/core/loop.h"
#include "vnf/dataplane/fib/fib.h"

#define ROUTES	100000
#define OTHERS	100
#define MEMBERS 4

/* What a commit and its settling did to the tables. */
struct work {
	unsigned int writes; /* of entries, compared with what is there */
	unsigned int routes; /* calls of the FIB engine */
	unsigned int words;  /* 32-bit words of the bank that are different after it */
};

static struct work work;

void __real_bank_write(struct bank_writer *writer, enum dp_table table, uint32_t row, const void *value);
void __wrap_bank_write(struct bank_writer *writer, enum dp_table table, uint32_t row, const void *value);
int __real_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf);
int __wrap_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf);
bool __real_fib_unset(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix);
bool __wrap_fib_unset(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix);

void __wrap_bank_write(struct bank_writer *writer, enum dp_table table, uint32_t row, const void *value)
{
	work.writes++;
	__real_bank_write(writer, table, row, value);
}

int __wrap_fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf)
{
	work.routes++;
	return __real_fib_set(fib, vrf, prefix, leaf);
}

bool __wrap_fib_unset(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix)
{
	work.routes++;
	return __real_fib_unset(fib, vrf, prefix);
}

/* Commits and settles, and says what it took in each bank. */
static struct work commit_counted(void)
{
	struct bank *before = copy_of(active());
	struct work in_first;

	work = (struct work){0};
	assert_int_equal(commit(), 0);
	for (int table = 0; table < DP_TABLE_COUNT; table++) {
		const uint32_t *old = bank_table(before, table), *new = bank_table(active(), table);

		for (size_t i = 0; i < table_rows(table) * bank_row_size(table) / sizeof(*old); i++)
			work.words += old[i] != new[i];
	}
	bank_free(before);
	in_first = work;
	/* The other bank gets the same by a copy of what was noted. */
	assert_int_equal(reconciler_sync_banks(reconciler), 0);
	assert_int_equal(work.writes, in_first.writes);
	assert_int_equal(work.routes, 2 * in_first.routes);
	assert_tables_equal(active(), idle());
	return in_first;
}

static void add_hops_and_group(void)
{
	change(fake_gateway("hop0", "a", "192.0.2.10", "02:00:00:00:00:10"));
	change(fake_gateway("hop1", "a", "192.0.2.11", "02:00:00:00:00:11"));
	change(fake_gateway("hop2", "a", "192.0.2.12", "02:00:00:00:00:12"));
	change(fake_gateway("hop3", "a", "192.0.2.13", "02:00:00:00:00:13"));
	change(fake_group("failover", "hop0", "hop1", "hop2", "hop3", NULL));
	change(fake_route("red", "10.1.0.0/16", "failover", 2));
	assert_int_equal(commit(), 0);
	assert_int_equal(reconciler_sync_banks(reconciler), 0);
}

/* So many that they do not fit into the fake snapshot: a commit of routes looks only at its delta. */
static struct route *add_routes(struct handle *vrf, struct handle *group)
{
	struct delta_entry *entry = calloc(ROUTES, sizeof(*entry));
	struct route *route = calloc(ROUTES, sizeof(*route));
	struct delta many = {ROUTES, entry};

	assert_true(entry && route);
	for (uint32_t i = 0; i < ROUTES; i++) {
		route[i].resource = (struct resource){.kind = RESOURCE_ROUTE, .id = 10 + i};
		route[i].key.vrf = vrf;
		route[i].group = group;
		route[i].key.prefix = (struct ip_prefix){.length = 32};
		route[i].key.prefix.address.family = 4;
		route[i].key.prefix.address.byte[0] = 11;
		for (int byte = 1; byte < 4; byte++)
			route[i].key.prefix.address.byte[byte] = (uint8_t)(i >> (24 - 8 * byte));
		entry[i].after = &route[i].resource;
	}
	commit_delta(&many);
	assert_int_equal(reconciler_sync_banks(reconciler), 0);
	free(entry);
	return route;
}

static void a_group_costs_the_same_with_any_number_of_routes(void **state)
{
	struct work one, many;
	struct route *routes;

	(void)state;
	add_hops_and_group();
	change(fake_group("failover", "hop0", "hop1", "hop2", NULL));
	one = commit_counted();
	assert_int_equal(one.writes, 1);
	assert_int_equal(one.routes, 0);
	assert_true(one.words > 0 && one.words <= sizeof(struct dp_group) / 4);
	change(fake_group("failover", "hop0", "hop1", "hop2", "hop3", NULL));
	assert_int_equal(commit(), 0);
	assert_int_equal(reconciler_sync_banks(reconciler), 0);

	for (int i = 0; i < OTHERS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "other%d", i);
		if (i % 32 == 0 && i)
			assert_int_equal(commit(), 0);
		change(fake_group(name, "hop0", "hop1", NULL));
	}
	assert_int_equal(commit(), 0);
	routes = add_routes(fake_name(RESOURCE_VRF, "red"), fake_name(RESOURCE_NEXT_HOP_GROUP, "failover"));
	assert_int_equal(group_to("red", "11.1.134.159"), fake_id(RESOURCE_NEXT_HOP_GROUP, "failover"));
	change(fake_group("failover", "hop0", "hop1", "hop2", NULL));
	many = commit_counted();
	print_message("a member leaves: with 1 route %u entries, %u routes, %u words; with %d: %u, %u, %u\n",
		      one.writes, one.routes, one.words, ROUTES, many.writes, many.routes, many.words);
	assert_memory_equal(&one, &many, sizeof(one));
	free(routes);
}

/* Only the flows of the member that left have moved, and they come back. */
static void other_members_keep_their_flows(void **state)
{
	struct dp_group all, less;
	unsigned int moved = 0;

	(void)state;
	add_hops_and_group();
	all = active()->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "failover")];
	/* By its interface's state a member leaves without any change of the group. */
	fake_link(4, "eth1", false);
	change(fake_interface("b", "eth1", "red", 0));
	assert_int_equal(commit(), 0);
	change(fake_gateway("hop3", "b", "192.0.2.13", "02:00:00:00:00:13"));
	assert_int_equal(commit(), 0);
	less = active()->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "failover")];
	for (int i = 0; i < DP_GROUP_BUCKETS; i++) {
		assert_int_not_equal(less.member[less.bucket[i]], fake_id(RESOURCE_NEXT_HOP, "hop3"));
		if (less.bucket[i] == all.bucket[i])
			continue;
		assert_int_equal(all.member[all.bucket[i]], fake_id(RESOURCE_NEXT_HOP, "hop3"));
		moved++;
	}
	assert_int_equal(moved, DP_GROUP_BUCKETS / MEMBERS);
	change(fake_gateway("hop3", "a", "192.0.2.13", "02:00:00:00:00:13"));
	assert_int_equal(commit(), 0);
	assert_memory_equal(&all, &active()->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "failover")], sizeof(all));
}

static void a_next_hop_is_one_row(void **state)
{
	struct work moved;

	(void)state;
	add_hops_and_group();
	change(fake_gateway("hop0", "a", "192.0.2.10", "02:00:00:00:00:77"));
	moved = commit_counted();
	assert_int_equal(moved.writes, 1);
	assert_int_equal(moved.routes, 0);
	assert_true(moved.words <= sizeof(struct dp_next_hop) / 4);
	withdraw_route("red", "10.1.0.0/16");
	withdraw(RESOURCE_NEXT_HOP_GROUP, "failover");
	withdraw(RESOURCE_NEXT_HOP, "hop0");
	moved = commit_counted();
	assert_int_equal(moved.writes, 2);
	assert_int_equal(active()->next_hops[fake_id(RESOURCE_NEXT_HOP, "hop0")].kind, DP_NEXT_HOP_NONE);
	assert_int_equal(active()->groups[fake_id(RESOURCE_NEXT_HOP_GROUP, "failover")].member[0], 0);
}

/* Whatever rows were changed: the tables are those of a program that compiles everything at once. */
static void rows_come_to_the_same_as_everything(void **state)
{
	unsigned int chance = 1;

	(void)state;
	add_hops_and_group();
	fake_link(4, "eth1", false);
	change(fake_interface("b", "eth1", "red", 0));
	assert_int_equal(commit(), 0);
	for (int step = 0; step < 200; step++) {
		char hop[16], group[16], first[16], second[16];

		chance = chance * 1103515245 + 12345;
		snprintf(hop, sizeof(hop), "hop%u", chance >> 8 & 3);
		snprintf(group, sizeof(group), "g%u", chance >> 10 & 3);
		snprintf(first, sizeof(first), "hop%u*%u", chance >> 12 & 3, 1 + (chance >> 14 & 7));
		snprintf(second, sizeof(second), "hop%u", (chance >> 12 & 3) ^ 1);
		if (chance >> 17 & 1)
			change(fake_gateway(hop, chance >> 18 & 1 ? "a" : "b", "192.0.2.50", "02:00:00:00:00:50"));
		if (chance >> 19 & 1)
			change(fake_discard(hop));
		change(fake_group(group, first, second, NULL));
		assert_int_equal(commit(), 0);
		if (step % 10 == 0)
			assert_as_compiled_anew();
	}
}

/* A gateway that no next hop needs any more is not kept resolved for ever. */
static void a_gateway_is_forgotten(void **state)
{
	time_t deadline = time(NULL) + 10;

	(void)state;
	change(fake_gateway("other", "a", "192.0.2.99", NULL));
	assert_int_equal(commit(), 0);
	assert_true(fake_is_wanted(3, "192.0.2.99"));
	change(fake_discard("other"));
	assert_int_equal(commit(), 0);
	while (fake_is_wanted(3, "192.0.2.99")) {
		const struct timeval most = {.tv_usec = 50000};

		assert_true(time(NULL) < deadline);
		event_base_loopexit(loop_base(loop), &most);
		event_base_loop(loop_base(loop), EVLOOP_ONCE);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, reconciler_set_up, reconciler_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_group_costs_the_same_with_any_number_of_routes),
		CASE(other_members_keep_their_flows),
		CASE(a_next_hop_is_one_row),
		CASE(rows_come_to_the_same_as_everything),
		CASE(a_gateway_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
