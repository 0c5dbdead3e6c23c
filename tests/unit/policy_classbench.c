/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ten thousand rules of ClassBench against the list of them: every packet of its traces, after random changes, and
 * packets that climb towards the most work. Ten times as much with --long or SLUICE_LONG=1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/classbench.h"
#include "tests/unit/policy_model.h"
#include "tests/wants_long.h"

#define VRF 1

static bool is_long;
static struct classbench classbench;
static struct policy_bench bench;

static double milliseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* The rule that a packet finds. */
static uint32_t found_for(const struct classbench_key *key)
{
	struct policy_found found;
	struct policy_query query;

	classbench_query(key, VRF, &query);
	policy_look_up(bench.bank, &bench.limits, &query, &found);
	return found.row[DP_POLICY_ACCESS];
}

static uint32_t probes_for(const struct classbench_key *key)
{
	struct policy_query query;

	classbench_query(key, VRF, &query);
	return policy_probes(bench.bank, &bench.limits, &query);
}

static void compare(const struct classbench_key *key, const bool *off)
{
	assert_int_equal(found_for(key), classbench_first(&classbench, key, off));
}

/* All packets of the trace; says how many tuples they look into. */
static void compare_trace(const char *when)
{
	uint32_t sum = 0, most = 0, bound = policy_cost(bench.policy, VRF).probes;

	for (uint32_t i = 0; i < classbench.keys; i++) {
		uint32_t probes = probes_for(&classbench.key[i]);

		compare(&classbench.key[i], NULL);
		assert_true(probes <= bound);
		sum += probes;
		most = probes > most ? probes : most;
	}
	print_message("%s: %u packets, none different; tuples looked into: %.2f on average, %u at most\n", when,
		      classbench.keys, (double)sum / classbench.keys, most);
}

static void print_cost(const char *when)
{
	struct policy_cost cost = policy_cost(bench.policy, VRF);

	print_message("%s: %u rules, %u tuples, %u values, at most %u looked into, %.0f bytes a rule\n", when,
		      cost.rules, cost.tuples, cost.values, cost.probes, (double)cost.bytes / cost.rules);
	assert_true(cost.probes <= DP_POLICY_PROBES);
	if (cost.rules == classbench.rules)
		assert_true(cost.bytes <= 300 * cost.rules);
}

static void test_trace(void **state)
{
	double start = milliseconds();

	(void)state;
	for (uint32_t i = 0; i < classbench.rules; i++)
		assert_int_equal(classbench_set(bench.policy, VRF, &classbench, i), 0);
	print_message("set one after the other: %.0f ms\n", milliseconds() - start);
	print_cost("as set");
	compare_trace("as set");
	start = milliseconds();
	assert_int_equal(policy_rebuild(bench.policy, VRF), 0);
	print_message("rebuilt in %.0f ms\n", milliseconds() - start);
	print_cost("rebuilt");
	compare_trace("rebuilt");
}

/* Of some rule's corner, or just outside. */
static struct classbench_key some_key(void)
{
	const struct classbench_rule *rule = &classbench.rule[random_below(&bench.random, classbench.rules)];
	struct classbench_key key = {.protocol = random_below(&bench.random, 4) ? rule->protocol
										: (uint8_t)random_next(&bench.random)};

	for (int end = 0; end < 2; end++) {
		uint32_t inside = (uint32_t)random_next(&bench.random) & ~rule->mask[end];

		switch (random_below(&bench.random, 4)) {
		case 0:
			inside = 0;
			break;
		case 1:
			inside = ~rule->mask[end];
			break;
		}
		key.address[end] = rule->address[end] | inside;
		if (!random_below(&bench.random, 4))
			key.address[end] += random_below(&bench.random, 2) ? 1 : -1U;
		key.port[end] = random_below(&bench.random, 2) ? rule->first[end] : rule->last[end];
		key.port[end] = (uint16_t)(key.port[end] + random_below(&bench.random, 3) - 1);
		rule = random_below(&bench.random, 2) ? rule
						      : &classbench.rule[random_below(&bench.random, classbench.rules)];
	}
	return key;
}

