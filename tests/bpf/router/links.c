/* SPDX-License-Identifier: Apache-2.0 */
/* Onto the link of an interface: to hosts whose MACs are known, by way of the kernel's resolution, and into tunnels. */
#include "tests/bpf/router/rig.h"

#include <string.h>

#define TO_ROUTER		.dst = MAC_ROUTER, .src = MAC_HOST
#define IP(source, destination) .src = source, .dst = destination, .src_port = 1000, .dst_port = 2000, .payload = 20
#define V4(to)			IP("172.16.0.1", to)
#define V6(to)			IP("2001:db8:abcd::1", to)

enum { LINK = 7, LINK_DOWN, HOST = 3, INTERFACE = 150, MAC_ON_LINK = 0x99 };

static struct dp_egress onto(uint8_t mac)
{
	struct dp_egress egress = {.ifindex = 1, .mtu = 1400, .interface = INTERFACE};

	memcpy(egress.dst_mac, (const uint8_t[]){mac ? 2 : 0, 0, 0, 0, 0, mac}, 6);
	memcpy(egress.src_mac, (const uint8_t[]){2, 0, 0, 0, 0, MAC_OUT}, 6);
	return egress;
}

static void add(uint16_t vrf, const char *prefix, uint32_t group, uint32_t row)
{
	assert_int_equal(rig_add_route(rig_bank(0), vrf, prefix, (struct dp_fib_leaf){group, row}), 0);
}

static int set_up(void **state)
{
	const struct bank *bank = rig_bank(0);

	(void)state;
	bank->links[LINK] = onto(0);
	bank->links[LINK].resolve = bank->links[LINK].tc_only = 1;
	bank->hosts[HOST] = onto(MAC_ON_LINK);
	add(VRF_TENANT, "10.200.1.0/24", DP_GROUP_CONNECTED, LINK);
	add(VRF_TENANT, "10.200.1.3/32", DP_GROUP_HOST, HOST);
	add(VRF_TENANT, "10.200.1.4/32", DP_GROUP_HOST, 0);
	add(VRF_TENANT, "10.200.1.255/32", DP_GROUP_BROADCAST, 0);
	add(VRF_TENANT, "10.200.2.0/24", DP_GROUP_CONNECTED, LINK_DOWN);
	add(VRF_TENANT, "2001:db8:c8::/64", DP_GROUP_CONNECTED, LINK);
	add(VRF_TENANT, "2001:db8:c8::3/128", DP_GROUP_HOST, HOST);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rig_fill(rig_bank(0));
	return 0;
}

#define BY_LINK .dst = 0, .src = MAC_OUT

/* A frame whose MAC is to be found out has none: the kernel puts it in. */
static void without_mac(struct frame *out, const struct frame_spec *spec)
{
	(void)spec;
	memset(out->byte, 0, 6);
}

static void to_hosts(void **state)
{
	static const struct rig_case tests[] = {
		{"all hosts", {TO_ROUTER, .ip = {V4("10.200.1.255")}}, DP_REASON_directed_broadcast},
		{"known host",
		 {TO_ROUTER, .ip = {V4("10.200.1.3")}},
		 DP_REASON_forwarded,
		 {.dst = MAC_ON_LINK, .src = MAC_OUT, .ip = {V4("10.200.1.3"), .ttl = 63}}},
		{"known host, IPv6",
		 {TO_ROUTER, .ip = {V6("2001:db8:c8::3")}},
		 DP_REASON_forwarded,
		 {.dst = MAC_ON_LINK, .src = MAC_OUT, .ip = {V6("2001:db8:c8::3"), .ttl = 63}}},
		{"unknown host",
		 {TO_ROUTER, .ip = {V4("10.200.1.9")}},
		 DP_REASON_resolving,
		 {BY_LINK, .ip = {V4("10.200.1.9"), .ttl = 63}},
		 .change_out = without_mac},
		{"unknown host, IPv6, from a VLAN",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_TENANT_TAGGED), .ip = {V6("2001:db8:c8::9")}},
		 DP_REASON_resolving,
		 {BY_LINK, .ip = {V6("2001:db8:c8::9"), .ttl = 63}},
		 .change_out = without_mac},
		{"host that does not answer", {TO_ROUTER, .ip = {V4("10.200.1.4")}}, DP_REASON_unresolved},
		{"link that is down", {TO_ROUTER, .ip = {V4("10.200.2.9")}}, DP_REASON_unresolved},
		{"TTL, known host", {TO_ROUTER, .ip = {V4("10.200.1.3"), .ttl = 1}}, DP_REASON_ttl_expired},
		{"TTL, unknown host", {TO_ROUTER, .ip = {V4("10.200.1.9"), .ttl = 1}}, DP_REASON_ttl_expired},
		{"too big for the link",
		 {TO_ROUTER, .ip = {.src = "172.16.0.1", .dst = "10.200.1.9", .payload = 1373, .fragment = 0x4000}},
		 DP_REASON_too_big},
		{"too big for a known host's",
		 {TO_ROUTER, .ip = {.src = "2001:db8:abcd::1", .dst = "2001:db8:c8::3", .payload = 1353}},
		 DP_REASON_too_big},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

