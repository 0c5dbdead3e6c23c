/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's stage: what each action does with a packet, in both programs, and which rules count it. */
#include "tests/bpf/router/policy.h"

#include <string.h>

#define WEB   .protocol = TCP, .src_port = 5555, .dst_port = 80, .payload = 20
#define QUERY .src_port = 5555, .dst_port = 53, .payload = 20
#define RULES(...)                                                                                                     \
	(const uint32_t[])                                                                                             \
	{                                                                                                              \
		__VA_ARGS__, 0                                                                                         \
	}

static struct frame packet(const struct frame_spec *spec)
{
	return frame_build(spec);
}

/* Of each category the best rule counts, and each that has one must allow. */
static void access(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_ALLOW, .source = "172.16.0.7/32"},
		{2, DP_POLICY_DENY, .protocol = UDP, .port = 53},
		{3, DP_POLICY_DENY, .protocol = TCP, .port = 8000, .last = 8080},
		{4, DP_POLICY_ALLOW, .category = DP_POLICY_EGRESS, .protocol = UDP},
		{5, DP_POLICY_DENY, .category = DP_POLICY_EGRESS, .source = "172.16.0.0/16"},
		{6, DP_POLICY_DENY, .category = DP_POLICY_INGRESS, .destination = "10.2.0.0/16"},
		{7, DP_POLICY_ALLOW, .category = DP_POLICY_EGRESS, .source = "2001:db8:abcd::/48"},
	};
	static const struct {
		const char *name;
		struct ip_spec ip;
		enum dp_reason reason;
		uint32_t rules[4];
	} tests[] = {
		{"allowed, and no other has a say",
		 {.src = "172.16.0.7", .dst = "10.1.0.1", QUERY},
		 DP_REASON_forwarded,
		 {1, 4}},
		{"denied", {.src = "172.16.0.8", .dst = "10.1.0.1", QUERY}, DP_REASON_denied, {2, 4}},
		{"no rule about access",
		 {.src = "172.20.0.1", .dst = "10.1.0.1", .dst_port = 54},
		 DP_REASON_forwarded,
		 {4}},
		{"denied by the sender's", {.src = "172.16.0.8", .dst = "10.1.0.1", WEB}, DP_REASON_denied, {5}},
		{"allowed, and denied by the sender's",
		 {.src = "172.16.0.7", .dst = "10.1.0.1", WEB},
		 DP_REASON_denied,
		 {1, 5}},
		{"denied by the receiver's",
		 {.src = "172.20.0.1", .dst = "10.2.0.1", .dst_port = 9},
		 DP_REASON_denied,
		 {4, 6}},
		{"a range's first port",
		 {.src = "172.20.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = 8000},
		 DP_REASON_denied,
		 {3}},
		{"its last",
		 {.src = "172.20.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = 8080},
		 DP_REASON_denied,
		 {3}},
		{"behind it",
		 {.src = "172.20.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = 8081},
		 DP_REASON_forwarded,
		 {0}},
		{"IPv6, allowed", {.src = HOST6, .dst = "2001:db8:1::1", .dst_port = 54}, DP_REASON_forwarded, {4}},
		{"IPv6, denied", {.src = HOST6, .dst = "2001:db8:1::1", QUERY}, DP_REASON_denied, {2, 4}},
		{"IPv6, another rule", {.src = HOST6, .dst = "2001:db8:1::1", WEB}, DP_REASON_forwarded, {7}},
		{"no route, but judged", {.src = "172.20.0.1", .dst = "10.200.0.1", QUERY}, DP_REASON_denied, {2, 4}},
		{"no route", {.src = "172.20.0.1", .dst = "10.200.0.1", .dst_port = 54}, DP_REASON_no_route, {4}},
		{"into a tunnel",
		 {.src = "172.20.0.1", .dst = "10.4.0.1", .dst_port = 54},
		 DP_REASON_encapsulated,
		 {4}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct frame_spec spec = {TENANT, .ip = tests[i].ip};
		struct frame in = packet(&spec);

		if (tests[i].reason == DP_REASON_no_route)
			rig_bank(0)->vrf_answers[VRF_TENANT].error_interval = 0; /* silently */
		policy_meets(tests[i].name, &in, tests[i].reason, tests[i].rules);
	}
}

/* The VRF's rules are judged by, whichever way a packet comes into it; and no other VRF's. */
static void by_vrf(void **state)
{
	static const struct rule_spec deny = {1, DP_POLICY_DENY, .protocol = UDP};
	static const struct frame_spec in_tunnel = {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP,
						    .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}};
	static const struct frame_spec tagged = {TENANT, .vlan = PORT_VLAN(PORT_TENANT_TAGGED),
						 .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}};
	static const struct frame_spec other = {CHAINED, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}};
	struct frame in = packet(&in_tunnel);

	(void)state;
	policy_add(VRF_TENANT, &deny);
	policy_meets("out of a tunnel", &in, DP_REASON_denied, RULES(1));
	in = packet(&tagged);
	policy_meets("by a VLAN", &in, DP_REASON_denied, RULES(1));
	in = packet(&other);
	policy_meets("of another VRF", &in, DP_REASON_forwarded, NULL);
	policy_drop(VRF_TENANT, 1);
	in = packet(&tagged);
	policy_meets("without rules", &in, DP_REASON_forwarded, NULL);
}

