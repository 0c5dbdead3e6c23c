/* SPDX-License-Identifier: Apache-2.0 */
/* What the underlay says about a tunnel's path: path MTUs are learnt from errors that quote ours, fragments counted. */
#include <string.h>

#include <time.h>

#include "tests/bpf/router/rig.h"
#include "tests/bpf/router/stacks.h"

#define TO_VTEP	 .dst = MAC_ROUTER, .src = MAC_HOST, .vlan = PORT_VLAN(PORT_UNDERLAY)
#define OUTER_IP 18 /* behind the VLAN */
#define HEADERS4 20
#define HEADERS6 40
#define ROUTER4	 "198.51.100.1"
#define ROUTER6	 "2001:db8:77::1"
#define QUOTED	 64 /* bytes, of which 28 or 48 are needed */

enum { ICMP_UNREACHABLE = 3, NEEDED = 4, TOO_BIG = 2 };

static uint16_t learnt(uint32_t tunnel)
{
	return DP_PATH_MTU(rig_tunnel_path(tunnel).path);
}

static const uint32_t endpoints[] = {TUNNEL_IN(false, VXLAN), TUNNEL_IN(true, VXLAN), TUNNEL_IN(false, GENEVE),
				     TUNNEL_IN(true, GENEVE), TUNNEL_IN(false, IPIP), TUNNEL_IN(true, IPIP),
				     TUNNEL_IN(false, GUE),   TUNNEL_IN(true, GUE)};
enum { ENDPOINTS = sizeof(endpoints) / sizeof(*endpoints) };

static enum tunnel_spec_kind kind_of(uint32_t tunnel)
{
	return tunnel >= WAY_GUE4		    ? GUE
	       : tunnel >= WAY_IPIP4		    ? IPIP
	       : tunnel >= TUNNEL_IN(false, GENEVE) ? GENEVE
						    : VXLAN;
}

static uint16_t port_of(uint32_t tunnel)
{
	static const uint16_t ports[] = {[VXLAN] = 4789, [GENEVE] = 6081, [IPIP] = 0, [GUE] = 6080};

	return ports[kind_of(tunnel)];
}

static bool is_over_ipv6(uint32_t tunnel)
{
	return tunnel == TUNNEL_IN(true, kind_of(tunnel));
}

static void forget(void)
{
	for (size_t i = 0; i < ENDPOINTS; i++)
		rig_set_tunnel_path(endpoints[i], 0);
}

/* A packet that the tunnel with this id sends, 1500 bytes. */
static struct frame sent(uint32_t tunnel)
{
	static const uint16_t headers[] = {[VXLAN] = 30, [GENEVE] = 30, [IPIP] = 0, [GUE] = 8};
	bool ipv6 = is_over_ipv6(tunnel);
	struct frame_spec spec = {TO_VTEP, .tunnel = kind_of(tunnel), .vni = VNI_TENANT,
				  .outer = {.src = ipv6 ? LOCAL6 : LOCAL4,
					    .dst = ipv6 ? REMOTE6 : REMOTE4,
					    .src_port = 50000,
					    .dst_port = port_of(tunnel),
					    .fragment = ipv6 ? 0 : 0x4000},
				  .ip = {.src = "172.16.0.1", .dst = "10.1.0.1"}};

	spec.ip.payload = (uint16_t)(1500 - (ipv6 ? 40 : 20) - headers[kind_of(tunnel)] - 28);
	return frame_build(&spec);
}

static bool is_ipv6(const struct frame *frame)
{
	return frame->byte[OUTER_IP] >> 4 == 6;
}

/* An error about it that says so small an MTU. */
static struct frame error_about(const struct frame *about, uint32_t mtu, size_t quoted)
{
	bool ipv6 = is_ipv6(about);
	struct frame error =
		stack_error(about, OUTER_IP, ipv6 ? ROUTER6 : ROUTER4, ipv6 ? TOO_BIG : ICMP_UNREACHABLE, quoted);
	size_t l4 = OUTER_IP + (ipv6 ? HEADERS6 : HEADERS4);

	error.byte[l4 + 1] = ipv6 ? 0 : NEEDED;
	frame_put16(&error, l4 + 4, (uint16_t)(mtu >> 16));
	frame_put16(&error, l4 + 6, (uint16_t)mtu);
	return error;
}

