/* SPDX-License-Identifier: Apache-2.0 */
/* What rules know of a packet: of its flow, however its headers are laid out, and what their guards ask. */
#include "tests/bpf/router/policy.h"
#include "tests/bpf/router/stacks.h"

#include <string.h>

#define RULES(...)                                                                                                     \
	(const uint32_t[])                                                                                             \
	{                                                                                                              \
		__VA_ARGS__, 0                                                                                         \
	}
#define OPTION(class, type) ((class) << 8 | (type))

enum { AH = 51, LATER = 185 };

static void meets(const char *name, struct ip_spec ip, enum dp_reason reason, const uint32_t *rules)
{
	struct frame_spec spec = {TENANT, .ip = ip};
	struct frame in = frame_build(&spec);

	policy_meets(name, &in, reason, rules);
}

/* Later fragments have the ports of their first one; before it they are nobody's. */
static void ports_of_fragments(void **state)
{
	static const struct rule_spec deny = {1, DP_POLICY_DENY, .protocol = UDP, .port = 53};
	struct ip_spec first = {.src = HOST4, .dst = "10.1.0.1", .id = 7001, .fragment = 0x2000, .dst_port = 53};
	struct ip_spec later = {.src = HOST4, .dst = "10.1.0.1", .id = 7001, .fragment = LATER, .payload = 16};
	struct ip_spec first6 = {.src = HOST6, .dst = "2001:db8:1::7001", .fragment = 1, .dst_port = 53};
	struct ip_spec later6 = {.src = HOST6, .dst = "2001:db8:1::7001", .fragment = 0x100, .payload = 16};

	(void)state;
	policy_add(VRF_TENANT, &deny);
	meets("later fragment without its first", later, DP_REASON_unclassified, NULL);
	meets("first fragment", first, DP_REASON_denied, RULES(1));
	meets("later fragment", later, DP_REASON_denied, RULES(1));
	meets("later fragment without its first, IPv6", later6, DP_REASON_unclassified, NULL);
	meets("first fragment, IPv6", first6, DP_REASON_denied, RULES(1));
	meets("later fragment, IPv6", later6, DP_REASON_denied, RULES(1));
	first.id = later.id = 7002;
	first.dst_port = 54;
	meets("first fragment of another", first, DP_REASON_forwarded, NULL);
	meets("later fragment of another", later, DP_REASON_forwarded, NULL);
	meets("authentication header", (struct ip_spec){.src = HOST4, .dst = "10.1.0.1", .protocol = AH, .payload = 40},
	      DP_REASON_unclassified, NULL);
}

/* Where no rule about access or into a chain asks for ports, they may be out of reach. */
static void ports_nobody_asks_for(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_DENY, .source = "172.16.9.0/24"},
		{2, DP_POLICY_GROUP, .target = WAY_VLAN, .protocol = UDP, .port = 53},
		{3, DP_POLICY_COUNT, .protocol = UDP},
		{4, DP_POLICY_STAGE, .target = STAGE_NARROW, .protocol = UDP, .port = 7},
	};
	struct ip_spec later = {.src = HOST4, .dst = "10.1.0.1", .id = 7003, .fragment = LATER, .payload = 16};

	(void)state;
	for (int i = 0; i < 3; i++)
		policy_add(VRF_TENANT, &rules[i]);
	meets("no rule of these", later, DP_REASON_forwarded, RULES(3));
	later.src = "172.16.9.1";
	meets("denied by its source", later, DP_REASON_denied, RULES(1));
	policy_add(VRF_TENANT, &rules[3]);
	meets("it may be for the chain", later, DP_REASON_unclassified, NULL);
}

