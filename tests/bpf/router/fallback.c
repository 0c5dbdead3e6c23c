/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vrf.fallback: by the kernel's own routes, which it has in this namespace.
 *
 *   fallback0 192.168.50.1/24, 2001:db8:50::1/64, interface of VRF_TENANT, MTU 1500
 *   fallback1 the other end: no interface of the router
 *   fallback2 192.168.52.1/24, as a VLAN's device of the same VRF
 */
#include "tests/bpf/router/answer.h"

#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { INTERFACE = 160, VLAN_INTERFACE, MAC_GATEWAY = 0x99, MTU_ROUTE = 600 };

#define IP(source, destination) .src = source, .dst = destination, .src_port = 1000, .dst_port = 2000, .payload = 20
#define V4(to)			IP(HOST4, to)
#define V6(to)			IP(HOST6, to)
#define BY_GATEWAY		.dst = MAC_GATEWAY, .src = MAC_OUT

static const char routes[] =
	"link add fallback0 type veth peer name fallback1\n"
	"link add fallback2 type veth peer name fallback3\n"
	"link set fallback0 up\nlink set fallback1 up\nlink set fallback2 up\nlink set fallback3 up\n"
	"address add 192.168.50.1/24 dev fallback0\n"
	"address add 2001:db8:50::1/64 dev fallback0 nodad\n"
	"address add 192.168.52.1/24 dev fallback2\n"
	"neighbour add 192.168.50.2 lladdr 02:00:00:00:00:99 dev fallback0 nud permanent\n"
	"neighbour add 2001:db8:50::2 lladdr 02:00:00:00:00:99 dev fallback0 nud permanent\n"
	"neighbour add 192.168.52.2 lladdr 02:00:00:00:00:99 dev fallback2 nud permanent\n"
	"route add 10.201.0.0/16 via 192.168.50.2\n"
	"route add 10.202.0.0/16 via 192.168.50.3\n"
	"route add blackhole 10.203.0.0/16\n"
	"route add unreachable 10.204.0.0/16\n"
	"route add prohibit 10.205.0.0/16\n"
	"route add 10.206.0.0/16 dev fallback1\n"
	"route add 10.207.0.0/16 via 192.168.50.2 mtu lock 600\n"
	"route add 10.208.0.0/16 via inet6 2001:db8:50::2 dev fallback0\n"
	"route add 10.209.0.0/16 encap ip id 1 dst 192.168.50.2 via 192.168.50.2 dev fallback0\n"
	"route add 10.210.0.0/16 via 192.168.50.2 table 77\n"
	"route add 10.211.0.0/16 via 192.168.52.2\n"
	"route add 2001:db8:201::/48 via 2001:db8:50::2\n"
	"route add 2001:db8:202::/48 via 2001:db8:50::3\n"
	"route add blackhole 2001:db8:203::/48\n"
	"route add unreachable 2001:db8:204::/48\n"
	"route add prohibit 2001:db8:205::/48\n"
	"route add 2001:db8:206::/48 dev fallback1\n"
	"route add 2001:db8:207::/48 via 2001:db8:50::2 mtu lock 1280\n"
	"route add 2001:db8:210::/48 via 2001:db8:50::2 table 77\n";

static void forward(char value)
{
	static const char *const files[] = {"/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"};

	for (size_t i = 0; i < 2; i++) {
		int fd = open(files[i], O_WRONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, &value, 1), 1);
		close(fd);
	}
}

/* By its path: a shell of busybox takes its own before any in PATH. */
static void make_routes(void)
{
	FILE *ip = popen("/bin/ip -batch -", "w");

	assert_non_null(ip);
	assert_true(fputs(routes, ip) >= 0);
	assert_int_equal(pclose(ip), 0);
}

static void add_port(const char *device, uint16_t vlan, uint16_t interface)
{
	struct dp_port port = {.ifindex = if_nametoindex(device),
			       .vlan_id = vlan,
			       .vrf = VRF_TENANT,
			       .interface = interface,
			       .mtu = 1500,
			       .tc_only = vlan != 0,
			       .mac = {2, 0, 0, 0, 0, MAC_OUT}};

	assert_true(port.ifindex);
	rig_put(rig_bank(0), DP_TABLE_ports, &port, 1);
}

static int set_up(void **state)
{
	if (!if_nametoindex("fallback0"))
		make_routes();
	answer_set_up(state);
	forward('1');
	add_port("fallback0", 0, INTERFACE);
	add_port("fallback2", DP_PORT_VLAN_DEVICE, VLAN_INTERFACE);
	rig_bank(0)->vrfs[VRF_TENANT].fallback = rig_bank(0)->vrfs[VRF_CHAINED].fallback = 1;
	return 0;
}

static int tear_down(void **state)
{
	forward('0');
	answer_tear_down(state);
	rig_fill(rig_bank(0));
	return 0;
}

