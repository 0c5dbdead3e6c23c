/* SPDX-License-Identifier: Apache-2.0 */
/* Termination of tunnels that carry IP packets as they are: IP in IP, GUE in both variants. */
#include <string.h>

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
#define IP(source, destination) .src = source, .dst = destination, .src_port = 1000, .dst_port = 2000, .payload = 20
#define IPV4			IP("172.16.0.1", "10.1.0.1")
#define IPV6			IP("2001:db8:abcd::1", "2001:db8:1::1")
#define SENT			.dst = WAY_MAC(WAY_PLAIN), .src = MAC_OUT
#define IPIP4			TO_VTEP, .tunnel = IPIP, .outer = {.src = REMOTE4, .dst = LOCAL4}
#define GUE4			TO_VTEP, .tunnel = GUE, .outer = OUTER4(6080)
#define GUE6			TO_VTEP, .tunnel = GUE, .outer = OUTER6(6080)
#define GUE4_HEADER		TO_VTEP, .tunnel = GUE_HEADER, .outer = OUTER4(6080)
#define ROUTED(...)                                                                                                    \
	DP_REASON_forwarded,                                                                                           \
	{                                                                                                              \
		SENT, .ip = { __VA_ARGS__, .ttl = 63 }                                                                 \
	}
#define DESTINATION_OPTIONS 8 /* room for the tunnel encapsulation limit (RFC 2473 5.1) */

static void gue_length(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec)] = 31;
}

static void gue_control(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec)] |= 0x20;
}

static void gue_no_next_header(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec) + 1] = 59;
}

static void gue_flags(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec) + 3] = 1;
}

static void gue_variant_2(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec)] = 0x85;
}

/* Variant 1, but neither IPv4 nor IPv6. */
static void gue_version_5(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_tunnel(spec)] = 0x55;
}

/* Private data of four bytes behind the header. */
static void gue_private(struct frame *frame, const struct frame_spec *spec)
{
	size_t at = frame_tunnel(spec) + 4;

	frame->byte[frame_tunnel(spec)] = 1;
	memmove(frame->byte + at + 4, frame->byte + at, frame->length - at);
	memset(frame->byte + at, 0xdd, 4);
	frame->length += 4;
	frame_fix_lengths(frame, frame_outer_ip(spec));
}

/* A datagram that ends with the UDP header. */
static void gue_empty(struct frame *frame, const struct frame_spec *spec)
{
	frame->length = frame_tunnel(spec);
	frame_fix_lengths(frame, frame_outer_ip(spec));
}

/* The outer protocol says IPv6, and inside is IPv4. */
static void ipip_other_family(struct frame *frame, const struct frame_spec *spec)
{
	frame->byte[frame_outer_ip(spec) + 9] = 41;
	frame_fix_checksum(frame, frame_outer_ip(spec));
}