/* It goes up to the kernel, as it did, and this is known of the path of the tunnel afterwards, and of no other. */
static void hears(const struct frame *error, uint32_t tunnel, uint16_t mtu)
{
	struct outcome outcome = rig_run(error);

	assert_string_equal(reason_names[outcome.reason], "local");
	for (size_t i = 0; i < ENDPOINTS; i++)
		assert_int_equal(learnt(endpoints[i]), endpoints[i] == tunnel ? mtu : 0);
}

static void all_tunnels(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDPOINTS; i++) {
		uint32_t tunnel = endpoints[i];
		struct frame about = sent(tunnel), error = error_about(&about, 1400, QUOTED);
		uint64_t changes = rig_tunnel_path(0).path;

		assert_int_equal(about.length, OUTER_IP + 1500);
		hears(&error, tunnel, 1400);
		assert_int_equal(rig_tunnel_path(0).path, changes + 1);
		forget();
	}
}

static void what_may_be_said(void **state)
{
	static const struct {
		uint32_t tunnel, mtu;
		uint16_t learnt;
	} tests[] = {
		{TUNNEL_IN(false, VXLAN), 1499, 1499}, {TUNNEL_IN(false, VXLAN), 1500, 0},
		{TUNNEL_IN(false, VXLAN), 65535, 0},   {TUNNEL_IN(false, VXLAN), 576, 576},
		{TUNNEL_IN(false, VXLAN), 575, 576},   {TUNNEL_IN(false, VXLAN), 68, 576},
		{TUNNEL_IN(false, VXLAN), 1, 576},     {TUNNEL_IN(false, VXLAN), 0, 1492}, /* as of before RFC 1191 */
		{TUNNEL_IN(true, GENEVE), 1499, 1499}, {TUNNEL_IN(true, GENEVE), 1280, 1280},
		{TUNNEL_IN(true, GENEVE), 1279, 0},    {TUNNEL_IN(true, GENEVE), 0, 0},
		{TUNNEL_IN(true, GENEVE), 1500, 0},    {TUNNEL_IN(true, GENEVE), 0x10500, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct frame about = sent(tests[i].tunnel), error = error_about(&about, tests[i].mtu, QUOTED);

		hears(&error, tests[i].tunnel, tests[i].learnt);
		forget();
	}
}

/* The link's own MTU is 1500. */
static void larger_than_the_link(void **state)
{
	struct frame about = sent(TUNNEL_IN(false, VXLAN)), error;

	(void)state;
	frame_put16(&about, OUTER_IP + 2, 9000);
	error = error_about(&about, 1500, QUOTED);
	hears(&error, 0, 0);
	error = error_about(&about, 1499, QUOTED);
	hears(&error, TUNNEL_IN(false, VXLAN), 1499);
	forget();
}

/* What has not been sent by us is not believed. */
static void quotes(void **state)
{
	static const struct {
		bool ipv6;
		uint16_t at;
		uint8_t byte;
	} tests[] = {
		{false, 0, 0x46}, /* we send no options */
		{false, 0, 0x65},
		{false, 6, 0x20},	  /* nor fragments */
		{false, 9, 6},		  /* TCP */
		{false, 15, 7},		  /* from another address */
		{false, 19, 7},		  /* to one that is no remote */
		{false, HEADERS4 + 3, 7}, /* to another port */
		{true, 0, 0x40},
		{true, 6, 44},
		{true, 23, 7},
		{true, 39, 7},
		{true, HEADERS6 + 3, 7},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		struct frame about = sent(TUNNEL_IN(tests[i].ipv6, VXLAN)), error = error_about(&about, 1400, QUOTED);
		size_t headers = tests[i].ipv6 ? HEADERS6 : HEADERS4;

		error.byte[OUTER_IP + headers + 8 + tests[i].at] = tests[i].byte;
		hears(&error, 0, 0);
	}
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		size_t headers = ipv6 ? HEADERS6 : HEADERS4;
		struct frame about = sent(TUNNEL_IN(ipv6, VXLAN)), error = error_about(&about, 1400, headers + 8);

		hears(&error, TUNNEL_IN(ipv6, VXLAN), 1400);
		forget();
		error = error_about(&about, 1400, headers + 7);
		hears(&error, 0, 0);
		error = error_about(&about, 1400, QUOTED);
		error.byte[OUTER_IP + headers + !ipv6] = 1; /* another code; or unreachable */
		hears(&error, 0, 0);
	}
}