static void icmp(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_ALLOW, .protocol = ICMP, .port = 8 << 8, .any_code = true},
		{2, DP_POLICY_ALLOW, .protocol = ICMPV6, .port = 128 << 8},
		{3, DP_POLICY_DENY, .protocol = ICMP},
		{4, DP_POLICY_DENY, .protocol = ICMPV6},
	};
	struct ip_spec request = {.src = HOST4, .dst = "10.1.0.1", .protocol = ICMP, .icmp_type = 8, .payload = 24};
	struct ip_spec later = {
		.src = HOST4, .dst = "10.1.0.1", .protocol = ICMP, .id = 7004, .fragment = LATER, .payload = 16};
	struct ip_spec six = {.src = HOST6, .dst = "2001:db8:1::1", .protocol = ICMPV6, .icmp_type = 128};
	struct frame_spec spec = {TENANT, .ip = six};
	struct frame in = frame_build(&spec);

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	meets("echo request", request, DP_REASON_forwarded, RULES(1));
	meets("later fragment without its first", later, DP_REASON_unclassified, NULL);
	request.id = 7004;
	request.fragment = 0x2000;
	meets("first fragment", request, DP_REASON_forwarded, RULES(1));
	meets("later fragment", later, DP_REASON_forwarded, RULES(1));
	request.id = later.id = 7005;
	request.icmp_type = 0;
	meets("first fragment of a reply", request, DP_REASON_denied, RULES(3));
	meets("later fragment of a reply", later, DP_REASON_denied, RULES(3));
	meets("echo request, IPv6", six, DP_REASON_forwarded, RULES(2));
	in.byte[ETHERNET + 41] = 1;
	policy_meets("another code", &in, DP_REASON_denied, RULES(4));
	six.icmp_type = 129;
	meets("echo reply, IPv6", six, DP_REASON_denied, RULES(4));
}

/* An error goes into the chain of the flow that it is about; whether it may pass its own headers say. */
static void icmp_errors(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_STAGE, .target = STAGE_NARROW, .protocol = TCP, .source_port = 8080},
		{2, DP_POLICY_STAGE, .target = STAGE_DOWN, .source = "10.1.0.9/32"},
		{3, DP_POLICY_DENY, .protocol = ICMP, .port = 11 << 8, .any_code = true},
	};
	struct frame_spec about = {
		CHAINED, .ip = {.src = HOST4, .dst = "10.1.0.1", .protocol = TCP, .dst_port = 8080, .payload = 20}};
	struct frame quoted = frame_build(&about), in;

	(void)state;
	for (int i = 0; i < 3; i++)
		policy_add(VRF_CHAINED, &rules[i]);
	in = stack_error(&quoted, frame_ip(&about), "10.1.0.9", 3, 100);
	assert_int_equal(policy_meets("about a flow in the chain", &in, DP_REASON_steered, RULES(1)).frame.byte[5],
			 STAGE_MAC(4, 0));
	in = stack_error(&quoted, frame_ip(&about), "10.1.0.9", 11, 100);
	policy_meets("denied by its own headers", &in, DP_REASON_denied, RULES(3));
	policy_drop(VRF_CHAINED, 1);
	rig_bank(0)->stages[STAGE_DOWN].count = 1;
	rig_bank(0)->stages[STAGE_DOWN].member[0] = rig_bank(0)->stages[STAGE_NARROW].member[0];
	in = stack_error(&quoted, frame_ip(&about), "10.1.0.9", 3, 100);
	policy_meets("into its own chain", &in, DP_REASON_steered, RULES(2));
}

/* The flags stand 13 bytes in; a fragment that begins 8 bytes in would write over them (RFC 3128). */
static void tcp_flags(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_ALLOW, .protocol = TCP, .guard = {DP_GUARD_TCP_FLAGS, .tcp_flags = 16, .tcp_mask = 18}},
		{2, DP_POLICY_DENY, .protocol = TCP, .guard = {DP_GUARD_TCP_FLAGS, .tcp_flags = 2, .tcp_mask = 2}},
		{3, DP_POLICY_COUNT, .protocol = TCP, .guard = {DP_GUARD_TCP_FLAGS, .tcp_flags = 0, .tcp_mask = 32}},
	};
	struct frame_spec spec = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1", .protocol = TCP, .payload = 8}};
	struct frame in = frame_build(&spec);

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	policy_meets("ACK", &in, DP_REASON_forwarded, RULES(1, 3));
	in.byte[ETHERNET + 33] = 2;
	policy_meets("SYN", &in, DP_REASON_denied, RULES(2));
	in.byte[ETHERNET + 33] = 18;
	policy_meets("SYN and ACK", &in, DP_REASON_denied, RULES(2));
	in.byte[ETHERNET + 33] = 4;
	policy_meets("RST", &in, DP_REASON_forwarded, RULES(3));
	in.byte[ETHERNET + 33] = 36;
	policy_meets("RST and URG", &in, DP_REASON_forwarded, NULL);
	spec.ip.fragment = 1;
	in = frame_build(&spec);
	policy_meets("a fragment over the flags", &in, DP_REASON_unclassified, NULL);
	spec.ip.fragment = LATER;
	in = frame_build(&spec);
	policy_meets("a fragment without flags", &in, DP_REASON_forwarded, NULL);
	in.byte[ETHERNET + 6] = 0x20; /* a first one that ends before them */
	in.byte[ETHERNET + 7] = 0;
	frame_fix_checksum(&in, ETHERNET);
	policy_meets("flags out of reach", &in, DP_REASON_unclassified, NULL);
}