/* Policy-based routing: the group's next hops take the packet, and no route counts it. */
static void to_a_group(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_GROUP, .target = WAY_VLAN, .protocol = UDP, .port = 53},
		{2, DP_POLICY_GROUP, .target = WAY_NO_MEMBER, .protocol = UDP, .port = 54},
		{3, DP_POLICY_GROUP, .target = WAY_NARROW, .protocol = UDP, .port = 55},
		{4, DP_POLICY_GROUP, .target = WAY_VXLAN4, .protocol = UDP, .port = 56},
		{5, DP_POLICY_GROUP, .target = WAY_DISCARD, .protocol = UDP, .port = 57},
		{6, DP_POLICY_GROUP, .target = DP_MAX_GROUPS + 1, .protocol = UDP, .port = 58},
	};
	static const struct rig_case tests[] = {
		{"by the group",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}},
		 DP_REASON_forwarded,
		 {.dst = WAY_MAC(WAY_VLAN),
		  .src = MAC_OUT,
		  .vlan = VLAN_OUT,
		  .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY, .ttl = 63}}},
		{"IPv6 by the group",
		 {TENANT, .ip = {.src = HOST6, .dst = "2001:db8:1::1", QUERY}},
		 DP_REASON_forwarded,
		 {.dst = WAY_MAC(WAY_VLAN),
		  .src = MAC_OUT,
		  .vlan = VLAN_OUT,
		  .ip = {.src = HOST6, .dst = "2001:db8:1::1", QUERY, .ttl = 63}}},
		{"without a route of its own",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.200.0.1", QUERY}},
		 DP_REASON_forwarded,
		 {.dst = WAY_MAC(WAY_VLAN),
		  .src = MAC_OUT,
		  .vlan = VLAN_OUT,
		  .ip = {.src = HOST4, .dst = "10.200.0.1", QUERY, .ttl = 63}}},
		{"out of a tunnel",
		 {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}},
		 DP_REASON_forwarded,
		 {.dst = WAY_MAC(WAY_VLAN),
		  .src = MAC_OUT,
		  .vlan = VLAN_OUT,
		  .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY, .ttl = 63}}},
		{"into a tunnel",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 56}},
		 DP_REASON_encapsulated,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .tunnel = VXLAN,
		  .vni = WAY_VNI(WAY_VXLAN4),
		  .inner_dst = WAY_MAC(WAY_VXLAN4),
		  .inner_src = MAC_OUT,
		  .outer = {.src = LOCAL4, .dst = REMOTE4, .fragment = 0x4000, .dst_port = 4789},
		  .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 56, .ttl = 63}}},
		{"another packet by its route",
		 {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 60}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 60, .ttl = 63}}},
		{"discarded", {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 57}}, DP_REASON_discard},
		{"no group", {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 58}}, DP_REASON_inconsistent},
		{"to the router itself", {TENANT, .ip = {.src = HOST4, .dst = OWN4, QUERY}}, DP_REASON_local},
	};
	struct dp_counter before = rig_counter(DP_COUNTER_ROUTES + WAY_PLAIN);
	struct frame_spec last_hop = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY, .ttl = 1}};
	struct frame_spec large = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 55, .payload = 900}};
	struct frame_spec dead = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 54}};
	struct frame in;
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	rig_bank(0)->vrf_answers[VRF_TENANT].kernel = 1;
	RIG_CHECK_ALL(tests);
	assert_int_equal(rig_counter(DP_COUNTER_ROUTES + WAY_PLAIN).packets - before.packets, 1);
	in = packet(&dead);
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_no_next_hop);
	in = packet(&last_hop);
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_ttl_expired);
	in = packet(&large);
	outcome = rig_run(&in);
	assert_int_equal(outcome.reason, DP_REASON_fragmented);
	assert_int_equal(outcome.frame.byte[5], WAY_MAC(WAY_NARROW));
}

