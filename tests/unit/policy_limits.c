/* SPDX-License-Identifier: Apache-2.0 */
/* The policy engine without memory, with a full pool, and at the limits of its layout: an error, and nothing changed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"
#include "tests/unit/policy_model.h"
#include "vnf/dataplane/bank/limits.h"

static void compare(struct policy_bench *bench, uint32_t queries)
{
	for (uint32_t i = 0; i < queries; i++) {
		struct policy_query query = policy_some_query(bench, (uint16_t)(1 + i % MODEL_VRFS));

		assert_same_found(bench, &query);
	}
}

static void empty(struct policy_bench *bench)
{
	for (uint32_t id = 1; id <= bench->model.rules; id++)
		if (bench->model.rule[id].vrf)
			assert_true(policy_unset(bench->policy, bench->model.rule[id].vrf, id));
	assert_int_equal(policy_words_used(bench->policy), 0);
	policy_bench_stop(bench);
}

/* Each change is tried with its first allocation failing, then its second, and so on until it gets all. What is taken
 * out needs none. */
static void test_out_of_memory(void **state)
{
	uint32_t refused = 0;
	struct policy_bench bench;

	(void)state;
	policy_bench_start(&bench, 60);
	fail_in = 1;
	assert_null(policy_new(bench.bank, &bench.limits));
	fail_in = 0;
	for (uint32_t i = 0; i < 3000; i++) {
		for (uint32_t in = 1;; in++) {
			uint64_t random = bench.random;
			int status;

			fail_in = in;
			status = policy_random_change(&bench);
			if (status != -ENOMEM) {
				assert_true(!status || status == -E2BIG);
				fail_in = 0;
				break;
			}
			fail_in = 0;
			refused++;
			compare(&bench, 3);
			bench.random = random;
		}
		compare(&bench, 3);
	}
	print_message("%u times out of memory\n", refused);
	assert_true(refused > 1000);
	empty(&bench);
}

/* As test_policy, but in so small a pool that it is full again and again. */
static void test_full_pool(void **state)
{
	uint32_t refused = 0, members = 0;
	struct policy_bench bench;
	struct model_rule rule, *old;

	(void)state;
	policy_bench_start(&bench, 400);
	/* What another VRF's set takes leaves little: a prefix of 128 bits takes the most. */
	policy_some_rule(&bench.random, 1, &rule);
	memset(&rule.pattern.source, 0, sizeof(rule.pattern.source));
	rule.pattern.source.port_last = UINT16_MAX;
	rule.pattern.source.set = 20;
	rule.vrf = MODEL_VRFS;
	rule.pattern.family = 0;
	assert_int_equal(policy_set(bench.policy, rule.vrf, &rule.pattern, &rule.rule, NULL), 0);
	for (int status = 0; !status; members++) {
		struct ip_prefix prefix = {.address.family = 6, .length = 128};

		address_randomise(&prefix.address, 0, &bench.random);
		status = policy_add_member(bench.policy, rule.vrf, 20, &prefix);
		assert_true(!status || status == -ENOSPC);
	}
	print_message("%u members of one set in %llu words\n", members,
		      (unsigned long long)policy_words_used(bench.policy));
	for (uint32_t i = 0; i < 6000; i++) {
		int status = 0;

		/* Rule 1 is the set's, which the list of rules does not have. */
		do
			policy_some_rule(&bench.random, 2 + random_below(&bench.random, 399), &rule);
		while (rule.vrf == MODEL_VRFS);
		old = &bench.model.rule[rule.rule.id];
		if (random_below(&bench.random, 4)) {
			status = policy_bench_set(&bench, &rule);
		} else if (old->vrf) {
			assert_true(policy_unset(bench.policy, old->vrf, rule.rule.id));
			old->vrf = 0;
		}
		assert_true(!status || status == -ENOSPC || status == -E2BIG);
		refused += status == -ENOSPC;
		compare(&bench, 2);
	}
	print_message("%u times full\n", refused);
	assert_true(refused > 100);
	assert_true(policy_unset(bench.policy, MODEL_VRFS, 1));
	empty(&bench);
}