static void guards(void **state)
{
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_COUNT, .guard = {DP_GUARD_DSCP, .dscp = 46}},
		{2, DP_POLICY_COUNT, .guard = {DP_GUARD_FRAGMENT, .fragments = 2}},
		{3, DP_POLICY_COUNT, .guard = {DP_GUARD_FRAGMENT, .fragments = 4}},
		{4, DP_POLICY_COUNT, .guard = {DP_GUARD_INTERFACE, .interface = PORT_TENANT_TAGGED}},
		{5, DP_POLICY_COUNT, .guard = {DP_GUARD_TUNNEL | DP_GUARD_VNI, .tunnel = 1, .vni = VNI_TENANT + 1}},
		{6, DP_POLICY_COUNT, .guard = {DP_GUARD_TUNNEL, .tunnel = 2}},
		{7, DP_POLICY_COUNT, .guard = {DP_GUARD_TUNNEL | DP_GUARD_VNI, .tunnel = 1, .vni = VNI_TENANT}},
		{8, DP_POLICY_COUNT,
		 .guard = {DP_GUARD_INTERFACE | DP_GUARD_DSCP, .interface = PORT_TENANT, .dscp = 10}},
	};
	struct frame_spec plain = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1"}};
	struct frame_spec tunnelled = {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP,
				       .ip = {.src = HOST4, .dst = "10.1.0.1"}};
	struct frame in = frame_build(&plain);

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	policy_meets("no guard holds", &in, DP_REASON_forwarded, NULL);
	plain.ip.tos = 46 << 2 | 1;
	in = frame_build(&plain);
	policy_meets("DSCP", &in, DP_REASON_forwarded, RULES(1));
	plain.ip.tos = 10 << 2;
	in = frame_build(&plain);
	policy_meets("interface and DSCP", &in, DP_REASON_forwarded, RULES(8));
	plain.vlan = PORT_VLAN(PORT_TENANT_TAGGED);
	in = frame_build(&plain);
	policy_meets("interface", &in, DP_REASON_forwarded, RULES(4));
	plain.vlan = 0;
	plain.ip.tos = 0;
	plain.ip.fragment = 0x2000;
	in = frame_build(&plain);
	policy_meets("first fragment", &in, DP_REASON_forwarded, RULES(2));
	plain.ip.fragment = LATER;
	in = frame_build(&plain);
	policy_meets("later fragment", &in, DP_REASON_forwarded, RULES(3));
	in = frame_build(&tunnelled);
	policy_meets("tunnel and VNI", &in, DP_REASON_forwarded, RULES(7));
	policy_drop(VRF_TENANT, 7);
	policy_meets("another VNI", &in, DP_REASON_forwarded, NULL);
}

/* Any tunnel, which a plain packet has not come by. */
static void any_tunnel(void **state)
{
	static const struct rule_spec any = {1, DP_POLICY_COUNT, .guard = {DP_GUARD_TUNNEL}};
	static const struct frame_spec plain = {TENANT, .ip = {.src = HOST4, .dst = "10.1.0.1"}};
	static const struct frame_spec tunnelled = {TENANT_TUNNEL, GENEVE_OUTER, .inner_dst = MAC_VTEP,
						    .ip = {.src = HOST4, .dst = "10.1.0.1"}};
	struct frame in = frame_build(&plain);

	(void)state;
	policy_add(VRF_TENANT, &any);
	policy_meets("by a port", &in, DP_REASON_forwarded, NULL);
	in = frame_build(&tunnelled);
	policy_meets("by a tunnel", &in, DP_REASON_forwarded, RULES(1));
}