static void test_changes(void **state)
{
	bool *off = calloc(classbench.rules, sizeof(*off));
	uint32_t steps = is_long ? 100000 : 10000;

	(void)state;
	assert_non_null(off);
	for (uint32_t i = 0; i < steps; i++) {
		uint32_t index = random_below(&bench.random, classbench.rules);
		struct classbench_key key = some_key();

		if (off[index])
			assert_int_equal(classbench_set(bench.policy, VRF, &classbench, index), 0);
		else
			assert_true(policy_unset(bench.policy, VRF, index + 1));
		off[index] = !off[index];
		compare(&key, off);
		key.port[1] = classbench.rule[index].first[1];
		key.port[0] = classbench.rule[index].first[0];
		key.address[0] = classbench.rule[index].address[0];
		key.address[1] = classbench.rule[index].address[1];
		key.protocol = classbench.rule[index].protocol;
		compare(&key, off);
	}
	print_cost("after random changes");
	for (uint32_t index = 0; index < classbench.rules; index++)
		if (off[index])
			assert_int_equal(classbench_set(bench.policy, VRF, &classbench, index), 0);
	print_cost("all set again");
	compare_trace("all set again");
	free(off);
}

/* One field as in another packet, or random. */
static struct classbench_key neighbour(struct classbench_key key)
{
	struct classbench_key other = some_key();
	uint32_t end = random_below(&bench.random, 2);

	switch (random_below(&bench.random, 5)) {
	case 0:
		key.protocol = other.protocol;
		break;
	case 1:
	case 2:
		key.port[end] = other.port[end];
		break;
	default:
		key.address[end] = other.address[end];
		break;
	}
	return key;
}

/* From many packets, to ever worse ones: none passes the bound, and all find their rule. */
static void test_adversary(void **state)
{
	uint32_t climbs = is_long ? 400 : 40, worst = 0, bound = policy_cost(bench.policy, VRF).probes;

	(void)state;
	for (uint32_t i = 0; i < climbs; i++) {
		struct classbench_key key = some_key();
		uint32_t probes = probes_for(&key);

		for (uint32_t step = 0; step < 2000; step++) {
			struct classbench_key next = neighbour(key);
			uint32_t more = probes_for(&next);

			if (more < probes)
				continue;
			key = next;
			probes = more;
		}
		assert_true(probes <= bound);
		compare(&key, NULL);
		worst = probes > worst ? probes : worst;
	}
	print_message("%u climbs: a packet that looks into %u tuples, of %u that the engine says\n", climbs, worst,
		      bound);
}

static void test_end(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < classbench.rules; i++)
		assert_true(policy_unset(bench.policy, VRF, i + 1));
	assert_int_equal(policy_words_used(bench.policy), 0);
}

static int load(void **state, const char *name)
{
	(void)state;
	policy_bench_start(&bench, 16384);
	if (!classbench_load(&classbench, name))
		return -1;
	print_message("ClassBench %s: %u rules, %u packets\n", name, classbench.rules, classbench.keys);
	return 0;
}

static int load_acl1(void **state)
{
	return load(state, "acl1");
}

static int load_fw1(void **state)
{
	return load(state, "fw1");
}

static int unload(void **state)
{
	(void)state;
	classbench_free(&classbench);
	policy_bench_stop(&bench);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_adversary),
		cmocka_unit_test(test_end),
	};
	int failed;

	is_long = wants_long(argc, argv);
	if (!classbench_load(&classbench, "acl1")) {
		printf("SKIP: ClassBench's files are not in %s\n", SLUICE_DATA);
		return 77;
	}
	classbench_free(&classbench);
	failed = cmocka_run_group_tests_name("acl1", tests, load_acl1, unload);
	return cmocka_run_group_tests_name("fw1", tests, load_fw1, unload) || failed;
}