/* Out of a tunnel onto the link. */
static void from_tunnels(void **state)
{
	struct rig_case test = {"from a tunnel",
				{TO_ROUTER, .vlan = PORT_VLAN(PORT_UNDERLAY), .tunnel = VXLAN, .vni = VNI_TENANT,
				 .inner_dst = MAC_VTEP, .inner_src = MAC_HOST, .ip = {V4("10.200.1.3")},
				 .outer = {.src = REMOTE4, .dst = LOCAL4, .src_port = 50000, .dst_port = 4789}},
				DP_REASON_forwarded,
				{.dst = MAC_ON_LINK, .src = MAC_OUT, .ip = {V4("10.200.1.3"), .ttl = 63}}};

	(void)state;
	rig_check(&test);
	test.reason = DP_REASON_resolving;
	test.in.ip.dst = test.out.ip.dst = "10.200.1.9";
	test.change_out = without_mac;
	rig_check(&test);
}

/* Into a tunnel whose remote is on the link: it is the one that is resolved. */
static void into_tunnels(void **state)
{
	struct rig_case test = {"into a tunnel",
				{TO_ROUTER, .ip = {V4("10.15.0.1")}},
				DP_REASON_encapsulated,
				{.dst = MAC_ON_LINK,
				 .src = MAC_OUT,
				 .tunnel = VXLAN,
				 .vni = WAY_VNI(WAY_TUNNEL_NO_ROUTE),
				 .inner_dst = WAY_MAC(WAY_TUNNEL_NO_ROUTE),
				 .inner_src = MAC_OUT,
				 .ip = {V4("10.15.0.1"), .ttl = 63},
				 .outer = {.src = LOCAL4, .dst = "100.64.0.1", .fragment = 0x4000, .dst_port = 4789}}};

	(void)state;
	add(VRF_UNDERLAY, "100.64.0.0/24", DP_GROUP_HOST, HOST);
	rig_check(&test);
	add(VRF_UNDERLAY, "100.64.0.0/24", DP_GROUP_CONNECTED, LINK);
	test.change_out = without_mac;
	rig_check(&test);
	add(VRF_UNDERLAY, "100.64.0.0/24", DP_GROUP_HOST, 0);
	test.reason = DP_REASON_unresolved;
	rig_check(&test);
}

/* What goes by the links is the interface's, and no route's. */
static void counters(void **state)
{
	const struct frame_spec spec = {TO_ROUTER, .ip = {V4("10.200.1.9")}};
	struct dp_counter sent = rig_counter(DP_COUNTER_TX + INTERFACE), route = rig_counter(DP_COUNTER_ROUTES + LINK);
	const struct frame frame = frame_build(&spec);

	(void)state;
	assert_int_equal(rig_run(&frame).reason, DP_REASON_resolving);
	assert_int_equal(rig_counter(DP_COUNTER_TX + INTERFACE).packets, sent.packets + 1);
	assert_int_equal(rig_counter(DP_COUNTER_ROUTES + LINK).packets, route.packets);
}

int link_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(to_hosts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(from_tunnels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(into_tunnels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counters, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