/* Only in the underlay's VRF. */
static void in_another_vrf(void **state)
{
	struct frame about = sent(TUNNEL_IN(false, VXLAN)), error;

	(void)state;
	frame_put16(&about, 14, 100 + PORT_TENANT_TAGGED);
	error = error_about(&about, 1400, QUOTED);
	rig_run(&error);
	assert_int_equal(learnt(TUNNEL_IN(false, VXLAN)), 0);
}

/* Learnt so many seconds ago, which may be before the machine was started. */
static uint64_t path_of(uint16_t mtu, int64_t seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.tv_sec - seconds) * 1000000000 >> DP_PATH_TIME_SHIFT) << 16 | mtu;
}

/* It is lowered at once, and raised when what was known is forgotten. */
static void smaller_counts(void **state)
{
	const uint32_t tunnel = TUNNEL_IN(false, GENEVE);
	struct frame about = sent(tunnel), larger = error_about(&about, 1400, QUOTED);
	struct frame smaller = error_about(&about, 1300, QUOTED);

	(void)state;
	hears(&larger, tunnel, 1400);
	hears(&smaller, tunnel, 1300);
	hears(&larger, tunnel, 1300);
	rig_set_tunnel_path(tunnel, path_of(1300, 590));
	hears(&larger, tunnel, 1300);
	rig_set_tunnel_path(tunnel, path_of(1300, 610));
	hears(&larger, tunnel, 1400);
	forget();
}

/* What the daemon has made of it: the tunnel takes no larger packet. */
static void packets_fit(void **state)
{
	struct frame_spec spec = {
		.dst = MAC_ROUTER,
		.src = MAC_HOST,
		.ip = {.src = "172.16.0.1", .dst = "10.4.0.1", .payload = 1000 - 50 - 28, .fragment = 0x4000}};
	struct frame frame = frame_build(&spec);

	(void)state;
	rig_bank(0)->tunnels[WAY_VXLAN4].mtu = 1000;
	assert_string_equal(reason_names[rig_run(&frame).reason], "encapsulated");
	spec.ip.payload++;
	frame = frame_build(&spec);
	assert_string_equal(reason_names[rig_run(&frame).reason], "too_big");
	rig_bank(0)->tunnels[WAY_VXLAN4].mtu = DP_PATH_MTU_NONE;
	assert_string_equal(reason_names[rig_run(&frame).reason], "encapsulated");
}

/* All fragments of one packet, first one first; of other packets they are for whom they were. */
static void fragments(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDPOINTS; i++) {
		uint32_t tunnel = endpoints[i];
		bool ipv6 = is_over_ipv6(tunnel), ipip = kind_of(tunnel) == IPIP;
		struct frame_spec spec = {TO_VTEP, .ip = {.src = ipv6 ? REMOTE6 : REMOTE4,
							  .dst = ipv6 ? LOCAL6 : LOCAL4,
							  .src_port = 50000,
							  .dst_port = port_of(tunnel),
							  .protocol = ipip ? 4 : 0,
							  .payload = 64,
							  .id = (uint16_t)(500 + tunnel),
							  .fragment = ipv6 ? 1 : 0x2000}};
		struct frame first = frame_build(&spec), later;
		uint64_t before = rig_tunnel_path(tunnel).fragments;

		spec.ip.fragment = ipv6 ? 8 << 3 : 8;
		later = frame_build(&spec);
		if (ipv6)
			first.byte[OUTER_IP + 47] = later.byte[OUTER_IP + 47] = (uint8_t)tunnel; /* identification */
		assert_string_equal(reason_names[rig_run(&first).reason], "tunnel_fragment");
		assert_string_equal(reason_names[rig_run(&later).reason], "tunnel_fragment");
		assert_int_equal(rig_tunnel_path(tunnel).fragments, before + 2);
		if (ipv6 || ipip) /* of IP in IP a later one says it itself */
			continue;
		spec.ip.id += 100;
		later = frame_build(&spec);
		assert_string_equal(reason_names[rig_run(&later).reason], "local");
		assert_int_equal(rig_tunnel_path(tunnel).fragments, before + 2);
	}
}

int tunnel_path_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_tunnels),	  cmocka_unit_test(what_may_be_said),
		cmocka_unit_test(quotes),	  cmocka_unit_test(larger_than_the_link),
		cmocka_unit_test(in_another_vrf), cmocka_unit_test(smaller_counts),
		cmocka_unit_test(packets_fit),	  cmocka_unit_test(fragments),
	};

	return cmocka_run_group_tests_name("tunnel_path", tests, NULL, NULL);
}