/* Into a chain: unless a flow classifier has said where to, and not again where a stage gives it back. */
static void to_a_chain(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_STAGE, .target = STAGE_NARROW, .protocol = UDP, .port = 53},
		{2, DP_POLICY_STAGE, .target = STAGE_NARROW, .protocol = TCP, .port = 80},
		{3, DP_POLICY_STAGE, .target = STAGE_DOWN, .protocol = UDP, .port = 54},
		{4, DP_POLICY_DENY, .protocol = UDP, .port = 55},
	};
	static const struct rig_case tests[] = {
		{"into the chain",
		 {CHAINED, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}},
		 DP_REASON_steered,
		 {.dst = STAGE_MAC(4, 0), .src = MAC_OUT, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}}},
		{"from a tunnel",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_UNDERLAY), .vni = VNI_CHAINED, VXLAN_OUTER, .inner_dst = MAC_VTEP,
		  .inner_src = MAC_PEER, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}},
		 DP_REASON_steered,
		 {.dst = STAGE_MAC(4, 0), .src = MAC_OUT, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}}},
		{"given back, and on",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_BACK_SECOND), .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY, .ttl = 63}}},
		{"given back, and not denied",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_BACK_SECOND),
		  .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 55}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 55, .ttl = 63}}},
		{"to the router itself", {CHAINED, .ip = {.src = HOST4, .dst = OWN4, QUERY}}, DP_REASON_local},
	};
	struct frame_spec web = {CHAINED, .ip = {.src = HOST4, .dst = "10.1.0.1", WEB}};
	struct frame_spec query = {CHAINED, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}};
	struct frame_spec down = {CHAINED, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 54}};
	struct frame_spec denied = {CHAINED, .ip = {.src = HOST4, .dst = "10.1.0.1", .dst_port = 55}};
	struct frame in = packet(&web);
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_CHAINED, &rules[i]);
	rig_bank(0)->vrf_answers[VRF_CHAINED].kernel = 1;
	outcome = policy_meets("by a classifier", &in, DP_REASON_steered, NULL);
	assert_in_range(outcome.frame.byte[5], STAGE_MAC(1, 0), STAGE_MAC(1, GROUP_FIRST_MEMBERS - 1));
	in = packet(&query);
	policy_meets("by a rule", &in, DP_REASON_steered, RULES(1));
	in = packet(&denied);
	policy_meets("denied", &in, DP_REASON_denied, RULES(4));
	RIG_CHECK_ALL(tests);
	in = packet(&down);
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_chain_stage_down);
}

