/* SPDX-License-Identifier: Apache-2.0 */
/* Plain routing: MACs, VLAN tags in and out, TTL and checksum, fragments, sizes, and what a route may end in. */
#include <string.h>

#include "tests/bpf/router/rig.h"

#define TO_ROUTER		.dst = MAC_ROUTER, .src = MAC_HOST
#define SENT_BY(way)		.dst = WAY_MAC(way), .src = MAC_OUT
#define IP(source, destination) .src = source, .dst = destination, .src_port = 1000, .dst_port = 2000, .payload = 20
#define IPV4			IP("172.16.0.1", "10.1.0.1")
#define SHORT			.src = "172.16.0.1", .dst = "10.1.0.1" /* a frame of 42 bytes */
#define IPV6			IP("2001:db8:abcd::1", "2001:db8:1::1")

enum { TCP = 6, ICMP = 1, ICMPV6 = 58 };
enum { MF = 0x2000, DF = 0x4000 };

static void plain(void **state)
{
	static const struct rig_case tests[] = {
		{"UDP", {TO_ROUTER, .ip = {IPV4}}, DP_REASON_forwarded, {SENT_BY(WAY_PLAIN), .ip = {IPV4, .ttl = 63}}},
		{"UDP, IPv6",
		 {TO_ROUTER, .ip = {IPV6}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV6, .ttl = 63}}},
		{"TCP",
		 {TO_ROUTER, .ip = {IPV4, .protocol = TCP, .id = 0xffff, .fragment = DF}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV4, .protocol = TCP, .id = 0xffff, .fragment = DF, .ttl = 63}}},
		{"ICMP",
		 {TO_ROUTER, .ip = {IPV4, .protocol = ICMP}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV4, .protocol = ICMP, .ttl = 63}}},
		{"ICMPv6 echo",
		 {TO_ROUTER, .ip = {IPV6, .protocol = ICMPV6, .icmp_type = 128}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV6, .protocol = ICMPV6, .icmp_type = 128, .ttl = 63}}},
		{"a protocol without ports",
		 {TO_ROUTER, .ip = {IPV4, .protocol = 47}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV4, .protocol = 47, .ttl = 63}}},
		{"padded frame",
		 {TO_ROUTER, .trailer = 18, .ip = {SHORT}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .trailer = 18, .ip = {SHORT, .ttl = 63}}},
		{"trailer",
		 {TO_ROUTER, .trailer = 19, .ip = {SHORT}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {SHORT, .ttl = 63}}},
		{"trailer, IPv6",
		 {TO_ROUTER, .trailer = 1, .ip = {IPV6}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV6, .ttl = 63}}},
		{"class E",
		 {TO_ROUTER, .ip = {.src = "240.0.0.1", .dst = "10.1.0.1"}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {.src = "240.0.0.1", .dst = "10.1.0.1", .ttl = 63}}},
		{"traffic class stays",
		 {TO_ROUTER, .ip = {IPV6, .tos = 0xb9}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV6, .tos = 0xb9, .ttl = 63}}},
		{"destination options",
		 {TO_ROUTER, .ip = {IPV6, .destination_options = 24}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV6, .destination_options = 24, .ttl = 63}}},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

/* The incremental checksum is right at every TTL and for headers that carry in every way. */
static void checksums(void **state)
{
	struct rig_case test = {
		"checksum", {TO_ROUTER, .ip = {IPV4}}, DP_REASON_forwarded, {SENT_BY(WAY_PLAIN), .ip = {IPV4}}};

	(void)state;
	for (int ttl = 2; ttl <= 255; ttl++) {
		test.in.ip.ttl = ttl;
		test.out.ip.ttl = ttl - 1;
		test.in.ip.id = test.out.ip.id = ttl * 257 + 0x1235;
		rig_check(&test);
	}
	test.in.ip.ttl = 2;
	test.out.ip.ttl = 1;
	for (int id = 0; id < 65536; id += 251) {
		test.in.ip.id = test.out.ip.id = id;
		rig_check(&test);
	}
}

static void vlans(void **state)
{
	static const struct {
		uint16_t vlan, inner;
	} in[] = {{0, 0}, {PORT_VLAN(PORT_TENANT_TAGGED), 0}, {PORT_VLAN(PORT_TENANT_QINQ), INNER_VLAN}},
	  out[] = {{0, 0}, {VLAN_OUT, 0}, {VLAN_OUT, INNER_VLAN_OUT}};
	static const char *const to[][2] = {
		{"10.1.0.1", "2001:db8:1::1"}, {"10.2.0.1", "2001:db8:2::1"}, {"10.3.0.1", "2001:db8:3::1"}};

	(void)state;
	for (int i = 0; i < 18; i++) {
		int from = i % 3, way = i / 3 % 3, ipv6 = i / 9;
		const char *src = ipv6 ? "2001:db8:abcd::1" : "172.16.0.1";
		struct rig_case test = {"VLANs",
					{TO_ROUTER, .vlan = in[from].vlan, .inner_vlan = in[from].inner,
					 .ip = {IP(src, to[way][ipv6])}},
					DP_REASON_forwarded,
					{.dst = WAY_MAC(WAY_PLAIN + way),
					 .src = MAC_OUT,
					 .vlan = out[way].vlan,
					 .inner_vlan = out[way].inner,
					 .ip = {IP(src, to[way][ipv6]), .ttl = 63}}};

		rig_check(&test);
	}
}

