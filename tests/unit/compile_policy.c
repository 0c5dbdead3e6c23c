/* SPDX-License-Identifier: Apache-2.0 */
/* Rules, groups and security groups in the policy engine, looked up as packets do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vnf/dataplane/policy/find.h"
#include "compile_fake_policy.h"
#include "compile_fixture.h"
#include "failing.h"
#include "vnf/features/policy/policy.h"

/* Rules of both kinds have ids of one space; fake_name gives each kind its own. */
static void shift_ids(const char *name)
{
	fake_name(RESOURCE_SECURITY_GROUP_RULE, name)->id += 100;
}

static void run(void)
{
	snapshot.revision++;
	if (fake_run(fake, &snapshot))
		fail_msg("%s", fake->error.fault[0].message);
}

static struct policy_query query_of(const char *vrf, const char *source, const char *destination, uint16_t port)
{
	struct policy_query query = {.vrf = (uint16_t)fake_id(RESOURCE_VRF, vrf),
				     .destination_port = port,
				     .protocol = 6,
				     .has_ports = 1,
				     .categories = 0xff};
	struct ip_address address;

	assert_int_equal(ip_address_parse(source, &address), 0);
	query.family = address.family;
	ip_address_map(&address, query.source.byte);
	assert_int_equal(ip_address_parse(destination, &address), 0);
	ip_address_map(&address, query.destination.byte);
	return query;
}

/* The rule of the category that a TCP packet meets; id 0: none. */
static struct dp_policy_rule find(const struct policy_query *query, enum dp_policy_category category)
{
	const struct bank *bank = fake->bank;
	struct policy_found found;

	assert_int_equal(policy_find(bank, &fake_limits, query, &found), 0);
	return bank->policy_rules[found.row[category]];
}

static void expect(const char *source, const char *destination, uint16_t port, enum dp_policy_category category,
		   uint8_t action)
{
	const struct policy_query query = query_of("red", source, destination, port);

	if (find(&query, category).action != action)
		fail_msg("%s to %s:%u: action %u, not %u", source, destination, port, find(&query, category).action,
			 action);
}

static int setup(void **state)
{
	fake_run_setup(state);
	fake_put(&snapshot, fake_vrf("red", NULL));
	fake_put(&snapshot, fake_vrf("blue", NULL));
	return 0;
}

static int teardown(void **state)
{
	fake_run_teardown(state);
	while (made_count)
		free(made[--made_count]);
	return 0;
}

static const struct dp_vrf *vrf_row(const char *name)
{
	return &fake->bank->vrfs[fake_id(RESOURCE_VRF, name)];
}

static uint32_t epoch_of(const char *name)
{
	return fake->bank->policies[fake_id(RESOURCE_VRF, name)].epoch;
}

/* By priority, and of equal ones deny before reject before allow; a VRF without rules has no policy. */
static void rules_by_priority(void **state)
{
	struct policy_rule *web = rule("web", "red", 5, SLUICE__V1__ACCESS__ACCESS_ALLOW);

	(void)state;
	web->match.protocol = 6;
	web->match.destination.ports = (struct policy_ports){80, 90};
	fake_put(&snapshot, &web->resource);
	fake_put(&snapshot, &rule("rest", "red", 9, SLUICE__V1__ACCESS__ACCESS_REJECT)->resource);
	run();
	expect("10.0.0.1", "10.0.0.2", 80, DP_POLICY_ACCESS, DP_POLICY_ALLOW);
	expect("10.0.0.1", "10.0.0.2", 91, DP_POLICY_ACCESS, DP_POLICY_REJECT);
	expect("2001:db8::1", "2001:db8::2", 90, DP_POLICY_ACCESS, DP_POLICY_ALLOW);
	assert_true(vrf_row("red")->features & DP_FEATURE_POLICY);
	assert_false(vrf_row("blue")->features & DP_FEATURE_POLICY);
	assert_int_equal(epoch_of("red"), snapshot.revision);
	fake_put(&snapshot, &rule("deny", "red", 5, SLUICE__V1__ACCESS__ACCESS_DENY)->resource);
	run();
	expect("10.0.0.1", "10.0.0.2", 80, DP_POLICY_ACCESS, DP_POLICY_DENY);
	fake_remove(&snapshot, RESOURCE_POLICY_RULE, "deny");
	fake_put(&snapshot, &rule("rest", "blue", 9, SLUICE__V1__ACCESS__ACCESS_REJECT)->resource);
	run();
	expect("10.0.0.1", "10.0.0.2", 80, DP_POLICY_ACCESS, DP_POLICY_ALLOW);
	expect("10.0.0.1", "10.0.0.2", 91, DP_POLICY_ACCESS, 0);
	assert_true(vrf_row("blue")->features & DP_FEATURE_POLICY);
	fake_remove(&snapshot, RESOURCE_POLICY_RULE, "rest");
	fake_remove(&snapshot, RESOURCE_POLICY_RULE, "web");
	run();
	assert_false(vrf_row("red")->features & DP_FEATURE_POLICY);
	assert_false(vrf_row("blue")->features & DP_FEATURE_POLICY);
}

