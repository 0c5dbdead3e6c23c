/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of pools: shares by weight, what moves when members come and go, and that only names and weights count. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "failing.h"
#include "vnf/dataplane/service/maglev.h"
#include "vnf/dataplane/service/rendezvous.h"

#define MOST 512 /* members of a table */

typedef int fill(const struct share_member *member, size_t count, uint64_t *word, uint32_t rows);

struct table {
	size_t count;
	uint32_t rows;
	struct share_member member[MOST];
	uint64_t word[(SHARE_ROWS_MOST + 3) / 4];
};

static char names[MOST][24];

/* Members "SERIES-0" and so on, each of that weight. */
static void members(struct table *table, unsigned int series, size_t count, uint32_t weight)
{
	table->count = count;
	table->rows = share_rows(count);
	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "%u-%zu", series, i);
		table->member[i] = (struct share_member){
			.name = names[i], .hash = share_name_hash(names[i]), .id = (uint32_t)i, .weight = weight};
	}
}

static void build(struct table *table, fill *how)
{
	memset(table->word, 0, sizeof(table->word));
	share_members_sort(table->member, table->count);
	assert_int_equal(how(table->member, table->count, table->word, table->rows), 0);
}

static uint32_t id_at(const struct table *table, uint32_t row)
{
	uint32_t number = share_get(table->word, row);

	assert_in_range(number, 0, table->count - 1);
	return table->member[number].id;
}

/* Rows of each member, by id. */
static void count_rows(const struct table *table, uint32_t rows[MOST])
{
	memset(rows, 0, MOST * sizeof(*rows));
	for (uint32_t row = 0; row < table->rows; row++)
		rows[id_at(table, row)]++;
}

static void take_out(struct table *table, uint32_t id)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++)
		if (table->member[i].id != id)
			table->member[kept++] = table->member[i];
	table->count = kept;
}

/* Of the rows of others than `id` how many, in a million, have changed hands. */
static double moved(const struct table *before, const struct table *after, uint32_t id)
{
	uint32_t others = 0, other = 0;

	assert_int_equal(before->rows, after->rows);
	for (uint32_t row = 0; row < before->rows; row++) {
		if (id_at(before, row) == id)
			continue;
		others++;
		other += id_at(before, row) != id_at(after, row);
	}
	return others ? 1e6 * other / others : 0;
}

static void test_sizes(void **state)
{
	static const struct {
		size_t members;
		uint32_t rows;
	} cases[] = {{1, 251},	  {2, 509},    {5, 1021},    {6, 2039},	   {10, 2039},	 {11, 4093},	   {20, 4093},
		     {81, 16381}, {82, 65521}, {100, 65521}, {327, 65521}, {328, 65521}, {1U << 17, 65521}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(share_rows(cases[i].members), cases[i].rows);
}

/* Equal weights: to half a percent, whatever the weight is and how many there are. */
static void test_equal_shares(void **state)
{
	static const size_t counts[] = {1, 2, 3, 7, 10, 20, 81, 100, 163, 327};
	static const uint32_t weights[] = {1, 3, 100, 256};
	static struct table table;
	uint32_t rows[MOST];

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		double ideal;

		members(&table, 1, counts[i], weights[i % 4]);
		build(&table, maglev_fill);
		count_rows(&table, rows);
		ideal = (double)table.rows / (double)counts[i];
		for (size_t id = 0; id < counts[i]; id++)
			assert_true(fabs(rows[id] - ideal) <= 0.005 * ideal);
	}
}

/* To a row, whatever the weights are; one without a row must not be the end of it. */
static void test_weights(void **state)
{
	static struct table table;
	uint32_t rows[MOST];

	(void)state;
	srand(1);
	for (unsigned int series = 0; series < 60; series++) {
		uint64_t total = 0;

		members(&table, series, 1 + (size_t)rand() % 150, 1);
		for (size_t i = 0; i < table.count; i++) {
			table.member[i].weight = (uint32_t)(series % 3 ? 1 + rand() % 256 : i ? 1 : 256);
			total += table.member[i].weight;
		}
		build(&table, maglev_fill);
		count_rows(&table, rows);
		for (size_t i = 0; i < table.count; i++)
			assert_true(fabs(rows[table.member[i].id] -
					 (double)table.member[i].weight * table.rows / (double)total) < 1);
	}
}

static double leaves(unsigned int series, size_t count, uint32_t id, fill *how)
{
	static struct table before, after;

	members(&before, series, count, 10);
	build(&before, how);
	after = before;
	take_out(&after, id); /* it is down: the pool has as many members as before */
	build(&after, how);
	return moved(&before, &after, id);
}

/* Members leave one of a hundred, in pools of all names: a percent of the others' rows at most. */
static void test_one_leaves(void **state)
{
	double sum = 0, worst = 0;

	(void)state;
	for (unsigned int series = 0; series < 40; series++) {
		double one = leaves(series, 100, series * 2, maglev_fill);

		sum += one;
		worst = one > worst ? one : worst;
	}
	print_message("one of 100 leaves: %.2f%% of the others' rows move, at most %.2f%%\n", sum / 40 / 1e4,
		      worst / 1e4);
	assert_true(worst <= 10000);
	for (unsigned int series = 0; series < 40; series++)
		assert_true(leaves(series, 10, series % 10, maglev_fill) <= 50000);
}

/* Little more than the rows that the weight says. */
static void test_weight_falls(void **state)
{
	static struct table before, after;
	uint32_t other = 0;

	(void)state;
	members(&before, 1, 100, 100);
	build(&before, maglev_fill);
	after = before;
	after.member[17].weight = 90;
	build(&after, maglev_fill);
	for (uint32_t row = 0; row < before.rows; row++)
		other += id_at(&before, row) != id_at(&after, row);
	assert_in_range(other, 30, before.rows / 100);
}

