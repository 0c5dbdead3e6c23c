/* SPDX-License-Identifier: Apache-2.0 */
/* Into tunnels of all kinds, IPv4 and IPv6 outside and inside; the underlay's route; entropy and ECN. */
#include <string.h>

#include "tests/bpf/router/rig.h"

#define TO_ROUTER		.dst = MAC_ROUTER, .src = MAC_HOST
#define IP(source, destination) .src = source, .dst = destination, .src_port = 1000, .dst_port = 2000, .payload = 20
#define DF			.fragment = 0x4000

static const struct {
	enum way way;
	const char *to[2]; /* by inner family */
	bool ipv6;	   /* outside */
} tunnels[] = {
	{WAY_VXLAN4, {"10.4.0.1", "2001:db8:4::1"}, false},  {WAY_VXLAN6, {"10.5.0.1", "2001:db8:5::1"}, true},
	{WAY_GENEVE4, {"10.6.0.1", "2001:db8:6::1"}, false}, {WAY_GENEVE6, {"10.7.0.1", "2001:db8:7::1"}, true},
	{WAY_IPIP4, {"10.21.0.1", "2001:db8:21::1"}, false}, {WAY_IPIP6, {"10.22.0.1", "2001:db8:22::1"}, true},
	{WAY_GUE4, {"10.23.0.1", "2001:db8:23::1"}, false},  {WAY_GUE6, {"10.24.0.1", "2001:db8:24::1"}, true},
};
enum { TUNNELS = sizeof(tunnels) / sizeof(*tunnels) };

static enum tunnel_spec_kind kind_of(enum way way)
{
	return way <= WAY_VXLAN6 ? VXLAN : way <= WAY_GENEVE6 ? GENEVE : way <= WAY_IPIP6 ? IPIP : GUE;
}

/* A plain packet and what it becomes in tunnel i, with this traffic class. */
static struct rig_case encapsulated(int i, bool inner_ipv6, uint8_t tos)
{
	enum way way = tunnels[i].way;
	static const uint16_t ports[] = {[VXLAN] = 4789, [GENEVE] = 6081, [IPIP] = 0, [GUE] = 6080};
	struct rig_case test = {"encapsulated",
				{TO_ROUTER},
				DP_REASON_encapsulated,
				{.dst = WAY_MAC(WAY_UNDERLAY),
				 .src = MAC_OUT,
				 .tunnel = kind_of(way),
				 .vni = WAY_VNI(way),
				 .inner_dst = WAY_MAC(way),
				 .inner_src = MAC_OUT}};

	test.in.ip = (struct ip_spec){IP(inner_ipv6 ? "2001:db8:abcd::1" : "172.16.0.1", tunnels[i].to[inner_ipv6]),
				      .tos = tos};
	test.out.ip = test.in.ip;
	test.out.ip.ttl = 63;
	test.out.outer =
		(struct ip_spec){.src = LOCAL4, .dst = REMOTE4, DF, .tos = tos, .dst_port = ports[kind_of(way)]};
	if (tunnels[i].ipv6) {
		test.out.outer.src = LOCAL6;
		test.out.outer.dst = REMOTE6;
		test.out.outer.fragment = 0;
	}
	return test;
}

static void all_kinds(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * TUNNELS; i++) {
		enum way way = tunnels[i / 2].way;
		struct dp_counter before = rig_counter(DP_COUNTER_ENCAP + way);
		struct dp_counter underlay = rig_counter(DP_COUNTER_TX + WAY_INTERFACE(WAY_UNDERLAY));
		struct rig_case test = encapsulated(i / 2, i & 1, 0);
		size_t length = frame_build(&test.out).length;

		rig_check(&test);
		assert_int_equal(rig_counter(DP_COUNTER_ENCAP + way).packets - before.packets, 1);
		assert_int_equal(rig_counter(DP_COUNTER_ENCAP + way).bytes - before.bytes, length);
		assert_int_equal(rig_counter(DP_COUNTER_TX + WAY_INTERFACE(WAY_UNDERLAY)).bytes - underlay.bytes,
				 length);
	}
}

