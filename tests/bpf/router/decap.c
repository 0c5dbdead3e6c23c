/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnel termination: all kinds, IPv4 and IPv6 outside and inside, and all that ends there. */
#include "tests/bpf/router/rig.h"

#define TO_VTEP .dst = MAC_ROUTER, .src = MAC_HOST, .vlan = PORT_VLAN(PORT_UNDERLAY)
#define OUTER4(port)                                                                                                   \
	{                                                                                                              \
		.src = REMOTE4, .dst = LOCAL4, .src_port = 50000, .dst_port = port                                     \
	}
#define OUTER6(port)                                                                                                   \
	{                                                                                                              \
		.src = REMOTE6, .dst = LOCAL6, .src_port = 50000, .dst_port = port                                     \
	}
#define VXLAN4			TO_VTEP, .tunnel = VXLAN, .outer = OUTER4(4789), .vni = VNI_TENANT
#define GENEVE4			TO_VTEP, .tunnel = GENEVE, .outer = OUTER4(6081), .vni = VNI_TENANT
#define GENEVE6			TO_VTEP, .tunnel = GENEVE, .outer = OUTER6(6081), .vni = VNI_TENANT
#define TO_VRF			.inner_dst = MAC_VTEP, .inner_src = MAC_PEER
#define IP(source, destination) .src = source, .dst = destination, .src_port = 1000, .dst_port = 2000, .payload = 20
#define IPV4			IP("172.16.0.1", "10.1.0.1")
#define IPV6			IP("2001:db8:abcd::1", "2001:db8:1::1")
#define SENT			.dst = WAY_MAC(WAY_PLAIN), .src = MAC_OUT

enum { TCP = 6, ICMPV6 = 58 };

static struct frame_spec tunnel_in(enum tunnel_spec_kind kind, bool outer_ipv6)
{
	static const uint16_t ports[] = {
		[VXLAN] = 4789, [GENEVE] = 6081, [IPIP] = 0, [GUE] = 6080, [GUE_HEADER] = 6080};
	uint16_t port = ports[kind];
	struct frame_spec spec = {TO_VTEP, .tunnel = kind, .vni = VNI_TENANT, TO_VRF};

	if (outer_ipv6)
		spec.outer = (struct ip_spec)OUTER6(port);
	else
		spec.outer = (struct ip_spec)OUTER4(port);
	return spec;
}

static void all_kinds(void **state)
{
	(void)state;
	for (int i = 0; i < 4 * GUE_HEADER; i++) {
		enum tunnel_spec_kind kind = VXLAN + i / 4;
		bool outer = i & 1, inner = i & 2;
		uint32_t counter = DP_COUNTER_DECAP + TUNNEL_IN(outer, kind);
		struct dp_counter before = rig_counter(counter);
		struct ip_spec ip = {IPV4};
		struct rig_case test = {"decapsulated", tunnel_in(kind, outer), DP_REASON_forwarded, {SENT}};

		if (inner)
			ip = (struct ip_spec){IPV6};
		test.in.ip = test.out.ip = ip;
		test.out.ip.ttl = 63;
		rig_check(&test);
		assert_int_equal(rig_counter(counter).packets - before.packets, 1);
	}
}

/* Out of one tunnel into another: new headers of another size in one move. */
static void into_a_tunnel(void **state)
{
	static const char *const to[8][2] = {{"10.4.0.1", "2001:db8:4::1"},   {"10.5.0.1", "2001:db8:5::1"},
					     {"10.6.0.1", "2001:db8:6::1"},   {"10.7.0.1", "2001:db8:7::1"},
					     {"10.21.0.1", "2001:db8:21::1"}, {"10.22.0.1", "2001:db8:22::1"},
					     {"10.23.0.1", "2001:db8:23::1"}, {"10.24.0.1", "2001:db8:24::1"}};
	static const uint16_t ports[] = {[VXLAN] = 4789, [GENEVE] = 6081, [IPIP] = 0, [GUE] = 6080};

	(void)state;
	for (int i = 0; i < 8 * 4 * GUE_HEADER; i++) {
		int out = i % 8, from = i / 32;
		enum way way = out < 4 ? WAY_VXLAN4 + out : WAY_IPIP4 + out - 4;
		enum tunnel_spec_kind kind = VXLAN + out / 2;
		bool outer = out & 1, ipv6 = i & 16;
		struct rig_case test = {"tunnel to tunnel",
					tunnel_in(VXLAN + from, i & 8),
					DP_REASON_encapsulated,
					{.dst = WAY_MAC(WAY_UNDERLAY),
					 .src = MAC_OUT,
					 .tunnel = kind,
					 .vni = WAY_VNI(way),
					 .inner_dst = WAY_MAC(way),
					 .inner_src = MAC_OUT}};

		test.in.ip = test.out.ip =
			(struct ip_spec){IP(ipv6 ? "2001:db8:abcd::1" : "172.16.0.1", to[out][ipv6])};
		test.out.ip.ttl = 63;
		test.out.outer = (struct ip_spec){.src = outer ? LOCAL6 : LOCAL4,
						  .dst = outer ? REMOTE6 : REMOTE4,
						  .dst_port = ports[kind],
						  .fragment = outer ? 0 : 0x4000};
		rig_check(&test);
	}
}

