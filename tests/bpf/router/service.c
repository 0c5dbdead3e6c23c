/* SPDX-License-Identifier: Apache-2.0 */
/* Packets to VIPs, byte for byte: which listener takes them, and how they go to a member. */
#include "tests/bpf/router/service.h"

#include <string.h>

#define TO4(port_) .src = HOST4, .dst = VIP4, .src_port = 40000, .dst_port = port_, .payload = 21
#define TO6(port_) .src = HOST6, .dst = VIP6, .src_port = 40000, .dst_port = port_, .payload = 21
#define TO_MEMBER4(port_)                                                                                              \
	.src = HOST4, .dst = "10.1.0.7", .src_port = 40000, .dst_port = port_, .payload = 21, .ttl = 63
#define TO_MEMBER6(port_)                                                                                              \
	.src = HOST6, .dst = "2001:db8:1::7", .src_port = 40000, .dst_port = port_, .payload = 21, .ttl = 63

/* Packets go as they are: to a host on the link of the member's address, or by the member's group. */
static void direct(void **state)
{
	static const struct service_spec services[] = {
		{BALANCER4, TCP, 80, .flags = DP_POOL_DIRECT, .members = {{LINK_MEMBER4}}},
		{BALANCER6, TCP, 80, .flags = DP_POOL_DIRECT, .members = {{LINK_MEMBER6}}},
		{BALANCER4, TCP, 81, .flags = DP_POOL_DIRECT, .members = {{"10.1.0.7", .group = WAY_QINQ}}},
		{BALANCER4, UDP, 82, .flags = DP_POOL_DIRECT, .members = {{"10.1.0.7", .group = WAY_VXLAN4}}},
		{BALANCER6, UDP, 82, .flags = DP_POOL_DIRECT, .members = {{"2001:db8:1::7", .group = WAY_GENEVE6}}},
		{BALANCER4, TCP, 83, .flags = DP_POOL_DIRECT, .members = {{"10.1.0.7"}}},
		{BALANCER4, TCP, 84, .flags = DP_POOL_DIRECT, .members = {{"10.77.0.7"}}},
	};
	static const struct rig_case tests[] = {
		{"to a host on a link",
		 {TO_ROUTER, .ip = {TO4(80), .protocol = TCP}},
		 DP_REASON_forwarded,
		 {.dst = MAC_MEMBER, .src = MAC_OUT, .ip = {TO4(80), .protocol = TCP, .ttl = 63}}},
		{"to a host on a link, IPv6",
		 {TO_ROUTER, .ip = {TO6(80), .protocol = TCP}},
		 DP_REASON_forwarded,
		 {.dst = MAC_MEMBER, .src = MAC_OUT, .ip = {TO6(80), .protocol = TCP, .ttl = 63}}},
		{"by a group, tagged",
		 {TO_ROUTER, .ip = {TO4(81), .protocol = TCP}},
		 DP_REASON_forwarded,
		 {.dst = WAY_MAC(WAY_QINQ),
		  .src = MAC_OUT,
		  .vlan = VLAN_OUT,
		  .inner_vlan = INNER_VLAN_OUT,
		  .ip = {TO4(81), .protocol = TCP, .ttl = 63}}},
		{"by a tunnel",
		 {TO_ROUTER, .ip = {TO4(82)}},
		 DP_REASON_encapsulated,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .tunnel = VXLAN,
		  .vni = WAY_VNI(WAY_VXLAN4),
		  .inner_dst = WAY_MAC(WAY_VXLAN4),
		  .inner_src = MAC_OUT,
		  .outer = {.src = LOCAL4, .dst = REMOTE4, .fragment = DONT_FRAGMENT, .dst_port = 4789},
		  .ip = {TO4(82), .ttl = 63}}},
		{"by a tunnel, IPv6 in IPv6",
		 {TO_ROUTER, .ip = {TO6(82)}},
		 DP_REASON_encapsulated,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .tunnel = GENEVE,
		  .vni = WAY_VNI(WAY_GENEVE6),
		  .inner_dst = WAY_MAC(WAY_GENEVE6),
		  .inner_src = MAC_OUT,
		  .outer = {.src = LOCAL6, .dst = REMOTE6, .dst_port = 6081},
		  .ip = {TO6(82), .ttl = 63}}},
		{"behind a gateway, without a group",
		 {TO_ROUTER, .ip = {TO4(83), .protocol = TCP}},
		 DP_REASON_unresolved},
		{"nowhere", {TO_ROUTER, .ip = {TO4(84), .protocol = TCP}}, DP_REASON_no_route},
		{"TTL", {TO_ROUTER, .ip = {TO4(80), .protocol = TCP, .ttl = 1}}, DP_REASON_ttl_expired},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		service_add(&services[i]);
	for (int vrf = VRF_TENANT; vrf <= VRF_CHAINED; vrf++)
		rig_bank(0)->vrf_answers[vrf].error_interval = 0; /* nobody is told */
	RIG_CHECK_ALL(tests);
}