/* Members of groups in groups, each once, wherever they change; only VRFs that use them have them. */
static void nested_groups(void **state)
{
	struct policy_rule *deny = rule("deny", "red", 1, SLUICE__V1__ACCESS__ACCESS_DENY);
	uint32_t epoch;

	(void)state;
	deny->match.source.group = fake_name(RESOURCE_ADDRESS_GROUP, "outer");
	fake_put(&snapshot, address_group("inner", LIST("10.0.0.0/24", "10.0.1.0/24"), NULL));
	fake_put(&snapshot, address_group("middle", LIST("10.0.1.0/24"), "inner"));
	fake_put(&snapshot, address_group("outer", NULL, "middle"));
	fake_put(&snapshot, &deny->resource);
	run();
	expect("10.0.0.9", "192.0.2.1", 1, DP_POLICY_ACCESS, DP_POLICY_DENY);
	expect("10.0.1.9", "192.0.2.1", 1, DP_POLICY_ACCESS, DP_POLICY_DENY);
	/* It is in the other one, too. */
	fake_put(&snapshot, address_group("inner", LIST("10.0.0.0/24", "2001:db8::/32"), NULL));
	run();
	expect("10.0.1.9", "192.0.2.1", 1, DP_POLICY_ACCESS, DP_POLICY_DENY);
	expect("2001:db8::1", "2001:db8:1::1", 1, DP_POLICY_ACCESS, DP_POLICY_DENY);
	fake_put(&snapshot, address_group("middle", NULL, "inner"));
	run();
	expect("10.0.1.9", "192.0.2.1", 1, DP_POLICY_ACCESS, 0);
	expect("10.0.0.9", "192.0.2.1", 1, DP_POLICY_ACCESS, DP_POLICY_DENY);
	epoch = epoch_of("red");
	assert_int_equal(epoch, snapshot.revision);
	assert_int_equal(epoch_of("blue"), 0);
	/* What nobody uses changes nothing. */
	fake_put(&snapshot, address_group("unused", LIST("10.9.0.0/16"), NULL));
	run();
	deny = rule("deny", "red", 1, SLUICE__V1__ACCESS__ACCESS_DENY);
	deny->match.destination.group = fake_name(RESOURCE_ADDRESS_GROUP, "unused");
	fake_put(&snapshot, &deny->resource);
	run();
	expect("10.0.0.9", "192.0.2.1", 1, DP_POLICY_ACCESS, 0);
	expect("10.0.0.9", "10.9.0.1", 1, DP_POLICY_ACCESS, DP_POLICY_DENY);
}