static void fragments(void **state)
{
	static const struct rig_case tests[] = {
		{"first",
		 {TO_ROUTER, .ip = {IPV4, .fragment = MF}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV4, .fragment = MF, .ttl = 63}}},
		{"later",
		 {TO_ROUTER, .ip = {IPV4, .fragment = MF | 185}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV4, .fragment = MF | 185, .ttl = 63}}},
		{"first, IPv6",
		 {TO_ROUTER, .ip = {IPV6, .fragment = 1}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV6, .fragment = 1, .ttl = 63}}},
		{"last, IPv6",
		 {TO_ROUTER, .ip = {IPV6, .fragment = 1480}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {IPV6, .fragment = 1480, .ttl = 63}}},
		{"first one too short for TCP",
		 {TO_ROUTER,
		  .ip = {.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = 132, .payload = 4, .fragment = MF}},
		 DP_REASON_forwarded,
		 {SENT_BY(WAY_PLAIN), .ip = {.src = "172.16.0.1",
					     .dst = "10.1.0.1",
					     .protocol = 132,
					     .payload = 4,
					     .fragment = MF,
					     .ttl = 63}}},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

static void ends_of_routes(void **state)
{
	static const struct rig_case tests[] = {
		{"no route", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.200.0.1")}}, DP_REASON_no_route},
		{"no route, IPv6", {TO_ROUTER, .ip = {IP("2001:db8:abcd::1", "2001:db9::1")}}, DP_REASON_no_route},
		{"discard", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.8.0.1")}}, DP_REASON_discard},
		{"unresolved", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.9.0.1")}}, DP_REASON_unresolved},
		{"group without members", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.10.0.1")}}, DP_REASON_no_next_hop},
		{"group outside its table", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.11.0.1")}}, DP_REASON_inconsistent},
		{"local", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.18.0.1")}}, DP_REASON_local},
		{"local, IPv6", {TO_ROUTER, .ip = {IP("2001:db8:abcd::1", "2001:db8:18::1")}}, DP_REASON_local},
		{"local with TTL 1", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.18.0.1"), .ttl = 1}}, DP_REASON_local},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

/* Without an address to answer from there is no answer: answer.c has those. */
static void ttl_used_up(void **state)
{
	static const struct rig_case tests[] = {
		{"TTL 1", {TO_ROUTER, .ip = {IPV4, .ttl = 1}}, DP_REASON_ttl_expired},
		{"TTL 0", {TO_ROUTER, .ip = {IPV4, .ttl = TTL_ZERO}}, DP_REASON_ttl_expired},
		{"hop limit 1", {TO_ROUTER, .ip = {IPV6, .ttl = 1}}, DP_REASON_ttl_expired},
		{"TTL 1 into a tunnel",
		 {TO_ROUTER, .ip = {IP("172.16.0.1", "10.4.0.1"), .ttl = 1}},
		 DP_REASON_ttl_expired},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

static void sizes(void **state)
{
	static const struct {
		const char *src, *dst;
		uint16_t mtu;	  /* of the way */
		uint16_t headers; /* IP and UDP, and those of a tunnel */
		enum dp_reason fits;
	} ways[] = {
		{"172.16.0.1", "10.1.0.1", 1500, 28, DP_REASON_forwarded},
		{"172.16.0.1", "10.12.0.1", 600, 28, DP_REASON_forwarded},
		{"172.16.0.1", "10.13.0.1", 9000, 28, DP_REASON_forwarded},
		{"2001:db8:abcd::1", "2001:db8:12::1", 600, 48, DP_REASON_forwarded},
		{"172.16.0.1", "10.4.0.1", 1500, 28 + 50, DP_REASON_encapsulated},
		{"172.16.0.1", "10.5.0.1", 1500, 28 + 70, DP_REASON_encapsulated},
		{"2001:db8:abcd::1", "2001:db8:6::1", 1500, 48 + 50, DP_REASON_encapsulated},
		{"2001:db8:abcd::1", "2001:db8:7::1", 1500, 48 + 70, DP_REASON_encapsulated},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct frame_spec spec = {TO_ROUTER, .ip = {.src = ways[i].src, .dst = ways[i].dst}};
		struct frame frame;

		spec.ip.payload = ways[i].mtu - ways[i].headers;
		spec.ip.fragment = strchr(ways[i].src, ':') ? 0 : DONT_FRAGMENT;
		frame = frame_build(&spec);
		if (!rig_takes(&frame))
			continue;
		assert_string_equal(reason_names[rig_run(&frame).reason], reason_names[ways[i].fits]);
		spec.ip.payload++;
		frame = frame_build(&spec);
		if (frame.length <= RIG_PAGE)
			assert_string_equal(reason_names[rig_run(&frame).reason], "too_big");
	}
}

/* A frame in several buffers (xdp.frags): headers in the first, the rest follows unread. */
static void jumbo(void **state)
{
	static const struct rig_case test = {
		"9000 bytes",
		{TO_ROUTER, .ip = {.src = "172.16.0.1", .dst = "10.13.0.1", .payload = 8972}},
		DP_REASON_forwarded,
		{SENT_BY(WAY_JUMBO), .ip = {.src = "172.16.0.1", .dst = "10.13.0.1", .payload = 8972, .ttl = 63}}};

	(void)state;
	rig_check(&test);
}

/* To a device that can't transmit for XDP, by a route, into a tunnel and to a stage: the other program sends. */
static void left_by_xdp(void **state)
{
	static const struct frame_spec specs[] = {
		{TO_ROUTER, .ip = {IPV4}},
		{TO_ROUTER, .ip = {IP("172.16.0.1", "10.4.0.1")}},
		{TO_ROUTER, .vlan = PORT_VLAN(PORT_CHAINED),
		 .ip = {.src = "172.16.0.1", .dst = "10.1.0.1", .protocol = TCP, .dst_port = 80}},
	};
	static const enum dp_reason reasons[] = {DP_REASON_forwarded, DP_REASON_encapsulated, DP_REASON_steered};
	const struct bank *bank = rig_bank(0);

	(void)state;
	for (int tc_only = 1; tc_only >= 0; tc_only--) {
		bank->next_hops[WAY_PLAIN].egress.tc_only = tc_only;
		bank->next_hops[WAY_UNDERLAY].egress.tc_only = tc_only;
		for (int i = 0; i < GROUP_FIRST_MEMBERS; i++)
			bank->stages[STAGE_FIRST].member[i].tc_only = tc_only;
		for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++) {
			struct frame frame = frame_build(&specs[i]);
			struct outcome outcome = rig_run(&frame);

			assert_string_equal(reason_names[outcome.reason], reason_names[reasons[i]]);
			assert_int_equal(outcome.left, tc_only && rig_context() == RIG_XDP);
		}
	}
}

static void counters(void **state)
{
	static const struct rig_case test = {
		"VLAN out",
		{TO_ROUTER, .ip = {IP("172.16.0.1", "10.2.0.1")}},
		DP_REASON_forwarded,
		{SENT_BY(WAY_VLAN), .vlan = VLAN_OUT, .ip = {IP("172.16.0.1", "10.2.0.1"), .ttl = 63}}};
	struct dp_counter route = rig_counter(DP_COUNTER_ROUTES + WAY_VLAN);
	struct dp_counter sent = rig_counter(DP_COUNTER_TX + WAY_INTERFACE(WAY_VLAN));

	(void)state;
	rig_check(&test);
	assert_int_equal(rig_counter(DP_COUNTER_ROUTES + WAY_VLAN).packets - route.packets, 1);
	assert_int_equal(rig_counter(DP_COUNTER_ROUTES + WAY_VLAN).bytes - route.bytes, 62);
	assert_int_equal(rig_counter(DP_COUNTER_TX + WAY_INTERFACE(WAY_VLAN)).packets - sent.packets, 1);
	assert_int_equal(rig_counter(DP_COUNTER_TX + WAY_INTERFACE(WAY_VLAN)).bytes - sent.bytes, 66);
	/* Whether noted down or counted already, none is missing at any time. */
	for (unsigned int i = 2; i < 3 * DP_PENDING_RECORDS; i++) {
		rig_check(&test);
		assert_int_equal(rig_counter(DP_COUNTER_ROUTES + WAY_VLAN).packets - route.packets, i);
		assert_int_equal(rig_counter(DP_COUNTER_ROUTES + WAY_VLAN).bytes - route.bytes, 62 * i);
	}
}

int forward_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),     cmocka_unit_test(checksums),      cmocka_unit_test(vlans),
		cmocka_unit_test(fragments), cmocka_unit_test(ends_of_routes), cmocka_unit_test(ttl_used_up),
		cmocka_unit_test(sizes),     cmocka_unit_test(jumbo),	       cmocka_unit_test(left_by_xdp),
		cmocka_unit_test(counters),
	};

	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