static void geneve_options(void **state)
{
	struct rig_case test = {
		"options", {GENEVE4, TO_VRF, .ip = {IPV4}}, DP_REASON_forwarded, {SENT, .ip = {IPV4, .ttl = 63}}};

	(void)state;
	for (int length = 0; length <= 252; length += 4) {
		test.in.geneve_options = length;
		rig_check(&test);
	}
}

static void geneve_version(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec)] |= 0x40;
}

static void geneve_options_beyond(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec)] = 63;
}

static void geneve_payload_ipv4(struct frame *frame, const struct frame_spec *spec)
{
	frame_put16(frame, frame_tunnel(spec) + 2, 0x0800);
}

static void vxlan_without_i(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec)] = 0xf7;
}

static void vxlan_reserved(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec)] = 0xff;
	frame->byte[frame_tunnel(spec) + 3] = 0xff;
	frame->byte[frame_tunnel(spec) + 7] = 0xff;
}

static void udp_checksum(struct frame *frame, const struct frame_spec *spec)
{
	frame_put16(frame, frame_tunnel(spec) - 2, 0xbeef);
}

static void tunnel_headers(void **state)
{
	static const struct rig_case tests[] = {
		{"VXLAN without I",
		 {VXLAN4, TO_VRF, .ip = {IPV4}},
		 DP_REASON_malformed_vxlan,
		 .change = vxlan_without_i},
		{"VXLAN reserved bits are ignored",
		 {VXLAN4, TO_VRF, .ip = {IPV4}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {IPV4, .ttl = 63}},
		 .change = vxlan_reserved},
		{"outer UDP checksum is not looked at",
		 {VXLAN4, TO_VRF, .ip = {IPV4}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {IPV4, .ttl = 63}},
		 .change = udp_checksum},
		{"Geneve version 1",
		 {GENEVE4, TO_VRF, .ip = {IPV4}},
		 DP_REASON_malformed_geneve,
		 .change = geneve_version},
		{"Geneve options beyond the datagram",
		 {GENEVE6, TO_VRF, .ip = {IPV4}},
		 DP_REASON_malformed_geneve,
		 .change = geneve_options_beyond},
		{"Geneve critical option",
		 {GENEVE4, TO_VRF, .geneve_options = 8, .geneve_flags = 0x40, .ip = {IPV4}},
		 DP_REASON_geneve_critical_option},
		{"Geneve control packet",
		 {GENEVE4, TO_VRF, .geneve_flags = 0x80, .ip = {IPV4}},
		 DP_REASON_inner_not_ip},
		{"Geneve with IPv4 instead of Ethernet",
		 {GENEVE4, TO_VRF, .ip = {IPV4}},
		 DP_REASON_inner_not_ip,
		 .change = geneve_payload_ipv4},
		{"unknown VNI",
		 {TO_VTEP, .tunnel = VXLAN, .outer = OUTER4(4789), .vni = 999, TO_VRF, .ip = {IPV4}},
		 DP_REASON_unknown_vni},
		{"unknown VTEP",
		 {TO_VTEP, .tunnel = VXLAN, .vni = VNI_TENANT, TO_VRF, .ip = {IPV4},
		  .outer = {.src = "192.0.2.99", .dst = LOCAL4, .dst_port = 4789}},
		 DP_REASON_unknown_vtep},
		{"first fragment",
		 {TO_VTEP, .ip = {.src = REMOTE4, .dst = LOCAL4, .dst_port = 4789, .payload = 64, .fragment = 0x2000}},
		 DP_REASON_tunnel_fragment},
		{"first fragment, IPv6",
		 {TO_VTEP, .ip = {.src = REMOTE6, .dst = LOCAL6, .dst_port = 6081, .payload = 64, .fragment = 1}},
		 DP_REASON_tunnel_fragment},
		{"later fragment",
		 {TO_VTEP, .ip = {.src = REMOTE4, .dst = LOCAL4, .payload = 64, .fragment = 8}},
		 DP_REASON_tunnel_fragment},
		{"later fragment of another packet",
		 {TO_VTEP, .ip = {.src = REMOTE4, .dst = LOCAL4, .payload = 64, .fragment = 8, .id = 9}},
		 DP_REASON_local},
		{"no VTEP on this port",
		 {TO_VTEP, .ip = {.src = REMOTE4, .dst = LOCAL4, .dst_port = 4790}},
		 DP_REASON_local},
		{"VXLAN that is not for us is routed",
		 {TO_VTEP, .ip = {.src = "198.18.0.1", .dst = "192.0.2.7", .dst_port = 4789}},
		 DP_REASON_forwarded,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .ip = {.src = "198.18.0.1", .dst = "192.0.2.7", .dst_port = 4789, .ttl = 63}}},
		{"a VTEP's address in another VRF is another",
		 {.dst = MAC_ROUTER, .ip = {.src = REMOTE4, .dst = LOCAL4, .dst_port = 4789}},
		 DP_REASON_no_route},
		{"padding behind the outer datagram stays behind",
		 {VXLAN4, TO_VRF, .ip = {IPV4}, .trailer = 3},
		 DP_REASON_forwarded,
		 {SENT, .ip = {IPV4, .ttl = 63}}},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

static void inner_priority_tag(struct frame *frame, const struct frame_spec *spec)
{
	frame_tag_inner(frame, spec, 0xb000);
}

static void inner_vlan_tag(struct frame *frame, const struct frame_spec *spec)
{
	frame_tag_inner(frame, spec, 0xb001);
}

static void inner_version(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec)] ^= 0x10;
}