static struct model_rule plain(uint32_t id)
{
	struct model_rule rule = {.vrf = 1, .pattern.protocol = DP_POLICY_NO_PROTOCOL};

	rule.pattern.source.port_last = rule.pattern.destination.port_last = UINT16_MAX;
	rule.rule = (struct dp_policy_rule){.id = id, .order = id, .action = DP_POLICY_DENY};
	return rule;
}

/* Prefixes one in the other take a layer each; there is one fewer for them than layers. */
static void test_layers(void **state)
{
	struct policy_bench bench;

	(void)state;
	policy_bench_start(&bench, 64);
	for (uint8_t i = 1; i < 20; i++) {
		struct model_rule rule = plain(i);

		rule.pattern.source.prefix = (struct ip_prefix){.address = {.family = 4}, .length = i};
		assert_int_equal(policy_bench_set(&bench, &rule), i < DP_POLICY_LAYERS ? 0 : -E2BIG);
		compare(&bench, 30);
	}
	assert_int_equal(policy_cost(bench.policy, 1).probes, DP_POLICY_LAYERS - 1);
	empty(&bench);
}

/* Rules of one key: eight that differ in guards, or seven and any number without. */
static void test_chain(void **state)
{
	struct policy_bench bench;

	(void)state;
	policy_bench_start(&bench, 64);
	for (uint8_t i = 1; i <= 10; i++) {
		struct model_rule rule = plain(i);

		rule.guarded = true;
		rule.guard = (struct dp_policy_guard){.asks = DP_GUARD_DSCP, .dscp = i};
		assert_int_equal(policy_bench_set(&bench, &rule), i <= DP_POLICY_CHAIN ? 0 : -E2BIG);
	}
	for (uint8_t i = 11; i <= 20; i++) {
		struct model_rule rule = plain(i);

		assert_int_equal(policy_bench_set(&bench, &rule), i == 11 ? -E2BIG : 0);
		if (i == 11) {
			assert_true(policy_unset(bench.policy, 1, 5));
			bench.model.rule[5].vrf = 0;
		}
	}
	for (uint8_t dscp = 0; dscp < 12; dscp++) {
		struct policy_query query = policy_some_query(&bench, 1);

		query.dscp = dscp;
		assert_same_found(&bench, &query);
	}
	empty(&bench);
}

static void test_what_is_no_rule(void **state)
{
	struct ip_prefix prefix = {.address.family = 4, .length = 33};
	struct policy_bench bench;
	struct model_rule rule;

	(void)state;
	policy_bench_start(&bench, 4);
	for (int i = 0; i < 7; i++) {
		rule = plain(1);
		rule.rule.id = i == 0 ? policy_ids(&bench.limits) + 1 : 1;
		rule.vrf = i == 1 ? 0 : i == 2 ? MODEL_VRFS + 1 : 1;
		rule.rule.category = i == 3 ? DP_POLICY_CATEGORIES : 0;
		rule.pattern.source.port_last = i == 4 ? 0 : UINT16_MAX;
		rule.pattern.source.port_first = i == 4 ? 1 : 0;
		rule.pattern.source.set = i == 5 ? POLICY_SETS + 1 : 0;
		if (i == 6)
			rule.pattern.source.prefix = prefix;
		assert_int_equal(policy_set(bench.policy, rule.vrf, &rule.pattern, &rule.rule, NULL), -EINVAL);
	}
	assert_int_equal(policy_add_member(bench.policy, 1, 1, &prefix), -EINVAL);
	assert_false(policy_unset(bench.policy, 1, 1));
	assert_false(policy_unset(bench.policy, 1, policy_ids(&bench.limits) + 1));
	assert_false(policy_remove_member(bench.policy, 1, 1, &prefix));
	assert_int_equal(policy_rebuild(bench.policy, 1), 0);
	empty(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_out_of_memory),	cmocka_unit_test(test_full_pool),
		cmocka_unit_test(test_layers),		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_what_is_no_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