/* An option's header, and data of which the n-th byte is n + 1. */
static size_t put_option(struct frame *frame, size_t at, uint16_t class, uint8_t type, uint8_t words)
{
	frame_put16(frame, at, class);
	frame->byte[at + 2] = type;
	frame->byte[at + 3] = 0xe0 | words; /* the reserved bits are not looked at */
	for (size_t i = 0; i < words * 4U; i++)
		frame->byte[at + 4 + i] = (uint8_t)(i + 1);
	return at + 4 + words * 4U;
}

static void check_options(const struct frame_spec *outside)
{
	struct frame_spec spec = *outside;
	struct frame in;
	size_t at;

	spec.geneve_options = 40;
	in = frame_build(&spec);
	at = frame_tunnel(&spec) + 8;
	at = put_option(&in, at, 0x102, 1, 0);
	at = put_option(&in, at, 0x102, 2, 1);
	at = put_option(&in, at, 0x102, 3, 3);
	at = put_option(&in, at, 0x102, 3, 0); /* again, and without a value */
	put_option(&in, at, 0xffff, 0x7f, 1);
	frame_fix_lengths(&in, frame_outer_ip(&spec));
	policy_meets("three words", &in, DP_REASON_forwarded, RULES(1));
	frame_put16(&in, frame_tunnel(&spec) + 8 + 12, 0x103); /* the option with three words is another now */
	policy_meets("no words", &in, DP_REASON_forwarded, RULES(2));
	frame_put16(&in, frame_tunnel(&spec) + 8 + 28, 0x103);
	policy_meets("one word", &in, DP_REASON_forwarded, RULES(3));
	in.byte[frame_tunnel(&spec) + 8 + 3] = 31; /* the first option runs over all that follow */
	policy_meets("over the end", &in, DP_REASON_forwarded, NULL);
	spec.geneve_options = 0;
	in = frame_build(&spec);
	policy_meets("no options", &in, DP_REASON_forwarded, NULL);
}

static void geneve_options(void **state)
{
	static const uint32_t names[DP_POLICY_OPTIONS] = {OPTION(0x102, 3), OPTION(0x102, 2)};
	static const struct rule_spec rules[] = {
		{1, DP_POLICY_COUNT,
		 .guard = {DP_GUARD_OPTION, .option = 0, .option_value = 0x0102030405060708, .option_mask = ~0ULL}},
		{2, DP_POLICY_COUNT, .guard = {DP_GUARD_OPTION, .option = 0}},
		{3, DP_POLICY_COUNT,
		 .guard = {DP_GUARD_OPTION, .option = 1, .option_value = 0x0102030000000000,
			   .option_mask = 0xffffff00ffffffff}},
	};
	struct frame_spec spec = {TENANT_TUNNEL, .inner_dst = MAC_VTEP, .tunnel = GENEVE,
				  .ip = {.src = HOST4, .dst = "10.1.0.1"},
				  .outer = {.src = REMOTE4, .dst = LOCAL4, .dst_port = 6081}};
	struct frame_spec vxlan = {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP,
				   .ip = {.src = HOST4, .dst = "10.1.0.1"}};
	struct frame in;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		policy_add(VRF_TENANT, &rules[i]);
	policy_set_options(rig_policy(0), VRF_TENANT, names, 2);
	rig_bank(0)->tunnels[4].kind = DP_TUNNEL_GENEVE; /* elsewhere in these tests the row is another tunnel's */
	check_options(&spec);
	spec.outer.options = 8;
	check_options(&spec);
	spec.outer = (struct ip_spec){.src = REMOTE6, .dst = LOCAL6, .dst_port = 6081};
	check_options(&spec);
	spec.outer.options = 8;
	check_options(&spec);
	in = frame_build(&vxlan);
	policy_meets("VXLAN has none", &in, DP_REASON_forwarded, NULL);
}

int policy_facts_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ports_of_fragments, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(ports_nobody_asks_for, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(icmp, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(icmp_errors, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(tcp_flags, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(guards, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(any_tunnel, policy_set_up, policy_tear_down),
		cmocka_unit_test_setup_teardown(geneve_options, policy_set_up, policy_tear_down),
	};

	return cmocka_run_group_tests_name("policy's facts", tests, NULL, NULL);
}