static void inner_checksum(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_ip(spec) + 10] ^= 1;
}

static void inner_too_long(struct frame *frame, const struct frame_spec *spec)
{
	size_t ip = frame_ip(spec);

	frame_put16(frame, ip + 2, frame_get16(frame, ip + 2) + 1);
	frame_fix_checksum(frame, ip);
}

static void inner_frames(void **state)
{
	static const struct rig_case tests[] = {
		{"ARP",
		 {VXLAN4, .inner_dst = MAC_BROADCAST, .inner_eth_proto = 0x0806, .ip = {.payload = 46}},
		 DP_REASON_inner_not_ip},
		{"VLAN tag",
		 {VXLAN4, TO_VRF, .inner_eth_proto = 0x8100, .ip = {.payload = 46}},
		 DP_REASON_inner_not_ip},
		{"VLAN 1", {VXLAN4, TO_VRF, .ip = {IPV4}}, DP_REASON_inner_not_ip, .change = inner_vlan_tag},
		{"priority tag",
		 {VXLAN4, TO_VRF, .ip = {IPV4}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {IPV4, .ttl = 63}},
		 .change = inner_priority_tag},
		{"priority tag, IPv6 in Geneve",
		 {GENEVE6, TO_VRF, .ip = {IPV6}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {IPV6, .ttl = 63}},
		 .change = inner_priority_tag},
		{"another MAC", {VXLAN4, .inner_dst = MAC_PEER, .ip = {IPV4}}, DP_REASON_inner_wrong_mac},
		{"broadcast", {GENEVE6, .inner_dst = MAC_BROADCAST, .ip = {IPV4}}, DP_REASON_link_broadcast},
		{"frame cut short", {VXLAN4, TO_VRF, .ip = {.payload = 0}}, DP_REASON_inner_malformed},
		{"IP version", {VXLAN4, TO_VRF, .ip = {IPV4}}, DP_REASON_inner_malformed, .change = inner_version},
		{"IPv6 version", {GENEVE4, TO_VRF, .ip = {IPV6}}, DP_REASON_inner_malformed, .change = inner_version},
		{"checksum", {VXLAN4, TO_VRF, .ip = {IPV4}}, DP_REASON_bad_ipv4_checksum, .change = inner_checksum},
		{"datagram beyond the outer one, into the padding",
		 {VXLAN4, TO_VRF, .ip = {IPV4}, .trailer = 4},
		 DP_REASON_inner_malformed,
		 .change = inner_too_long},
		{"martian source", {VXLAN4, TO_VRF, .ip = {IP("127.0.0.1", "10.1.0.1")}}, DP_REASON_martian_source},
		{"martian destination",
		 {VXLAN4, TO_VRF, .ip = {IP("172.16.0.1", "127.0.0.1")}},
		 DP_REASON_martian_destination},
		{"multicast", {VXLAN4, TO_VRF, .ip = {IP("172.16.0.1", "224.0.0.1")}}, DP_REASON_martian_destination},
		{"multicast, IPv6",
		 {VXLAN4, TO_VRF, .ip = {IP("2001:db8:abcd::1", "ff02::1")}},
		 DP_REASON_martian_destination},
		{"neighbour discovery",
		 {VXLAN4, TO_VRF, .ip = {.src = "fe80::1", .dst = "fe80::2", .protocol = ICMPV6, .icmp_type = 135}},
		 DP_REASON_not_for_us},
		{"to a link-local address",
		 {VXLAN4, TO_VRF, .ip = {IP("2001:db8:abcd::1", "fe80::2")}},
		 DP_REASON_martian_destination},
		{"to the router", {VXLAN4, TO_VRF, .ip = {IP("172.16.0.1", "10.18.0.1")}}, DP_REASON_inner_local},
		{"TTL 1", {VXLAN4, TO_VRF, .ip = {IPV4, .ttl = 1}}, DP_REASON_ttl_expired},
		{"hop limit 1", {GENEVE6, TO_VRF, .ip = {IPV6, .ttl = 1}}, DP_REASON_ttl_expired},
		{"too big",
		 {VXLAN4, TO_VRF,
		  .ip = {.src = "172.16.0.1", .dst = "10.12.0.1", .payload = 580, .fragment = DONT_FRAGMENT}},
		 DP_REASON_too_big},
		{"options are passed on",
		 {VXLAN4, TO_VRF, .ip = {IPV4, .options = 8}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {IPV4, .options = 8, .ttl = 63}}},
		{"hop-by-hop header is passed on",
		 {VXLAN4, TO_VRF, .ip = {IPV6, .options = 8}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {IPV6, .options = 8, .ttl = 63}}},
		{"fragment",
		 {VXLAN4, TO_VRF, .ip = {IPV4, .fragment = 0x2001}},
		 DP_REASON_forwarded,
		 {SENT, .ip = {IPV4, .fragment = 0x2001, .ttl = 63}}},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

/* RFC 6040, figure 4. */
static void congestion(void **state)
{
	enum { NOT_ECT, ECT_1, ECT_0, CE, DROP };
	static const uint8_t becomes[4][4] = {
		/* outer: Not-ECT, ECT(1), ECT(0), CE */
		[NOT_ECT] = {NOT_ECT, NOT_ECT, NOT_ECT, DROP},
		[ECT_1] = {ECT_1, ECT_1, ECT_1, CE},
		[ECT_0] = {ECT_0, ECT_1, ECT_0, CE},
		[CE] = {CE, CE, CE, CE},
	};

	(void)state;
	for (int i = 0; i < 64 * GUE_HEADER; i++) {
		uint8_t outer = i & 3, inner = i >> 2 & 3, ecn = becomes[inner][outer];
		struct rig_case test = {"ECN", tunnel_in(VXLAN + i / 64, i & 16), DP_REASON_forwarded, {SENT}};

		test.in.ip = (struct ip_spec){IPV4};
		if (i & 32)
			test.in.ip = (struct ip_spec){IPV6};
		test.out.ip = test.in.ip;
		test.in.outer.tos = 0x48 | outer;
		test.in.ip.tos = 0xb8 | inner;
		test.out.ip.tos = 0xb8 | ecn;
		test.out.ip.ttl = 63;
		if (ecn == DROP)
			test.reason = DP_REASON_ecn_not_capable;
		rig_check(&test);
	}
}

int decap_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds),	  cmocka_unit_test(into_a_tunnel), cmocka_unit_test(geneve_options),
		cmocka_unit_test(tunnel_headers), cmocka_unit_test(inner_frames),  cmocka_unit_test(congestion),
	};

	return cmocka_run_group_tests_name("decap", tests, NULL, NULL);
}