static void shuffle(struct table *table)
{
	for (size_t i = table->count - 1; i > 0; i--) {
		size_t other = (size_t)rand() % (i + 1);
		struct share_member member = table->member[i];

		table->member[i] = table->member[other];
		table->member[other] = member;
	}
}

/* Another router has learned of them in another order, and has other ids. */
static void expect_same_tables(fill *how)
{
	static struct table one, other;

	for (unsigned int series = 0; series < 20; series++) {
		members(&one, series, 2 + series * 5, 7);
		for (size_t i = 0; i < one.count; i++)
			one.member[i].weight = (uint32_t)(1 + rand() % 256);
		other = one;
		shuffle(&other);
		for (size_t i = 0; i < other.count; i++)
			other.member[i].id += 1000;
		build(&one, how);
		build(&other, how);
		assert_memory_equal(one.word, other.word, sizeof(one.word));
		for (size_t i = 0; i < one.count; i++)
			assert_string_equal(one.member[i].name, other.member[i].name);
	}
}

static void test_only_names_count(void **state)
{
	(void)state;
	srand(2);
	expect_same_tables(maglev_fill);
	expect_same_tables(rendezvous_fill);
}

static uint64_t hash_of(const struct table *table)
{
	uint64_t hash = 0;

	for (uint32_t row = 0; row < table->rows; row++)
		hash = share_mix(hash + id_at(table, row) + 1);
	return hash;
}

/* Routers of two versions must agree: these values change only together with what the documents say of upgrades. */
static void test_golden_values(void **state)
{
	static const uint32_t first_rows[][8] = {{1, 0, 1, 0, 1, 3, 2, 1}, {2, 2, 2, 1, 2, 1, 0, 0}};
	static const uint64_t hashes[] = {0xc6af5582bb6c74b9, 0x749480ecf2afb972};
	static fill *const ways[] = {maglev_fill, rendezvous_fill};
	static struct table table;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		members(&table, 77, 4, 2);
		table.member[1].weight = 5;
		assert_int_equal(table.member[0].hash, 0x0a9b3f6de19655ce);
		build(&table, ways[i]);
		for (uint32_t row = 0; row < 8; row++)
			assert_int_equal(id_at(&table, row), first_rows[i][row]);
		assert_int_equal(hash_of(&table), hashes[i]);
	}
}

/* Its own rows and no others, whether it goes or loses weight. */
static void test_rendezvous_moves_no_others(void **state)
{
	static struct table before, after;

	(void)state;
	for (unsigned int series = 0; series < 10; series++) {
		assert_true(leaves(series, 20, series, rendezvous_fill) == 0);
		members(&before, series, 20, 9);
		before.member[3].weight = 200;
		build(&before, rendezvous_fill);
		after = before;
		for (size_t i = 0; i < after.count; i++)
			if (after.member[i].id == series)
				after.member[i].weight--;
		build(&after, rendezvous_fill);
		assert_true(moved(&before, &after, series) == 0);
	}
}

/* As chance has it: four standard deviations. */
static void test_rendezvous_shares(void **state)
{
	static struct table table;
	uint32_t rows[MOST];

	(void)state;
	for (unsigned int series = 0; series < 10; series++) {
		uint64_t total = 0;

		members(&table, series, 100, 1);
		for (size_t i = 0; i < table.count; i++) {
			table.member[i].weight = (uint32_t)(i % 5 * 40 + 20);
			total += table.member[i].weight;
		}
		build(&table, rendezvous_fill);
		count_rows(&table, rows);
		for (size_t i = 0; i < table.count; i++) {
			double p = table.member[i].weight / (double)total, ideal = p * table.rows;

			assert_true(fabs(rows[table.member[i].id] - ideal) < 4.5 * sqrt(ideal * (1 - p)));
		}
	}
}

/* Weights as they are after a factor in thousandths: of all the same, nothing changes. */
static void test_factors(void **state)
{
	static struct table one, other;

	(void)state;
	for (unsigned int series = 0; series < 10; series++) {
		members(&one, series, 20, 1);
		for (size_t i = 0; i < one.count; i++)
			one.member[i].weight = 1 + (uint32_t)i % 3;
		other = one;
		for (size_t i = 0; i < one.count; i++)
			other.member[i].weight *= 1000;
		build(&one, series % 2 ? maglev_fill : rendezvous_fill);
		build(&other, series % 2 ? maglev_fill : rendezvous_fill);
		assert_memory_equal(one.word, other.word, sizeof(one.word));
	}
}

static void test_memory_runs_out(void **state)
{
	static fill *const ways[] = {maglev_fill, rendezvous_fill};
	static struct table table;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int status;

		members(&table, 1, 10, 1);
		share_members_sort(table.member, table.count);
		for (unsigned int nth = 1;; nth++) {
			memset(table.word, 0, sizeof(table.word));
			fail_in = nth;
			status = ways[i](table.member, table.count, table.word, table.rows);
			fail_in = 0;
			if (!status)
				break;
			assert_int_equal(status, -ENOMEM);
			assert_in_range(nth, 1, 10);
		}
		assert_true(hash_of(&table) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_equal_shares),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_one_leaves),
		cmocka_unit_test(test_weight_falls),
		cmocka_unit_test(test_only_names_count),
		cmocka_unit_test(test_golden_values),
		cmocka_unit_test(test_rendezvous_moves_no_others),
		cmocka_unit_test(test_rendezvous_shares),
		cmocka_unit_test(test_factors),
		cmocka_unit_test(test_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
