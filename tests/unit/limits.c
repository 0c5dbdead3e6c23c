/* SPDX-License-Identifier: Apache-2.0 */
/* What a router is configured for decides how large its tables are, and nothing else does. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/dp/datagram.h"
#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/bank/limits.h"
#include "vnf/dataplane/xdp/maps.h"

#define MIB (1 << 20)

static struct dp_limits profile(const char *name)
{
	struct dp_limits limits;

	assert_int_equal(limits_profile(name, &limits), 0);
	limits_complete(&limits);
	assert_true(limits_valid(&limits));
	return limits;
}

static void test_profiles(void **state)
{
	struct dp_limits small = profile("small"), internet = profile("internet"), most = profile("most"), none = {0};

	(void)state;
	assert_int_equal(limits_profile("tiny", &none), -EINVAL);
	assert_int_equal(none.vrfs, 0);
	limits_complete(&none);
	assert_memory_equal(&none, &small, sizeof(none));
	for (enum limit i = 0; i < LIMIT_COUNT; i++) {
		assert_in_range(limit_get(&small, i), 1, limit_get(&internet, i));
		assert_in_range(limit_get(&internet, i), 1, limit_get(&most, i));
		assert_int_equal(limit_get(&most, i), limit_most(i));
	}
}

/* Three words a route, a power of two, and what is set stays. */
static void test_fib_words(void **state)
{
	static const struct {
		uint32_t routes, set, words;
	} cases[] = {
		{1, 0, 1 << 16},      {21845, 0, 1 << 16},	  {21846, 0, 1 << 17},
		{131072, 0, 1 << 19}, {1310720, 0, 1 << 22},	  {2097151, 0, 1 << 23},
		{1, 100000, 1 << 17}, {131072, 1 << 20, 1 << 20}, {2097151, 5, 1 << 16},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dp_limits limits = {.routes = cases[i].routes, .fib_words = cases[i].set};

		limits_complete(&limits);
		assert_int_equal(limits.fib_words, cases[i].words);
		assert_true(limits_valid(&limits));
	}
}

static void test_validity(void **state)
{
	struct dp_limits limits = profile("most");

	(void)state;
	for (enum limit i = 0; i < LIMIT_COUNT; i++) {
		limit_set(&limits, i, 0);
		assert_false(limits_valid(&limits));
		limit_set(&limits, i, limit_most(i) + 1);
		assert_false(limits_valid(&limits));
		limit_set(&limits, i, limit_most(i));
	}
	limits.fib_words = 3 << 16;
	assert_false(limits_valid(&limits));
	limits.fib_words = 1 << 18;
	assert_true(limits_valid(&limits));
	limits.connections = 3 << 10;
	assert_false(limits_valid(&limits));
	limits_complete(&limits);
	assert_int_equal(limits.connections, 1 << 12);
	assert_true(limits_valid(&limits));
}

/* The highest ids have counters, and no others' counters. */
static void test_policy_ids(void **state)
{
	struct dp_limits small = profile("small"), most = profile("most");

	(void)state;
	assert_int_equal(policy_ids(&small), small.policy_rules + 2 * small.security_groups);
	assert_int_equal(policy_ids(&most), DP_MAX_POLICY_IDS);
	assert_true(DP_COUNTER_POLICY + policy_ids(&most) < DP_COUNTER_ROUTES);
}

/* A limit of one, and odd ones: there is a row for each id, hash tables have a power of two and a quarter is used. */
static void test_rows(void **state)
{
	static const uint32_t values[] = {1, 2, 3, 7, 31, 33, 1000, 1024};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		uint32_t value = values[i];
		struct dp_limits limits = {0};

		for (enum limit j = 0; j < LIMIT_fib_words; j++)
			limit_set(&limits, j, value);
		limits_complete(&limits);
		assert_true(limits_valid(&limits));
		assert_int_equal(bank_rows(&limits, DP_TABLE_vrfs), value + 1);
		assert_int_equal(bank_rows(&limits, DP_TABLE_trees), value + 1);
		assert_int_equal(bank_rows(&limits, DP_TABLE_tunnels), value + 1);
		assert_int_equal(bank_rows(&limits, DP_TABLE_next_hops), value + 1);
		assert_int_equal(bank_rows(&limits, DP_TABLE_groups), value + 1);
		assert_int_equal(bank_rows(&limits, DP_TABLE_stages), value * 16 + 1);
		assert_int_equal(bank_rows(&limits, DP_TABLE_classifiers), value * 2);
		for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++) {
			uint32_t rows = bank_rows(&limits, table);
			size_t half = bank_half(&limits, table);

			assert_int_equal(half % 64, 0);
			assert_in_range(half, rows * bank_row_size(table), rows * bank_row_size(table) + 63);
			assert_true(bank_map_bytes(&limits, table) >= 2 * half);
			if (table != DP_TABLE_ports && table != DP_TABLE_vteps && table != DP_TABLE_vnis)
				continue;
			assert_int_equal(rows & (rows - 1), 0);
			assert_true(rows >= 128 && rows >= 4 * value);
		}
	}
}

/* All that the kernel holds for a router and the daemon maps is the maps' sizes together. */
static uint64_t map_bytes(const struct dp_limits *limits, uint32_t cpus)
{
	struct map_size size[MAPS];
	uint64_t bytes = 0;

	maps_sizes(limits, cpus, size);
	for (size_t i = 0; i < MAPS; i++) {
		assert_in_range(strlen(size[i].name), 1, MAPS_NAME - 1);
		bytes += (uint64_t)size[i].value_size * size[i].entries;
	}
	return bytes;
}

static void test_a_small_router_is_small(void **state)
{
	struct dp_limits small = profile("small"), internet = profile("internet"), most = profile("most");
	uint64_t counters = (DP_COUNTER_ROUTES + small.routes + 1 + small.members + 1 + small.listeners + 1) *
			    sizeof(struct dp_counter);

	(void)state;
	assert_int_equal(map_bytes(&small, 2),
			 bank_bytes(&small) + sizeof(struct dp_now) + sizeof(uint64_t) + 2 * counters +
				 (DP_MAX_VRFS + 1) * sizeof(uint64_t) +
				 2 * (sizeof(struct dp_pending) + sizeof(struct dp_owed) + sizeof(struct dp_datagram)) +
				 DP_FRAGMENT_SETS * sizeof(struct dp_fragment_set) +
				 (small.tunnel_endpoints + 1) * sizeof(struct dp_tunnel_path) +
				 small.connections / 2 * sizeof(struct dp_connection_set4) +
				 small.connections / 4 * sizeof(struct dp_connection_set6) +
				 sizeof(struct dp_connection_head) +
				 (small.rate_limiters + 1) * sizeof(struct dp_limiter) +
				 2 * maps_limiter_sets(&small) * sizeof(struct dp_limiter_set) +
				 (small.members + 1) * sizeof(struct dp_member_load));
	assert_true(bank_bytes(&small) < 20 * MIB);
	assert_true(map_bytes(&small, 2) < 35 * MIB);
	assert_true(bank_bytes(&internet) < 123 * MIB);
	assert_true(map_bytes(&internet, 2) < 208 * MIB);
	assert_true(bank_bytes(&most) > 170 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profiles), cmocka_unit_test(test_fib_words),
		cmocka_unit_test(test_validity), cmocka_unit_test(test_policy_ids),
		cmocka_unit_test(test_rows),	 cmocka_unit_test(test_a_small_router_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