static void without_mac(struct frame *out, const struct frame_spec *spec)
{
	(void)spec;
	memset(out->byte, 0, 6);
}

static void to_gateways(void **state)
{
	static const struct rig_case tests[] = {
		{"route of the router's own first",
		 {TO_ROUTER, .ip = {V4("10.1.0.1")}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {V4("10.1.0.1"), .ttl = 63}}},
		{"gateway",
		 {TO_ROUTER, .ip = {V4("10.201.0.1")}},
		 DP_REASON_forwarded_by_kernel_route,
		 {BY_GATEWAY, .ip = {V4("10.201.0.1"), .ttl = 63}}},
		{"gateway, IPv6, from a VLAN",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_TENANT_TAGGED), .ip = {V6("2001:db8:201::1")}},
		 DP_REASON_forwarded_by_kernel_route,
		 {BY_GATEWAY, .ip = {V6("2001:db8:201::1"), .ttl = 63}}},
		{"host on the link",
		 {TO_ROUTER, .ip = {V4("192.168.50.2")}},
		 DP_REASON_forwarded_by_kernel_route,
		 {BY_GATEWAY, .ip = {V4("192.168.50.2"), .ttl = 63}}},
		{"gateway of the other family",
		 {TO_ROUTER, .ip = {V4("10.208.0.1")}},
		 DP_REASON_forwarded_by_kernel_route,
		 {BY_GATEWAY, .ip = {V4("10.208.0.1"), .ttl = 63}}},
		{"gateway behind a VLAN's device",
		 {TO_ROUTER, .ip = {V4("10.211.0.1")}},
		 DP_REASON_forwarded_by_kernel_route,
		 {BY_GATEWAY, .ip = {V4("10.211.0.1"), .ttl = 63}}},
		{"gateway without a MAC",
		 {TO_ROUTER, .ip = {V4("10.202.0.1")}},
		 DP_REASON_resolving,
		 {.dst = 0, .src = MAC_OUT, .ip = {V4("10.202.0.1"), .ttl = 63}},
		 .change_out = without_mac},
		{"gateway without a MAC, IPv6",
		 {TO_ROUTER, .ip = {V6("2001:db8:202::1")}},
		 DP_REASON_resolving,
		 {.dst = 0, .src = MAC_OUT, .ip = {V6("2001:db8:202::1"), .ttl = 63}},
		 .change_out = without_mac},
		{"out of a tunnel",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_UNDERLAY), .tunnel = VXLAN, .vni = VNI_TENANT,
		  .inner_dst = MAC_VTEP, .inner_src = MAC_HOST, .ip = {V4("10.201.0.1")},
		  .outer = {.src = REMOTE4, .dst = LOCAL4, .src_port = 50000, .dst_port = 4789}},
		 DP_REASON_forwarded_by_kernel_route,
		 {BY_GATEWAY, .ip = {V4("10.201.0.1"), .ttl = 63}}},
		{"blackhole", {TO_ROUTER, .ip = {V4("10.203.0.1")}}, DP_REASON_discard},
		{"blackhole, IPv6", {TO_ROUTER, .ip = {V6("2001:db8:203::1")}}, DP_REASON_discard},
		{"link-local source", {TO_ROUTER, .ip = {IP("fe80::9", "2001:db8:201::1")}}, DP_REASON_martian_source},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

#define REFUSED(title, source, destination, why, icmp_type, icmp_code)                                                 \
	{                                                                                                              \
		title, {TO_ROUTER, .ip = {.src = source, .dst = destination}}, DP_REASON_##why, icmp_type, icmp_code,  \
			0,                                                                                             \
		{                                                                                                      \
			SENT                                                                                           \
		}                                                                                                      \
	}

static void check_refused(const struct error_case *tests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		answer_check_error(&tests[i]);
}
#define CHECK_REFUSED(tests) check_refused(tests, sizeof(tests) / sizeof(*(tests)))

static void refusals(void **state)
{
	static const struct error_case tests[] = {
		REFUSED("unreachable", HOST4, "10.204.0.1", discard_unreachable, 3, 1),
		REFUSED("unreachable, IPv6", HOST6, "2001:db8:204::1", discard_unreachable, 1, 0),
		REFUSED("prohibit", HOST4, "10.205.0.1", discard_prohibited, 3, 13),
		REFUSED("prohibit, IPv6", HOST6, "2001:db8:205::1", discard_prohibited, 1, 1),
		REFUSED("no interface of the router", HOST4, "10.206.0.1", kernel_route_elsewhere, 3, 0),
		REFUSED("no interface of the router, IPv6", HOST6, "2001:db8:206::1", kernel_route_elsewhere, 1, 0),
		REFUSED("encapsulates", HOST4, "10.209.0.1", kernel_route_unsupported, 3, 0),
		REFUSED("no route", HOST4, "10.222.0.1", no_route, 3, 0),
		REFUSED("no route, IPv6", HOST6, "2001:db8:222::1", no_route, 1, 0),
		REFUSED("address of the host alone", HOST4, "192.168.50.1", no_route, 3, 0),
		{"TTL",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.201.0.1", .ttl = 1}},
		 DP_REASON_ttl_expired,
		 11,
		 0,
		 0,
		 {SENT}},
		{"the route's MTU",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.207.0.1", .payload = 700, .fragment = 0x4000}},
		 DP_REASON_too_big,
		 3,
		 4,
		 MTU_ROUTE,
		 {SENT}},
		{"the route's MTU, IPv6",
		 {TO_ROUTER, .ip = {.src = HOST6, .dst = "2001:db8:207::1", .payload = 1300}},
		 DP_REASON_too_big,
		 2,
		 0,
		 1280,
		 {SENT}},
		{"the device's MTU",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.201.0.1", .payload = 1600, .fragment = 0x4000}},
		 DP_REASON_too_big,
		 3,
		 4,
		 1500,
		 {SENT}},
	};

	(void)state;
	CHECK_REFUSED(tests);
}