/* What a group's rules don't allow is denied, each way; its state is its rules'. */
static void security_groups(void **state)
{
	struct security_group_rule *in = group_rule("in", "web", SLUICE__V1__DIRECTION__DIRECTION_INGRESS, 80);
	struct security_group_rule *out = group_rule("out", "web", SLUICE__V1__DIRECTION__DIRECTION_EGRESS, 443);
	struct policy_query query;

	(void)state;
	in->remote_group = fake_name(RESOURCE_SECURITY_GROUP, "web");
	in->established = SLUICE__V1__ESTABLISHED__ESTABLISHED_RESET;
	fake_put(&snapshot, security_group("web", "red", false, LIST("10.1.0.1/32", "10.1.0.2/32")));
	fake_put(&snapshot, &in->resource);
	fake_put(&snapshot, &out->resource);
	shift_ids("in");
	shift_ids("out");
	run();
	expect("10.1.0.2", "10.1.0.1", 80, DP_POLICY_INGRESS, DP_POLICY_ALLOW);
	expect("10.2.0.2", "10.1.0.1", 80, DP_POLICY_INGRESS, DP_POLICY_DENY);
	expect("10.1.0.1", "10.2.0.2", 443, DP_POLICY_EGRESS, DP_POLICY_ALLOW);
	expect("10.1.0.1", "10.2.0.2", 80, DP_POLICY_EGRESS, DP_POLICY_DENY);
	expect("10.2.0.1", "10.2.0.2", 80, DP_POLICY_EGRESS, 0);
	query = query_of("red", "10.1.0.2", "10.1.0.1", 80);
	assert_int_equal(find(&query, DP_POLICY_INGRESS).flags, DP_POLICY_RESET | DP_POLICY_STATEFUL);
	query = query_of("red", "10.2.0.2", "10.1.0.1", 80);
	assert_int_equal(find(&query, DP_POLICY_INGRESS).id,
			 fake_limits.policy_rules + 2 * fake_id(RESOURCE_SECURITY_GROUP, "web"));
	/* One member goes, and no connections are followed any more. */
	fake_put(&snapshot, security_group("web", "red", true, LIST("10.1.0.1/32")));
	run();
	expect("10.1.0.2", "10.1.0.1", 80, DP_POLICY_INGRESS, DP_POLICY_DENY);
	expect("10.1.0.2", "10.2.0.2", 80, DP_POLICY_EGRESS, 0);
	query = query_of("red", "10.1.0.1", "10.1.0.1", 80);
	assert_int_equal(find(&query, DP_POLICY_INGRESS).flags, DP_POLICY_RESET);
	fake_remove(&snapshot, RESOURCE_SECURITY_GROUP_RULE, "in");
	fake_remove(&snapshot, RESOURCE_SECURITY_GROUP_RULE, "out");
	fake_remove(&snapshot, RESOURCE_SECURITY_GROUP, "web");
	run();
	expect("10.1.0.1", "10.2.0.2", 80, DP_POLICY_EGRESS, 0);
	assert_false(vrf_row("red")->features & DP_FEATURE_POLICY);
}

static struct policy_rule *option_rule(const char *name, uint8_t type)
{
	struct policy_rule *watch = rule(name, "red", 1, 0);

	watch->action = SLUICE__V1__POLICY_RULE__ACTION_OBSERVE;
	watch->what = SLUICE__V1__OBSERVE__OBSERVE_COUNT;
	watch->match.has_tunnel = true;
	watch->match.option = (struct policy_option){
		.option_class = 0x0103, .type = type, .length = 2, .value = {1, 2}, .mask = {0xff, 0xff}};
	return watch;
}

/* A VRF's rules ask for at most four options, whose places stay while they are asked for. */
static void geneve_options(void **state)
{
	const struct dp_policy *policy = &fake->bank->policies[fake_name(RESOURCE_VRF, "red")->id];
	const struct dp_policy_rule *row;
	char name[8];

	(void)state;
	for (uint8_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "o%u", i);
		fake_put(&snapshot, &option_rule(name, i)->resource);
	}
	run();
	assert_int_equal(policy->option_count, 4);
	fake_put(&snapshot, &option_rule("o4", 9)->resource);
	assert_true(fake_run(fake, &snapshot) < 0);
	assert_non_null(strstr(fake->error.fault[0].message, "more than 4 different Geneve options"));
	/* One goes and one comes. */
	fake_remove(&snapshot, RESOURCE_POLICY_RULE, "o2");
	run();
	row = &fake->bank->policy_rules[fake_id(RESOURCE_POLICY_RULE, "o4")];
	assert_int_equal(policy->option[fake->bank->policy_guards[row->guard].option], 0x010309);
	row = &fake->bank->policy_rules[fake_id(RESOURCE_POLICY_RULE, "o3")];
	assert_int_equal(policy->option[fake->bank->policy_guards[row->guard].option], 0x010303);
	assert_true(fake->bank->policy_guards[row->guard].option_value == 0x0102000000000000);
	assert_int_equal(fake->bank->policy_guards[row->guard].asks, DP_GUARD_TUNNEL | DP_GUARD_OPTION);
}

