/* SPDX-License-Identifier: Apache-2.0 */
/* The policy engine against a list of the same rules: whatever changes, packets find the best rule of each category. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/policy_model.h"
#include "tests/wants_long.h"

static bool is_long;

static void compare(struct policy_bench *bench, uint32_t queries)
{
	for (uint32_t i = 0; i < queries; i++) {
		struct policy_query query = policy_some_query(bench, (uint16_t)(1 + i % MODEL_VRFS));

		assert_same_found(bench, &query);
	}
}

/* All out again, in any order: nothing of the pool is in use. */
static void empty(struct policy_bench *bench)
{
	for (uint32_t id = bench->model.rules; id; id--) {
		assert_int_equal(policy_unset(bench->policy, bench->model.rule[id].vrf, id),
				 bench->model.rule[id].vrf != 0);
		bench->model.rule[id].vrf = 0;
		if (id % 64 == 0)
			compare(bench, 10);
	}
	assert_int_equal(policy_words_used(bench->policy), 0);
	for (uint16_t vrf = 1; vrf <= MODEL_VRFS; vrf++) {
		struct dp_policy none = {.epoch = 0};

		assert_memory_equal(&bench->bank->policies[vrf], &none, sizeof(none));
		assert_int_equal(policy_cost(bench->policy, vrf).rules, 0);
	}
}

static void changes(uint32_t rules, uint32_t steps, uint32_t queries)
{
	uint32_t refused = 0, worst = 0;
	struct policy_bench bench;

	policy_bench_start(&bench, rules);
	for (uint32_t i = 0; i < steps; i++) {
		int status = policy_random_change(&bench);

		assert_true(!status || status == -E2BIG);
		refused += status != 0;
		compare(&bench, queries);
	}
	for (uint16_t vrf = 1; vrf <= MODEL_VRFS; vrf++) {
		struct policy_cost cost = policy_cost(bench.policy, vrf);

		worst = cost.probes > worst ? cost.probes : worst;
	}
	print_message("%u changes of up to %u rules: %u refused; a packet looks into %u tuples at most\n", steps, rules,
		      refused, worst);
	empty(&bench);
	policy_bench_stop(&bench);
}

static void test_few_rules(void **state)
{
	(void)state;
	changes(24, is_long ? 200000 : 20000, 6);
}

static void test_some_rules(void **state)
{
	(void)state;
	changes(200, is_long ? 100000 : 5000, 9);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_rules),
		cmocka_unit_test(test_some_rules),
	};

	is_long = wants_long(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