/* An interface of another VRF is as far away as no interface. */
static void other_vrfs(void **state)
{
	const struct rig_case test = {"of another VRF",
				      {TO_ROUTER, .vlan = PORT_VLAN(PORT_CHAINED), .ip = {V4("10.201.0.1")}},
				      DP_REASON_kernel_route_elsewhere};

	(void)state;
	rig_bank(0)->vrf_answers[VRF_CHAINED].error_interval = 0; /* no errors */
	rig_check(&test);
	rig_bank(0)->vrfs[VRF_CHAINED].fallback = 0;
	rig_check(&(struct rig_case){test.name, test.in, DP_REASON_no_route});
}

static void without_forwarding(void **state)
{
	static const struct error_case tests[] = {
		REFUSED("forwarding is off", HOST4, "10.201.0.1", kernel_forwarding_off, 3, 0),
		REFUSED("forwarding is off, IPv6", HOST6, "2001:db8:201::1", kernel_forwarding_off, 1, 0),
	};

	(void)state;
	forward('0');
	CHECK_REFUSED(tests);
}

/* One table and no other, whatever the kernel's rules say. */
static void tables(void **state)
{
	static const struct error_case elsewhere[] = {REFUSED("another table", HOST4, "10.210.0.1", no_route, 3, 0)};
	static const struct error_case main_only[] = {
		REFUSED("the table main", HOST4, "10.201.0.1", no_route, 3, 0),
		REFUSED("the table main, IPv6", HOST6, "2001:db8:201::1", no_route, 1, 0),
	};
	static const struct rig_case tests[] = {
		{"the table",
		 {TO_ROUTER, .ip = {V4("10.210.0.1")}},
		 DP_REASON_forwarded_by_kernel_route,
		 {BY_GATEWAY, .ip = {V4("10.210.0.1"), .ttl = 63}}},
		{"the table, IPv6",
		 {TO_ROUTER, .ip = {V6("2001:db8:210::1")}},
		 DP_REASON_forwarded_by_kernel_route,
		 {BY_GATEWAY, .ip = {V6("2001:db8:210::1"), .ttl = 63}}},
	};

	(void)state;
	CHECK_REFUSED(elsewhere);
	rig_bank(0)->vrfs[VRF_TENANT].fallback_table = 77;
	RIG_CHECK_ALL(tests);
	CHECK_REFUSED(main_only);
}

/* In fragments of the route's MTU, of which the last one is what the buffer holds at the end. */
static void fragments(void **state)
{
	const struct frame_spec spec = {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.207.0.1", .payload = 1000}};
	const struct frame in = frame_build(&spec);
	const size_t most = (MTU_ROUTE - 20) / 8 * 8;
	struct outcome outcome = rig_run_answered(&in);

	(void)state;
	assert_string_equal(reason_names[outcome.reason], "fragmented");
	assert_int_equal(outcome.frame.length, in.length - most);
	assert_int_equal(frame_get16(&outcome.frame, ETHERNET + 6), most / 8);
	assert_int_equal(outcome.frame.byte[5], MAC_GATEWAY);
}

/* What goes so is the interface's, and no route's. XDP sends it itself, but for some at a time (fallback_refreshes()).
 */
static void counters(void **state)
{
	bool left = true;

	const struct frame_spec spec = {TO_ROUTER, .ip = {V4("10.201.0.1")}};
	struct dp_counter sent = rig_counter(DP_COUNTER_TX + INTERFACE);
	const struct frame frame = frame_build(&spec);

	(void)state;
	assert_int_equal(rig_run(&frame).reason, DP_REASON_forwarded_by_kernel_route);
	assert_int_equal(rig_counter(DP_COUNTER_TX + INTERFACE).packets, sent.packets + 1);
	for (int i = 0; i < 100000 && left; i++)
		left = rig_run(&frame).left;
	assert_false(left);
}

int fallback_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(to_gateways, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_vrfs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_forwarding, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fragments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counters, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