/* Into a chain: to its first stage that is not skipped. */
static void steering(void **state)
{
	struct policy_rule *steer = rule("steer", "red", 1, 0), *route = rule("route", "red", 2, 0);
	struct policy_query query = query_of("red", "10.0.0.1", "10.0.0.2", 80);

	(void)state;
	steer->action = SLUICE__V1__POLICY_RULE__ACTION_PORT_CHAIN;
	steer->target = fake_name(RESOURCE_PORT_CHAIN, "chain");
	steer->match.protocol = 6;
	route->action = SLUICE__V1__POLICY_RULE__ACTION_NEXT_HOP_GROUP;
	route->target = fake_name(RESOURCE_NEXT_HOP_GROUP, "drop");
	for (uint32_t i = 11; i <= 14; i++) {
		char name[8];

		snprintf(name, sizeof(name), "i%u", i);
		fake_link(i, name, i > 12);
		fake_put(&snapshot, fake_interface(name, name, "red", 0));
	}
	fake_put(&snapshot, fake_pair("p1", "i11", "i12"));
	fake_put(&snapshot, fake_pair("p2", "i13", "i14"));
	fake_put(&snapshot, fake_pair_group("g1", true, "p1", NULL));
	fake_put(&snapshot, fake_pair_group("g2", false, "p2", NULL));
	fake_put(&snapshot, fake_classifier("web", "red", 20, "10.1.0.0/16", "192.0.2.0/24", 6, 80));
	fake_put(&snapshot, fake_chain("chain", false, "web", NULL, "g1", "g2", NULL));
	fake_put(&snapshot, fake_discard("n"));
	fake_put(&snapshot, fake_group("drop", "n", NULL));
	fake_put(&snapshot, &steer->resource);
	fake_put(&snapshot, &route->resource);
	run();
	query.vrf = (uint16_t)fake_id(RESOURCE_VRF, "red");
	assert_int_equal(find(&query, DP_POLICY_STEER).action, DP_POLICY_STAGE);
	assert_int_equal(find(&query, DP_POLICY_STEER).target, 3); /* g1 fails open, and is down */
	fake_link(11, "i11", true);
	fake_link(12, "i12", true);
	run();
	assert_int_equal(find(&query, DP_POLICY_STEER).target, 1);
	query.protocol = 17;
	assert_int_equal(find(&query, DP_POLICY_STEER).action, DP_POLICY_GROUP);
	assert_int_equal(find(&query, DP_POLICY_STEER).target, fake_id(RESOURCE_NEXT_HOP_GROUP, "drop"));
}