/* Written out once by hand, so that not everything rests on frame_build(). */
static void byte_by_byte(void **state)
{
	static const uint8_t want[] = {
		0x02, 0,    0,	  0,	0,    0x9a, 0x02, 0,	0,    0,    0,	  0x03, 0x08, 0x00, /* Ethernet to the
												       underlay's
												       gateway */
		0x45, 0x00, 0x00, 0x4e, 0,    0,    0x40, 0x00, 0x40, 0x11, 0x3c, 0x9b, /* IPv4, DF, TTL 64, UDP,
											   checksum */
		203,  0,    113,  1,	192,  0,    2,	  2,	0,    0,    0x12, 0xb5, 0x00, 0x3a, 0x00,
		0x00,						/* UDP to 4789, no checksum */
		0x08, 0,    0,	  0,	0x00, 0x03, 0xec, 0x00, /* VXLAN, VNI 1004 */
		0x02, 0,    0,	  0,	0,    0x44, 0x02, 0,	0,    0,    0,	  0x03, 0x08, 0x00, /* inner Ethernet */
		0x45, 0x00, 0x00, 0x1c, 0,    0,    0,	  0,	0x3f, 0x11, 0xc5, 0xbb,		    /* TTL 63 */
		172,  16,   0,	  1,	10,   4,    0,	  1,	0x03, 0xe8, 0x07, 0xd0, 0x00, 0x08, 0x00,
		0x00,
	};
	struct frame_spec spec = {TO_ROUTER,
				  .ip = {.src = "172.16.0.1", .dst = "10.4.0.1", .src_port = 1000, .dst_port = 2000}};
	struct frame in = frame_build(&spec);
	struct outcome outcome = rig_run(&in);

	(void)state;
	assert_int_equal(outcome.frame.length, sizeof(want));
	assert_in_range(frame_get16(&outcome.frame, 34), 49152, 65535);
	frame_put16(&outcome.frame, 34, 0);
	assert_memory_equal(outcome.frame.byte, want, sizeof(want));
}

/* RFC 6040 normal mode: the outer ECN field is the inner one; DSCP too. */
static void traffic_class(void **state)
{
	(void)state;
	for (int i = 0; i < 8 * TUNNELS; i++) {
		struct rig_case test = encapsulated(i / 8, i & 4, 0xb8 | (i & 3));

		rig_check(&test);
	}
}

static void padding_is_not_payload(void **state)
{
	(void)state;
	for (int i = 0; i < TUNNELS; i++) {
		struct rig_case test = encapsulated(i, false, 0);

		test.in.trailer = 9;
		rig_check(&test);
	}
}

/* IPv6 in IPv4 and back, and what Katran sends: by hand, too. */
static void plain_byte_by_byte(void **state)
{
	static const uint8_t sit[] = {
		0x02, 0,    0,	  0,	0,    0x9a, 0x02, 0,	0,    0,    0,	  0x03, 0x08, 0x00, /* Ethernet */
		0x45, 0,    0,	  0x44, 0,    0,    0x40, 0,	0x40, 0x29, 0x3c, 0x8d, /* IPv4, protocol 41 */
		203,  0,    113,  1,	192,  0,    2,	  2,				/* from and to */
		0x60, 0,    0,	  0,	0,    8,    0x11, 0x3f,				/* IPv6, hop limit 63 */
		0x20, 0x01, 0x0d, 0xb8, 0xab, 0xcd, 0,	  0,	0,    0,    0,	  0,	0,    0,    0, 1, /* from */
		0x20, 0x01, 0x0d, 0xb8, 0,    0x21, 0,	  0,	0,    0,    0,	  0,	0,    0,    0, 1, /* to */
		0x03, 0xe8, 0x07, 0xd0, 0,    8,    0,	  0,						  /* UDP */
	};
	static const uint8_t gue[] = {
		0x02, 0,    0,	  0,	0,   0x9a, 0x02, 0, 0,	  0,	0,    0x03, 0x08, 0x00, /* Ethernet */
		0x45, 0,    0,	  0x38, 0,   0,	   0x40, 0, 0x40, 0x11, 0x3c, 0xb1,		/* IPv4, UDP */
		203,  0,    113,  1,	192, 0,	   2,	 2,					/* from and to */
		0,    0,    0x17, 0xc0, 0,   0x24, 0,	 0,			    /* to port 6080, no checksum */
		0x45, 0,    0,	  0x1c, 0,   0,	   0,	 0, 0x3f, 0x11, 0xc5, 0xa8, /* IPv4, TTL 63 */
		172,  16,   0,	  1,	10,  23,   0,	 1,			    /* from and to */
		0x03, 0xe8, 0x07, 0xd0, 0,   8,	   0,	 0,			    /* UDP */
	};
	struct frame_spec spec = {TO_ROUTER, .ip = {.src_port = 1000, .dst_port = 2000}};
	struct outcome outcome;
	struct frame in;

	(void)state;
	spec.ip.src = "2001:db8:abcd::1";
	spec.ip.dst = "2001:db8:21::1";
	in = frame_build(&spec);
	outcome = rig_run(&in);
	assert_int_equal(outcome.frame.length, sizeof(sit));
	assert_memory_equal(outcome.frame.byte, sit, sizeof(sit));
	spec.ip.src = "172.16.0.1";
	spec.ip.dst = "10.23.0.1";
	in = frame_build(&spec);
	outcome = rig_run(&in);
	assert_int_equal(outcome.frame.length, sizeof(gue));
	assert_in_range(frame_get16(&outcome.frame, 34), 49152, 65535);
	frame_put16(&outcome.frame, 34, 0);
	assert_memory_equal(outcome.frame.byte, gue, sizeof(gue));
}