/* Beside each other: a packet counts for the best rule of each category. */
static void all_categories(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_ALLOW, .protocol = UDP},
		{2, DP_POLICY_ALLOW, .category = DP_POLICY_EGRESS},
		{3, DP_POLICY_ALLOW, .category = DP_POLICY_INGRESS},
		{4, DP_POLICY_GROUP, .target = WAY_QINQ, .port = 53, .protocol = UDP},
		{5, DP_POLICY_QOS_TO, .target = 0, .source = "172.16.0.0/12"},
		{6, DP_POLICY_COUNT, .destination = "10.1.0.0/16"},
		{7, DP_POLICY_COUNT},
		{8, DP_POLICY_DENY, .protocol = TCP},
	};
	static const struct frame_spec query = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}};
	static const struct frame_spec other = {TENANT, .ip = {.src = HOST4, .dst = "10.2.0.1", .dst_port = 9}};
	static const struct frame_spec denied = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", WEB}};
	static const struct frame_spec local = {TENANT, .ip = {.src = HOST4, .dst = OWN4, QUERY}};
	struct frame in = packet(&query);

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	rig_bank(0)->vrf_answers[VRF_TENANT].kernel = 1;
	policy_meets("all", &in, DP_REASON_forwarded, RULES(1, 2, 3, 4, 5, 6));
	in = packet(&other);
	policy_meets("others", &in, DP_REASON_forwarded, RULES(1, 2, 3, 5, 7));
	in = packet(&denied);
	policy_meets("denied, which goes nowhere", &in, DP_REASON_denied, RULES(2, 3, 8));
	in = packet(&local);
	policy_meets("for the router itself", &in, DP_REASON_local, NULL);
}

/* What is for the router's own addresses is not judged, whatever the rules say. */
static void own_addresses(void **state)
{
	static const struct rule_spec rules[] = {{1, DP_POLICY_DENY, .protocol = UDP},
						 {2, DP_POLICY_REJECT, .protocol = TCP, .port = 22}};
	static const struct rig_case tests[] = {
		{"denied", {TENANT, .ip = {.src = HOST4, .dst = OWN4, QUERY}}, DP_REASON_local},
		{"denied, IPv6", {TENANT, .ip = {.src = HOST6, .dst = OWN6, QUERY}}, DP_REASON_local},
		{"rejected",
		 {TENANT, .ip = {.src = HOST4, .dst = OWN4, .protocol = TCP, .dst_port = 22}},
		 DP_REASON_local},
		{"ports out of reach", {TENANT, .ip = {.src = HOST4, .dst = OWN4, .fragment = 185}}, DP_REASON_local},
	};
	uint64_t before = policy_counted(1);

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	rig_bank(0)->vrf_answers[VRF_TENANT].kernel = 1;
	RIG_CHECK_ALL(tests);
	assert_int_equal(policy_counted(1), before);
}

enum { NONSENSE = 1 << 22 }; /* bytes of it in a table */

/* Tables of nonsense may drop every packet, but each has its reason. */
static void nonsense(void **state)
{
	static const enum dp_table tables[] = {DP_TABLE_policies, DP_TABLE_policy_rules, DP_TABLE_policy_guards,
					       DP_TABLE_policy_trees, DP_TABLE_policy_words};
	static const struct frame_spec four = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", QUERY}};
	static const struct frame_spec six = {TENANT, .ip = {.src = HOST6, .dst = "2001:db8:1::1", WEB}};
	struct frame in[] = {packet(&four), packet(&six)};
	uint64_t random = 88172645463325252ULL;

	(void)state;
	for (int round = 0; round < 8; round++) {
		for (size_t i = round % 5; i < sizeof(tables) / sizeof(*tables); i++) {
			uint8_t *start = bank_table(rig_bank(0), tables[i]);
			size_t size = bank_rows(rig_limits(), tables[i]) * bank_row_size(tables[i]);

			/* The largest pools' ends stay empty, which takes a tenth of the time. */
			for (size_t at = 0; at + 8 <= size && at < NONSENSE; at += 8) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				memcpy(start + at, &random, 8);
			}
		}
		for (int i = 0; i < 64; i++)
			rig_run_either(&in[i & 1]);
	}
}

int policy_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(access, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(by_vrf, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(to_a_group, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(to_a_chain, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(all_categories, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(own_addresses, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(nonsense, policy_set_up, policy_tear_down),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL) + policy_facts_tests() + policy_reject_tests() +
	       policy_connection_tests();
}
