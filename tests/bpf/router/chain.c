/* SPDX-License-Identifier: Apache-2.0 */
/* Port chains: classification, the order of stages in both directions, the same instance for both, failures. */
#include "tests/bpf/router/rig.h"

#define TO_ROUTER(port) .dst = MAC_ROUTER, .src = MAC_HOST, .vlan = PORT_VLAN(port)
#define WEB		.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = TCP, .src_port = 5555, .dst_port = 80, .payload = 10
#define WEB_REPLY	.src = "10.1.0.1", .dst = "172.16.0.1", .protocol = TCP, .src_port = 80, .dst_port = 5555
#define SPECIAL(port)	.src = "172.16.0.1", .dst = "10.1.0.1", .dst_port = port
#define SENT		.dst = WAY_MAC(WAY_PLAIN), .src = MAC_OUT

enum { TCP = 6, ICMP = 1 };

/* Sends the packet to a port of VRF_CHAINED; the member of `group` that it goes to, -1: routed. */
static int visits(enum port port, const struct ip_spec *ip, int group)
{
	struct frame_spec spec = {TO_ROUTER(port), .ip = *ip};
	struct frame frame = frame_build(&spec);
	struct outcome outcome = rig_run(&frame);
	struct rig_case same;
	int member;

	if (outcome.reason == DP_REASON_forwarded)
		return -1;
	assert_string_equal(reason_names[outcome.reason], "steered");
	member = outcome.frame.byte[5] - STAGE_MAC(group, 0);
	assert_in_range(member, 0, group == 1 ? GROUP_FIRST_MEMBERS - 1 : GROUP_SECOND_MEMBERS - 1);
	/* New MACs, no tag, and nothing else: not the TTL either. */
	same = (struct rig_case){
		"steered", spec, DP_REASON_steered, {.dst = STAGE_MAC(group, member), .src = MAC_OUT, .ip = *ip}};
	rig_check(&same);
	return member;
}

/* Both ways around: first, second, FIB; then second, first, FIB, by the same instances. */
static void order_and_symmetry(void **state)
{
	bool used[GROUP_FIRST_MEMBERS][GROUP_SECOND_MEMBERS] = {};

	(void)state;
	for (int i = 0; i < 128; i++) {
		struct ip_spec there = {WEB}, back = {WEB_REPLY};
		int first, second;

		if (i & 1) {
			there.src = back.dst = "2001:db8:abcd::1";
			there.dst = back.src = "2001:db8:1::1";
		}
		there.src_port = back.dst_port = 20000 + i;
		first = visits(PORT_CHAINED, &there, 1);
		second = visits(PORT_BACK_FIRST, &there, 2);
		assert_int_equal(visits(PORT_BACK_SECOND, &there, 0), -1);
		assert_int_equal(visits(PORT_CHAINED, &back, 2), second);
		assert_int_equal(visits(PORT_BACK_REVERSE_SECOND, &back, 1), first);
		assert_int_equal(visits(PORT_BACK_REVERSE_FIRST, &back, 0), -1);
		used[first][second] = true;
	}
	for (int i = 0; i < GROUP_FIRST_MEMBERS * GROUP_SECOND_MEMBERS; i++)
		assert_true(used[i % GROUP_FIRST_MEMBERS][i / GROUP_FIRST_MEMBERS]);
}