static void underlay(void **state)
{
	static const struct rig_case tests[] = {
		{"no route", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.15.0.1")}}, DP_REASON_tunnel_no_route},
		{"loop", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.16.0.1")}}, DP_REASON_tunnel_loop},
		{"unresolved", {TO_ROUTER, .ip = {IP("172.16.0.1", "10.19.0.1")}}, DP_REASON_unresolved},
		{"behind a VLAN",
		 {TO_ROUTER, .ip = {IP("172.16.0.1", "10.17.0.1")}},
		 DP_REASON_encapsulated,
		 {.dst = WAY_MAC(WAY_UNDERLAY_VLAN),
		  .src = MAC_OUT,
		  .vlan = VLAN_OUT,
		  .tunnel = VXLAN,
		  .vni = WAY_VNI(WAY_TUNNEL_VLAN),
		  .inner_dst = WAY_MAC(WAY_TUNNEL_VLAN),
		  .inner_src = MAC_OUT,
		  .outer = {.src = LOCAL4, .dst = "100.66.0.1", DF, .dst_port = 4789},
		  .ip = {IP("172.16.0.1", "10.17.0.1"), .ttl = 63}}},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

static uint16_t source_port(const struct frame_spec *spec)
{
	struct frame frame = frame_build(spec);
	struct outcome outcome = rig_run(&frame);

	assert_int_equal(outcome.reason, DP_REASON_encapsulated);
	return frame_get16(&outcome.frame, 34);
}

/* One flow, one source port; many flows, many; fragments of a packet all the same. */
static void entropy(void **state)
{
	enum { FLOWS = 512 };
	static bool used[65536]; /* too much for the stack */
	struct frame_spec spec = {TO_ROUTER, .ip = {IP("172.16.0.1", "10.4.0.1")}};
	int different = 0;
	uint16_t port;

	(void)state;
	memset(used, 0, sizeof(used));
	for (int i = 0; i < FLOWS; i++) {
		spec.ip.src_port = 2000 + i;
		port = source_port(&spec);
		assert_int_equal(source_port(&spec), port);
		different += !used[port];
		used[port] = true;
	}
	assert_in_range(different, FLOWS * 9 / 10, FLOWS);
	spec.ip.fragment = 0x2000;
	port = source_port(&spec);
	spec.ip.fragment = 0x0010;
	assert_int_equal(source_port(&spec), port);
}

int encap_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds),	      cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(traffic_class),      cmocka_unit_test(padding_is_not_payload),
		cmocka_unit_test(underlay),	      cmocka_unit_test(entropy),
		cmocka_unit_test(plain_byte_by_byte),
	};

	return cmocka_run_group_tests_name("encap", tests, NULL, NULL);
}