static void without_checksum(struct frame *frame, const struct frame_spec *spec)
{
	frame_put16(frame, frame_ip(spec) + 26, 0);
}

/* Address and port of the member take the VIP's and the listener's place, and checksums stay right. */
static void translated(void **state)
{
	static const struct service_spec services[] = {
		{BALANCER4, TCP, 80, .members = {{"10.1.0.7", 8080}}},
		{BALANCER4, UDP, 53, .members = {{"10.1.0.7", 5353}}},
		{BALANCER4, UDP, 5000, 5009, .members = {{"10.1.0.7"}}},
		{BALANCER6, TCP, 80, .members = {{"2001:db8:1::7", 8080}}},
		{BALANCER6, UDP, 53, .members = {{"2001:db8:1::7", 5353}}},
		{BALANCER4, TCP, 81, .members = {{"10.4.0.7", 8081}}},
		{BALANCER4, SCTP, 9, .members = {{"10.1.0.7", 10}}},
		{BALANCER6, TCP, 82, .members = {{LINK_MEMBER6}}},
		{BALANCER6, TCP, 83, .members = {{"10.1.0.7"}}},
	};
	static const struct rig_case tests[] = {
		{"TCP",
		 {TO_ROUTER, .ip = {TO4(80), .protocol = TCP}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {TO_MEMBER4(8080), .protocol = TCP}},
		 service_fix,
		 service_fix},
		{"UDP",
		 {TO_ROUTER, .ip = {TO4(53)}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {TO_MEMBER4(5353)}},
		 service_fix,
		 service_fix},
		{"UDP without a checksum",
		 {TO_ROUTER, .ip = {TO4(53)}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {TO_MEMBER4(5353)}},
		 without_checksum,
		 without_checksum},
		{"a range, whose ports stay",
		 {TO_ROUTER, .ip = {TO4(5009)}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {TO_MEMBER4(5009)}},
		 service_fix,
		 service_fix},
		{"TCP, IPv6",
		 {TO_ROUTER, .ip = {TO6(80), .protocol = TCP}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {TO_MEMBER6(8080), .protocol = TCP}},
		 service_fix,
		 service_fix},
		{"UDP, IPv6",
		 {TO_ROUTER, .ip = {TO6(53)}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {TO_MEMBER6(5353)}},
		 service_fix,
		 service_fix},
		{"into a tunnel",
		 {TO_ROUTER, .ip = {TO4(81), .protocol = TCP}},
		 DP_REASON_encapsulated,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .tunnel = VXLAN,
		  .vni = WAY_VNI(WAY_VXLAN4),
		  .inner_dst = WAY_MAC(WAY_VXLAN4),
		  .inner_src = MAC_OUT,
		  .outer = {.src = LOCAL4, .dst = REMOTE4, .fragment = DONT_FRAGMENT, .dst_port = 4789},
		  .ip = {.src = HOST4,
			 .dst = "10.4.0.7",
			 .src_port = 40000,
			 .dst_port = 8081,
			 .protocol = TCP,
			 .payload = 21,
			 .ttl = 63}},
		 service_fix,
		 service_fix},
		{"from a tunnel",
		 {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP, .ip = {TO4(80), .protocol = TCP}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {TO_MEMBER4(8080), .protocol = TCP}},
		 service_fix,
		 service_fix},
		{"to a link",
		 {TO_ROUTER, .ip = {TO6(82), .protocol = TCP}},
		 DP_REASON_forwarded,
		 {.dst = MAC_MEMBER,
		  .src = MAC_OUT,
		  .ip = {.src = HOST6,
			 .dst = LINK_MEMBER6,
			 .src_port = 40000,
			 .dst_port = 82,
			 .protocol = TCP,
			 .payload = 21,
			 .ttl = 63}},
		 service_fix,
		 service_fix},
		{"of another family", {TO_ROUTER, .ip = {TO6(83), .protocol = TCP}}, DP_REASON_inconsistent},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		service_add(&services[i]);
	RIG_CHECK_ALL(tests);
}

/* The frame that answers, without the answer's identification. */
static void answered(const char *name, const struct frame_spec *spec, enum dp_reason reason, uint8_t protocol)
{
	struct frame in = frame_build(spec);
	struct outcome outcome;

	service_fix(&in, spec);
	outcome = rig_run_answered(&in);
	if (outcome.reason != reason)
		fail_msg("%s: %s", name, reason_names[outcome.reason]);
	assert_int_equal(outcome.frame.byte[14 + (outcome.frame.byte[14] >> 4 == 6 ? 6 : 9)], protocol);
}

