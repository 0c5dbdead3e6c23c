/* SPDX-License-Identifier: Apache-2.0 */
/* What is not routed because of what it is: punts, malformed headers, martians. Plain packets on the tenant's port. */
#include "tests/bpf/router/rig.h"

#define TO_ROUTER      .dst = MAC_ROUTER, .src = MAC_HOST
#define IPV4	       .src = "172.16.0.1", .dst = "10.1.0.1", .src_port = 1000, .dst_port = 2000, .payload = 20
#define IPV6	       .src = "2001:db8:abcd::1", .dst = "2001:db8:1::1", .src_port = 1000, .dst_port = 2000, .payload = 20
#define FORWARDED      .dst = WAY_MAC(WAY_PLAIN), .src = MAC_OUT
#define FROM4(address) .src = address, .dst = "10.1.0.1"
#define TO4(address)   .src = "172.16.0.1", .dst = address
#define FROM6(address) .src = address, .dst = "2001:db8:1::1"
#define TO6(address)   .src = "2001:db8:abcd::1", .dst = address

enum { TCP = 6, ICMP = 1, ICMPV6 = 58, SCTP = 132 };

static void ip_version(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec)] ^= 0x10;
}

static void ihl_4(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec)] = 0x44;
}

static void ihl_beyond_length(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec)] = 0x4f;
	frame_put16(frame, frame_ip(spec) + 2, 40);
}

static void longer_than_frame(struct frame *frame, const struct frame_spec *spec)
{
	size_t ip = frame_ip(spec);

	frame_put16(frame, ip + 2, frame_get16(frame, ip + 2) + 1);
	frame_fix_checksum(frame, ip);
}

static void payload_longer_than_frame(struct frame *frame, const struct frame_spec *spec)
{
	size_t ip = frame_ip(spec);

	frame_put16(frame, ip + 4, frame_get16(frame, ip + 4) + 1);
}

static void bad_checksum(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec) + 10] ^= 1;
}

static void third_tag(struct frame *frame, const struct frame_spec *spec)
{
	frame_put16(frame, frame_ip(spec) - 2, 0x8100);
}

static void udp_length_7(struct frame *frame, const struct frame_spec *spec)
{
	frame_put16(frame, frame_ip(spec) + 24, 7);
}

static void udp_length_beyond(struct frame *frame, const struct frame_spec *spec)
{
	frame_put16(frame, frame_ip(spec) + 24, 29);
}

static void tcp_offset_4(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec) + 32] = 0x40;
}

static void tcp_offset_beyond(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec) + 32] = 0xf0;
}

/* As long as the frame stays a whole one, the rest is a trailer. */
static void l4_of_4_bytes(struct frame *frame, const struct frame_spec *spec)
{
	size_t ip = frame_ip(spec);

	frame->length = ip + 24;
	frame_put16(frame, ip + 2, 24);
	frame_fix_checksum(frame, ip);
}

static void extension_beyond(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec) + 41] = 200;
}

static void link_layer(void **state)
{
	static const struct rig_case tests[] = {
		{"unknown VLAN", {TO_ROUTER, .vlan = 999, .ip = {IPV4}}, DP_REASON_unmanaged_port},
		{"known outer, unknown inner VLAN",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_TENANT_QINQ), .inner_vlan = 8, .ip = {IPV4}},
		 DP_REASON_unmanaged_port},
		{"three tags",
		 {TO_ROUTER, .vlan = 1, .inner_vlan = 2, .ip = {IPV4}},
		 DP_REASON_malformed_ethernet,
		 .change = third_tag},
		{"another station", {.dst = MAC_PEER, .src = MAC_HOST, .ip = {IPV4}}, DP_REASON_wrong_mac},
		{"not IP for another station",
		 {.dst = MAC_PEER, .src = MAC_HOST, .eth_proto = 0x0806, .ip = {.payload = 46}},
		 DP_REASON_wrong_mac},
		{"ARP request",
		 {.dst = MAC_BROADCAST, .src = MAC_HOST, .eth_proto = 0x0806, .ip = {.payload = 46}},
		 DP_REASON_not_ip},
		{"ARP reply", {TO_ROUTER, .eth_proto = 0x0806, .ip = {.payload = 46}}, DP_REASON_not_ip},
		{"LLDP",
		 {.dst = MAC_MULTICAST, .src = MAC_HOST, .eth_proto = 0x88cc, .ip = {.payload = 46}},
		 DP_REASON_not_ip},
		{"802.3 length",
		 {.dst = MAC_MULTICAST, .src = MAC_HOST, .eth_proto = 46, .ip = {.payload = 46}},
		 DP_REASON_not_ip},
		{"broadcast", {.dst = MAC_BROADCAST, .src = MAC_HOST, .ip = {IPV4}}, DP_REASON_link_broadcast},
		{"multicast MAC", {.dst = MAC_MULTICAST, .src = MAC_HOST, .ip = {IPV6}}, DP_REASON_link_broadcast},
		{"multicast beyond the link", {TO_ROUTER, .ip = {TO4("239.1.2.3")}}, DP_REASON_multicast_not_routed},
		{"multicast beyond the link, IPv6",
		 {TO_ROUTER, .ip = {TO6("ff05::5")}},
		 DP_REASON_multicast_not_routed},
		{"multicast IPv4", {TO_ROUTER, .ip = {TO4("224.0.0.5")}}, DP_REASON_multicast},
		{"multicast IPv6", {TO_ROUTER, .ip = {.src = "fe80::1", .dst = "ff02::5"}}, DP_REASON_multicast},
		{"multicast IPv6 from beyond the link", {TO_ROUTER, .ip = {TO6("ff02::5")}}, DP_REASON_martian_source},
		{"DHCP request",
		 {.dst = MAC_BROADCAST,
		  .src = MAC_HOST,
		  .ip = {.src = "0.0.0.0", .dst = "255.255.255.255", .dst_port = 67}},
		 DP_REASON_multicast},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