/* Every allocation of a run fails once, in turn: the engine and the tables are then what they were before. */
static void memory_fails(void **state)
{
	struct policy_rule *deny = rule("deny", "red", 1, SLUICE__V1__ACCESS__ACCESS_DENY);
	struct snapshot first;
	unsigned int refused = 0;

	(void)state;
	deny->match.source.group = fake_name(RESOURCE_ADDRESS_GROUP, "g");
	fake_put(&snapshot, address_group("g", LIST("10.0.0.0/24"), "h"));
	fake_put(&snapshot, address_group("h", LIST("10.0.1.0/24"), NULL));
	fake_put(&snapshot, security_group("sg", "red", false, LIST("10.1.0.1/32")));
	fake_put(&snapshot, &deny->resource);
	run();
	first = snapshot;
	deny = rule("deny", "red", 1, SLUICE__V1__ACCESS__ACCESS_REJECT);
	deny->match.destination.group = fake_name(RESOURCE_ADDRESS_GROUP, "g");
	fake_put(&snapshot, address_group("h", LIST("10.0.2.0/24", "10.0.3.0/24"), NULL));
	fake_put(&snapshot, security_group("sg", "red", false, LIST("10.1.0.2/32")));
	fake_put(&snapshot, &deny->resource);
	fake_put(&snapshot, &rule("new", "blue", 1, SLUICE__V1__ACCESS__ACCESS_DENY)->resource);
	for (unsigned int n = 2;; n++) { /* the first one is the test's own */
		int result;

		fail_in = n;
		snapshot.revision++;
		result = fake_run(fake, &snapshot);
		if (fail_in) {
			fail_in = 0;
			assert_int_equal(result, 0);
			break;
		}
		if (!result) {
			assert_int_equal(fake_run(fake, &first), 0);
			continue;
		}
		refused++;
		assert_false(fake->tables->policy_lost);
		expect("10.0.1.9", "192.0.2.1", 1, DP_POLICY_ACCESS, DP_POLICY_DENY);
		expect("192.0.2.1", "10.0.2.9", 1, DP_POLICY_ACCESS, 0);
		expect("10.1.0.1", "192.0.2.1", 1, DP_POLICY_EGRESS, DP_POLICY_DENY);
		expect("10.1.0.2", "192.0.2.1", 1, DP_POLICY_EGRESS, 0);
	}
	print_message("%u refused\n", refused);
	assert_true(refused > 20);
	expect("192.0.2.1", "10.0.3.9", 1, DP_POLICY_ACCESS, DP_POLICY_REJECT);
	expect("10.0.1.9", "192.0.2.1", 1, DP_POLICY_ACCESS, 0);
	expect("10.1.0.2", "192.0.2.1", 1, DP_POLICY_EGRESS, DP_POLICY_DENY);
}

/* An engine that is filled anew has all that it had. */
static void filled_anew(void **state)
{
	struct policy_rule *deny = rule("deny", "red", 1, SLUICE__V1__ACCESS__ACCESS_DENY);
	struct security_group_rule *in = group_rule("in", "web", SLUICE__V1__DIRECTION__DIRECTION_INGRESS, 80);
	uint32_t epoch;

	(void)state;
	deny->match.source.group = fake_name(RESOURCE_ADDRESS_GROUP, "g");
	fake_put(&snapshot, address_group("g", LIST("10.0.0.0/24"), NULL));
	fake_put(&snapshot, security_group("web", "red", false, LIST("10.1.0.1/32")));
	fake_put(&snapshot, &deny->resource);
	fake_put(&snapshot, &in->resource);
	shift_ids("in");
	run();
	epoch = epoch_of("red");
	policy_free(fake->policy);
	memset(fake->bank->policies, 0, bank_rows(&fake_limits, DP_TABLE_policies) * sizeof(*fake->bank->policies));
	memset(fake->bank->policy_trees, 0,
	       bank_rows(&fake_limits, DP_TABLE_policy_trees) * sizeof(*fake->bank->policy_trees));
	fake->policy = fake->tables->policy = policy_new(fake->bank, &fake_limits);
	assert_non_null(fake->policy);
	assert_int_equal(tables_fill_policy(fake->tables), 0);
	assert_int_equal(policy_changes_do(&fake->tables->policies, fake->policy), 0);
	policy_changes_free(&fake->tables->policies);
	expect("10.0.0.9", "192.0.2.1", 1, DP_POLICY_ACCESS, DP_POLICY_DENY);
	expect("10.0.0.9", "10.1.0.1", 80, DP_POLICY_INGRESS, DP_POLICY_ALLOW);
	expect("10.0.0.9", "10.1.0.1", 81, DP_POLICY_INGRESS, DP_POLICY_DENY);
	assert_int_equal(epoch_of("red"), epoch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rules_by_priority, setup, teardown),
		cmocka_unit_test_setup_teardown(nested_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(security_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(geneve_options, setup, teardown),
		cmocka_unit_test_setup_teardown(steering, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(filled_anew, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