/* VIPs answer as the router's own addresses do, and say what they have no listener for. */
static void vip_answers(void **state)
{
	static const struct service_spec services[] = {{BALANCER4, TCP, 80, .members = {{"10.1.0.7", 8080}}},
						       {BALANCER6, TCP, 80, .members = {{"2001:db8:1::7", 8080}}},
						       {BALANCER4, UDP, 100, 200, .members = {{"10.1.0.7"}}},
						       {BALANCER4, UDP, 99}};
	static const struct frame_spec echo = {TO_ROUTER,
					       .ip = {.src = HOST4, .dst = VIP4, .protocol = ICMP, .icmp_type = 8}};
	static const struct frame_spec echo6 = {
		TO_ROUTER, .ip = {.src = HOST6, .dst = VIP6, .protocol = ICMPV6, .icmp_type = 128}};
	static const struct frame_spec closed = {TO_ROUTER, .ip = {TO4(79), .protocol = TCP}};
	static const struct frame_spec closed6 = {TO_ROUTER, .ip = {TO6(443), .protocol = TCP}};
	static const struct frame_spec below = {TO_ROUTER, .ip = {TO4(98)}}, above = {TO_ROUTER, .ip = {TO4(201)}};
	static const struct frame_spec other = {TO_ROUTER, .ip = {TO4(150), .protocol = TCP}};
	static const struct frame_spec empty = {TO_ROUTER, .ip = {TO4(99)}};
	static const struct frame_spec strange = {TO_ROUTER,
						  .ip = {.src = HOST4, .dst = VIP4, .protocol = 47, .payload = 30}};
	struct frame_spec asks = {TO_ALL, .eth_proto = ARP, .ip = {.payload = 46}};
	struct frame in = frame_build(&asks), want;

	(void)state;
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		service_add(&services[i]);
	answer_put_arp(&in, ETHERNET, 1, MAC_HOST, "0.0.0.0", 0, VIP4);
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_arp_answered);
	in = answer_solicitation(HOST6, VIP6);
	want = answer_advertisement(MAC_HOST, HOST6, VIP6, MAC_ROUTER, 0xe0);
	in = rig_run_answered(&in).frame;
	assert_int_equal(in.length, want.length);
	answered("echo", &echo, DP_REASON_echo_answered, ICMP);
	answered("echo, IPv6", &echo6, DP_REASON_echo_answered, ICMPV6);
	answered("no listener", &closed, DP_REASON_no_listener, TCP);
	answered("no listener, IPv6", &closed6, DP_REASON_no_listener, TCP);
	answered("below the range", &below, DP_REASON_no_listener, ICMP);
	answered("above the range", &above, DP_REASON_no_listener, ICMP);
	answered("another protocol than the range's", &other, DP_REASON_no_listener, TCP);
	answered("a pool without members", &empty, DP_REASON_no_member, ICMP);
	answered("no ports", &strange, DP_REASON_no_listener, ICMP);
}

/* A first fragment has the ports; later ones go where it went. */
static void fragments(void **state)
{
	static const struct service_spec service = {BALANCER4, UDP, 53, .members = {{"10.1.0.7", 53}}};
	static const struct frame_spec first = {TO_ROUTER, .ip = {.src = HOST4,
								  .dst = VIP4,
								  .src_port = 40001,
								  .dst_port = 53,
								  .fragment = MORE_FRAGMENTS,
								  .id = 7,
								  .payload = 24}};
	static const struct rig_case later = {
		"a later fragment",
		{TO_ROUTER, .ip = {.src = HOST4, .dst = VIP4, .fragment = 4, .id = 7, .payload = 24}},
		DP_REASON_forwarded,
		{SENT, .ip = {.src = HOST4, .dst = "10.1.0.7", .fragment = 4, .id = 7, .payload = 24, .ttl = 63}}};
	static const struct frame_spec unknown = {
		TO_ROUTER, .ip = {.src = HOST4, .dst = VIP4, .fragment = 4, .id = 8, .payload = 24}};
	struct frame in = frame_build(&first), want = in;
	struct outcome outcome;

	(void)state;
	service_add(&service);
	service_fix(&in, &first);
	outcome = rig_run(&in);
	assert_int_equal(outcome.reason, DP_REASON_forwarded);
	memcpy(want.byte + 14 + 16, rig_address("10.1.0.7").byte + 12, 4);
	service_fix(&want, &first);
	assert_int_equal(frame_get16(&outcome.frame, 14 + 26), frame_get16(&want, 14 + 26));
	rig_check(&later);
	in = frame_build(&unknown);
	assert_int_equal(rig_run(&in).reason, DP_REASON_no_listener);
}

int service_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(direct, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(translated, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(vip_answers, service_set_up, service_tear_down),
		cmocka_unit_test_setup_teardown(fragments, service_set_up, service_tear_down),
	};

	return cmocka_run_group_tests_name("service", tests, NULL, NULL) + service_flow_tests() + service_nat_tests() +
	       service_chain_tests() + service_bank_tests();
}