static void ipv4_header(void **state)
{
	static const struct rig_case tests[] = {
		{"version 5", {TO_ROUTER, .ip = {IPV4}}, DP_REASON_malformed_ipv4, .change = ip_version},
		{"header of 16 bytes", {TO_ROUTER, .ip = {IPV4}}, DP_REASON_malformed_ipv4, .change = ihl_4},
		{"header longer than datagram",
		 {TO_ROUTER, .ip = {IPV4}},
		 DP_REASON_malformed_ipv4,
		 .change = ihl_beyond_length},
		{"datagram longer than frame",
		 {TO_ROUTER, .ip = {IPV4}},
		 DP_REASON_malformed_ipv4,
		 .change = longer_than_frame},
		{"wrong checksum", {TO_ROUTER, .ip = {IPV4}}, DP_REASON_bad_ipv4_checksum, .change = bad_checksum},
		{"wrong checksum with options",
		 {TO_ROUTER, .ip = {IPV4, .options = 40}},
		 DP_REASON_bad_ipv4_checksum,
		 .change = bad_checksum},
		{"IPv6 in an IPv4 frame", {TO_ROUTER, .eth_proto = 0x0800, .ip = {IPV6}}, DP_REASON_malformed_ipv4},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

static void ipv6_header(void **state)
{
	static const struct rig_case tests[] = {
		{"version 7", {TO_ROUTER, .ip = {IPV6}}, DP_REASON_malformed_ipv6, .change = ip_version},
		{"datagram longer than frame",
		 {TO_ROUTER, .ip = {IPV6}},
		 DP_REASON_malformed_ipv6,
		 .change = payload_longer_than_frame},
		{"hop-by-hop header longer than datagram",
		 {TO_ROUTER, .ip = {IPV6, .options = 8}},
		 DP_REASON_malformed_ipv6,
		 .change = extension_beyond},
		{"another header longer than datagram",
		 {TO_ROUTER, .ip = {IPV6, .destination_options = 8}},
		 DP_REASON_forwarded,
		 {FORWARDED, .ip = {IPV6, .destination_options = 8, .ttl = 63}},
		 .change = extension_beyond,
		 .change_out = extension_beyond},
		{"router solicitation",
		 {.dst = MAC_MULTICAST,
		  .src = MAC_HOST,
		  .ip = {.src = "fe80::1", .dst = "ff02::2", .protocol = ICMPV6, .icmp_type = 133}},
		 DP_REASON_neighbour_discovery},
		{"duplicate address detection",
		 {.dst = MAC_MULTICAST,
		  .src = MAC_HOST,
		  .ip = {.src = "::", .dst = "ff02::1:ff00:1", .protocol = ICMPV6, .icmp_type = 135}},
		 DP_REASON_neighbour_discovery},
		{"neighbour advertisement",
		 {TO_ROUTER, .ip = {.src = "fe80::1", .dst = "fe80::2", .protocol = ICMPV6, .icmp_type = 136}},
		 DP_REASON_neighbour_discovery},
		{"redirect",
		 {TO_ROUTER, .ip = {FROM6("fe80::1"), .protocol = ICMPV6, .icmp_type = 137}},
		 DP_REASON_martian_source},
		{"neighbour solicitation beyond the link",
		 {TO_ROUTER, .ip = {IPV6, .protocol = ICMPV6, .icmp_type = 135}},
		 DP_REASON_forwarded,
		 {.dst = WAY_MAC(WAY_PLAIN),
		  .src = MAC_OUT,
		  .ip = {IPV6, .protocol = ICMPV6, .icmp_type = 135, .ttl = 63}}},
		{"IPv4 in an IPv6 frame", {TO_ROUTER, .eth_proto = 0x86dd, .ip = {IPV4}}, DP_REASON_malformed_ipv6},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

/* Nothing of it is a router's affair. */
static void l4_header(void **state)
{
	static const struct {
		const char *name;
		uint8_t protocol;
		void (*change)(struct frame *frame, const struct frame_spec *spec);
	} odd[] = {
		{"UDP length 7", 0, udp_length_7},
		{"UDP length beyond the datagram", 0, udp_length_beyond},
		{"UDP of 4 bytes", 0, l4_of_4_bytes},
		{"TCP offset 4", TCP, tcp_offset_4},
		{"TCP offset beyond the datagram", TCP, tcp_offset_beyond},
		{"TCP of 4 bytes", TCP, l4_of_4_bytes},
		{"ICMP of 4 bytes", ICMP, l4_of_4_bytes},
		{"SCTP of 4 bytes", SCTP, l4_of_4_bytes},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct rig_case test = {odd[i].name, {TO_ROUTER, .ip = {IPV4}}, DP_REASON_forwarded};

		test.in.ip.protocol = odd[i].protocol;
		test.out = (struct frame_spec){FORWARDED, .ip = test.in.ip};
		test.out.ip.ttl = 63;
		test.change = test.change_out = odd[i].change;
		rig_check(&test);
	}
}

static void martians(void **state)
{
	static const char *const bad_src4[] = {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255"};
	static const char *const bad_dst4[] = {"0.0.0.0", "127.0.0.1"};
	static const char *const bad_src6[] = {"::", "::1", "ff02::1", "::ffff:10.1.0.1"};
	static const char *const bad_dst6[] = {"::", "::1", "::ffff:10.1.0.1"};
	struct rig_case test = {"martian", {TO_ROUTER}, DP_REASON_martian_source};

	(void)state;
	for (size_t i = 0; i < sizeof(bad_src4) / sizeof(*bad_src4); i++) {
		test.in.ip = (struct ip_spec){FROM4(bad_src4[i])};
		rig_check(&test);
	}
	for (size_t i = 0; i < sizeof(bad_src6) / sizeof(*bad_src6); i++) {
		test.in.ip = (struct ip_spec){FROM6(bad_src6[i])};
		rig_check(&test);
	}
	test.reason = DP_REASON_martian_destination;
	for (size_t i = 0; i < sizeof(bad_dst4) / sizeof(*bad_dst4); i++) {
		test.in.ip = (struct ip_spec){TO4(bad_dst4[i])};
		rig_check(&test);
	}
	for (size_t i = 0; i < sizeof(bad_dst6) / sizeof(*bad_dst6); i++) {
		test.in.ip = (struct ip_spec){TO6(bad_dst6[i])};
		rig_check(&test);
	}
}

static void link_local(void **state)
{
	static const struct rig_case tests[] = {
		{"to a link-local address", {TO_ROUTER, .ip = {.src = "fe80::1", .dst = "fe80::2"}}, DP_REASON_local},
		{"from one to the router",
		 {TO_ROUTER, .ip = {.src = "fe80::1", .dst = "2001:db8:18::1"}},
		 DP_REASON_local},
		{"from one to elsewhere", {TO_ROUTER, .ip = {FROM6("fe80::1")}}, DP_REASON_martian_source},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

static void received_is_counted(void **state)
{
	struct dp_counter before = rig_counter(DP_COUNTER_RX + PORT_TENANT), after;
	static const struct rig_case test = {"wrong MAC", {.dst = MAC_PEER, .ip = {IPV4}}, DP_REASON_wrong_mac};

	(void)state;
	rig_check(&test);
	after = rig_counter(DP_COUNTER_RX + PORT_TENANT);
	assert_int_equal(after.packets - before.packets, 1);
	assert_int_equal(after.bytes - before.bytes, 14 + 20 + 8 + 20);
}

int parse_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_layer),	       cmocka_unit_test(ipv4_header), cmocka_unit_test(ipv6_header),
		cmocka_unit_test(l4_header),	       cmocka_unit_test(martians),    cmocka_unit_test(link_local),
		cmocka_unit_test(received_is_counted),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