/* Kinds without VNIs and frames. */
static void plain_tunnels(void **state)
{
	static const struct rig_case tests[] = {
		{"the limit of RFC 2473",
		 {TO_VTEP, .tunnel = IPIP, .ip = {IPV4},
		  .outer = {.src = REMOTE6, .dst = LOCAL6, .destination_options = DESTINATION_OPTIONS}},
		 ROUTED(IPV4)},
		{"options of the outer header",
		 {TO_VTEP, .tunnel = IPIP, .ip = {IPV6}, .outer = {.src = REMOTE4, .dst = LOCAL4, .options = 8}},
		 ROUTED(IPV6)},
		{"options of the inner header", {IPIP4, .ip = {IPV4, .options = 8}}, ROUTED(IPV4, .options = 8)},
		{"an inner fragment", {IPIP4, .ip = {IPV4, .fragment = 0x2001}}, ROUTED(IPV4, .fragment = 0x2001)},
		{"padding stays behind", {IPIP4, .ip = {IPV6}, .trailer = 7}, ROUTED(IPV6)},
		{"padding behind GUE, too", {GUE6, .ip = {IPV4}, .trailer = 7}, ROUTED(IPV4)},
		{"another family inside",
		 {IPIP4, .ip = {IPV4}},
		 DP_REASON_inner_malformed,
		 .change = ipip_other_family},
		{"an unknown remote",
		 {TO_VTEP, .tunnel = IPIP, .ip = {IPV4}, .outer = {.src = "192.0.2.99", .dst = LOCAL4}},
		 DP_REASON_unknown_vtep},
		{"an unknown remote of GUE",
		 {TO_VTEP, .tunnel = GUE, .ip = {IPV4},
		  .outer = {.src = "192.0.2.99", .dst = LOCAL4, .dst_port = 6080}},
		 DP_REASON_unknown_vtep},
		{"to port 0, which is no tunnel's",
		 {TO_VTEP, .tunnel = GUE, .ip = {IPV4}, .outer = OUTER4(0)},
		 DP_REASON_local},
		{"IP in IP that is not for us is routed",
		 {TO_VTEP, .tunnel = IPIP, .ip = {IPV4}, .outer = {.src = "198.18.0.1", .dst = "192.0.2.7"}},
		 DP_REASON_forwarded,
		 {.dst = WAY_MAC(WAY_UNDERLAY),
		  .src = MAC_OUT,
		  .tunnel = IPIP,
		  .outer = {.src = "198.18.0.1", .dst = "192.0.2.7", .ttl = 63},
		  .ip = {IPV4}}},
		{"a first fragment",
		 {TO_VTEP, .ip = {.src = REMOTE4, .dst = LOCAL4, .protocol = 4, .payload = 64, .fragment = 0x2000}},
		 DP_REASON_tunnel_fragment},
		{"a later fragment",
		 {TO_VTEP, .ip = {.src = REMOTE4, .dst = LOCAL4, .protocol = 41, .payload = 64, .fragment = 8}},
		 DP_REASON_tunnel_fragment},
		{"a later fragment over IPv6",
		 {TO_VTEP, .ip = {.src = REMOTE6, .dst = LOCAL6, .protocol = 4, .payload = 64, .fragment = 64}},
		 DP_REASON_tunnel_fragment},
		{"martian source", {IPIP4, .ip = {IP("127.0.0.1", "10.1.0.1")}}, DP_REASON_martian_source},
		{"multicast", {GUE4, .ip = {IP("172.16.0.1", "224.0.0.1")}}, DP_REASON_martian_destination},
		{"to the router", {IPIP4, .ip = {IP("172.16.0.1", "10.18.0.1")}}, DP_REASON_inner_local},
		{"TTL 1", {GUE6, .ip = {IPV6, .ttl = 1}}, DP_REASON_ttl_expired},
		{"GUE, variant 2", {GUE4, .ip = {IPV4}}, DP_REASON_malformed_gue, .change = gue_variant_2},
		{"GUE, variant 1 of another version",
		 {GUE4, .ip = {IPV4}},
		 DP_REASON_malformed_gue,
		 .change = gue_version_5},
		{"GUE with nothing in it", {GUE4, .ip = {IPV4}}, DP_REASON_malformed_gue, .change = gue_empty},
		{"GUE, header beyond the datagram",
		 {GUE4_HEADER, .ip = {IPV4}},
		 DP_REASON_malformed_gue,
		 .change = gue_length},
		{"GUE, flags", {GUE4_HEADER, .ip = {IPV4}}, DP_REASON_malformed_gue, .change = gue_flags},
		{"GUE, control message", {GUE4_HEADER, .ip = {IPV4}}, DP_REASON_inner_not_ip, .change = gue_control},
		{"GUE, no next header",
		 {GUE4_HEADER, .ip = {IPV4}},
		 DP_REASON_inner_not_ip,
		 .change = gue_no_next_header},
		{"GUE, private data", {GUE4_HEADER, .ip = {IPV6}}, ROUTED(IPV6), .change = gue_private},
	};

	(void)state;
	RIG_CHECK_ALL(tests);
}

int decap_plain_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_tunnels),
	};

	return cmocka_run_group_tests_name("decap plain", tests, NULL, NULL);
}