static void classifiers(void **state)
{
	static const struct {
		struct ip_spec ip;
		int group;	     /* where it goes first; 0: by the FIB */
		uint32_t classifier; /* counted; 0: none */
	} tests[] = {
		{{WEB}, 1, CLASSIFIER_FORWARD},
		{{.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = 79}, 0, 0},
		{{.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = 443}, 1, CLASSIFIER_FORWARD},
		{{.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = 444}, 0, 0},
		{{.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = ICMP}, 0, 0},
		{{.src = "172.16.0.1", .dst = "10.2.0.1", .protocol = TCP, .dst_port = 80}, 0, 0},
		{{.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = TCP, .fragment = 0x2009}, 1, CLASSIFIER_FORWARD},
		{{.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = 7, .fragment = 0x2000}, 0, 0},
		{{.src = "2001:db8:abcd::1", .dst = "2001:db8:1::1", .protocol = TCP, .dst_port = 80},
		 1,
		 CLASSIFIER_FORWARD6},
		{{.src = "2001:db8:1::1", .dst = "2001:db8:abcd::1", .protocol = TCP, .src_port = 80},
		 2,
		 CLASSIFIER_REVERSE6},
		{{SPECIAL(UDP_BYPASS)}, 0, CLASSIFIER_BYPASS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct dp_counter before[CLASSIFIERS];
		int member;

		for (uint32_t id = 1; id < CLASSIFIERS; id++)
			before[id] = rig_counter(DP_COUNTER_CLASSIFIERS + id);
		member = visits(PORT_CHAINED, &tests[i].ip, tests[i].group);
		assert_int_equal(member >= 0, tests[i].group > 0);
		for (uint32_t id = 1; id < CLASSIFIERS; id++) {
			struct dp_counter now = rig_counter(DP_COUNTER_CLASSIFIERS + id);

			/* visits() sends a steered packet twice */
			assert_int_equal(now.packets - before[id].packets, id != tests[i].classifier ? 0
									   : member >= 0	     ? 2
												     : 1);
		}
	}
}

static void what_may_go_wrong(void **state)
{
	static const struct rig_case tests[] = {
		{"no instance", {TO_ROUTER(PORT_CHAINED), .ip = {SPECIAL(UDP_DOWN)}}, DP_REASON_chain_stage_down},
		{"stage outside its table",
		 {TO_ROUTER(PORT_CHAINED), .ip = {SPECIAL(UDP_BAD)}},
		 DP_REASON_inconsistent},
		{"to the router itself",
		 {TO_ROUTER(PORT_CHAINED), .ip = {.src = "172.16.0.1", .dst = "10.18.0.1", .dst_port = UDP_NARROW}},
		 DP_REASON_local},
		{"to the router itself by IPv6",
		 {TO_ROUTER(PORT_CHAINED),
		  .ip = {.src = "2001:db8:abcd::1", .dst = "2001:db8:18::1", .dst_port = UDP_NARROW}},
		 DP_REASON_local},
		{"fits",
		 {TO_ROUTER(PORT_CHAINED), .ip = {SPECIAL(UDP_NARROW), .payload = 572}},
		 DP_REASON_steered,
		 {.dst = STAGE_MAC(4, 0), .src = MAC_OUT, .ip = {SPECIAL(UDP_NARROW), .payload = 572}}},
		{"too big",
		 {TO_ROUTER(PORT_CHAINED), .ip = {SPECIAL(UDP_NARROW), .payload = 573, .fragment = DONT_FRAGMENT}},
		 DP_REASON_too_big},
		{"back with TTL 1", {TO_ROUTER(PORT_BACK_SECOND), .ip = {WEB, .ttl = 1}}, DP_REASON_ttl_expired},
		{"to a stage with TTL 1",
		 {TO_ROUTER(PORT_CHAINED), .ip = {SPECIAL(UDP_NARROW), .ttl = 1}},
		 DP_REASON_steered,
		 {.dst = STAGE_MAC(4, 0), .src = MAC_OUT, .ip = {SPECIAL(UDP_NARROW), .ttl = 1}}},
		{"back to the router",
		 {TO_ROUTER(PORT_BACK_SECOND), .ip = {.src = "172.16.0.1", .dst = "10.18.0.1"}},
		 DP_REASON_inner_local},
		{"back and too big",
		 {TO_ROUTER(PORT_BACK_SECOND),
		  .ip = {.src = "172.16.0.1", .dst = "10.12.0.1", .payload = 580, .fragment = DONT_FRAGMENT}},
		 DP_REASON_too_big},
		{"back to a link-local address",
		 {TO_ROUTER(PORT_BACK_SECOND), .ip = {.src = "2001:db8:abcd::1", .dst = "fe80::1"}},
		 DP_REASON_martian_destination},
		{"back with any MAC",
		 {.dst = MAC_PEER, .vlan = PORT_VLAN(PORT_BACK_SECOND), .ip = {WEB}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {WEB, .ttl = 63}}},
		{"back with options",
		 {TO_ROUTER(PORT_BACK_SECOND), .ip = {WEB, .options = 4}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {WEB, .options = 4, .ttl = 63}}},
		{"back with a broken header",
		 {TO_ROUTER(PORT_BACK_SECOND), .eth_proto = 0x86dd, .ip = {WEB}},
		 DP_REASON_malformed_ipv6},
		{"a stage asks for a MAC",
		 {.dst = MAC_BROADCAST,
		  .vlan = PORT_VLAN(PORT_BACK_SECOND),
		  .eth_proto = 0x0806,
		  .ip = {.payload = 46}},
		 DP_REASON_not_for_us},
		{"back into a tunnel",
		 {TO_ROUTER(PORT_BACK_SECOND), .ip = {.src = "172.16.0.1", .dst = "10.4.0.1"}},
		 DP_REASON_encapsulated,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .tunnel = VXLAN,
		  .vni = WAY_VNI(WAY_VXLAN4),
		  .inner_dst = WAY_MAC(WAY_VXLAN4),
		  .inner_src = MAC_OUT,
		  .outer = {.src = LOCAL4, .dst = REMOTE4, .fragment = 0x4000, .dst_port = 4789},
		  .ip = {.src = "172.16.0.1", .dst = "10.4.0.1", .ttl = 63}}},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

/* Decapsulated packets are classified as well, and take their congestion mark along to the stage. */
static void out_of_a_tunnel(void **state)
{
	struct frame_spec spec = {
		TO_ROUTER(PORT_UNDERLAY), .tunnel = GENEVE,
		.vni = VNI_CHAINED,	  .inner_dst = MAC_VTEP,
		.geneve_options = 8,	  .outer = {.src = REMOTE6, .dst = LOCAL6, .dst_port = 6081, .tos = 3},
		.ip = {WEB, .tos = 2}};
	struct frame frame = frame_build(&spec);
	struct dp_counter before = rig_counter(DP_COUNTER_STAGES + 1);
	struct rig_case test = {"to the first stage", spec, DP_REASON_steered, {.src = MAC_OUT, .ip = {WEB, .tos = 3}}};

	(void)state;
	test.out.dst = rig_run(&frame).frame.byte[5];
	rig_check(&test);
	assert_int_equal(rig_counter(DP_COUNTER_STAGES + 1).packets - before.packets, 2);
}

int chain_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_symmetry),
		cmocka_unit_test(classifiers),
		cmocka_unit_test(what_may_go_wrong),
		cmocka_unit_test(out_of_a_tunnel),
	};

	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
