/* SPDX-License-Identifier: Apache-2.0 */
/* Outer UDP checksums (RFC 768, RFC 8200 8.1): of packets into tunnels that want them, each summed up byte by byte. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bpf/router/answer.h"
#include "tests/bpf/router/checksums.h"

enum { GRE = 47, SCTP = 132 };

static const struct {
	const char *name;
	uint8_t protocol;
	bool ipv6;
	enum checksum inner;
	uint16_t payload;
	uint16_t fragment;
	uint8_t options, destination_options;
	bool left; /* by XDP, as it is to be summed up */

} packets[] = {
	{"TCP", TCP, false, RIGHT, 100},
	{"TCP, one byte", TCP, false, RIGHT, 1},
	{"TCP, unfinished", TCP, false, UNFINISHED, 101},
	{"TCP behind options", TCP, false, RIGHT, 33, .options = 8},
	{"UDP", UDP, false, RIGHT, 77},
	{"UDP, unfinished", UDP, false, UNFINISHED, 77},
	{"UDP without", UDP, false, NONE, 1200, .left = true},
	{"UDP without, odd", UDP, false, NONE, 1333, .left = true},
	{"UDP without, empty", UDP, false, NONE, 0, .left = true},
	{"ICMP", ICMP, false, RIGHT, 56},
	{"first fragment", UDP, false, NONE, 512, .fragment = 0x2000, .left = true},
	{"later fragment", UDP, false, NONE, 519, .fragment = 0x0010, .left = true},
	{"GRE", GRE, false, NONE, 61, .left = true},
	{"TCP over IPv6", TCP, true, RIGHT, 100},
	{"TCP over IPv6, unfinished", TCP, true, UNFINISHED, 3},
	{"UDP over IPv6", UDP, true, RIGHT, 700},
	{"UDP over IPv6, without", UDP, true, NONE, 701, .left = true},
	{"ICMPv6", ICMPV6, true, RIGHT, 56},
	{"hop-by-hop options", TCP, true, RIGHT, 55, .options = 8, .left = true},
	{"destination options, unfinished", TCP, true, UNFINISHED, 55, .destination_options = 16, .left = true},
	{"fragment over IPv6", UDP, true, NONE, 640, .fragment = 1, .left = true},
	{"later fragment over IPv6", UDP, true, NONE, 641, .fragment = 0x0288, .left = true},
	{"GRE over IPv6", GRE, true, NONE, 1, .left = true},
};

static const enum way ways[] = {WAY_VXLAN4, WAY_VXLAN6, WAY_GENEVE4, WAY_GENEVE6, WAY_GUE4, WAY_GUE6};

static void want_checksums(bool want)
{
	for (int bank = 0; bank < 2; bank++)
		for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
			struct dp_tunnel *tunnel = &rig_bank(bank)->tunnels[ways[i]];

			tunnel->checksum = want ? dp_tunnel_checksum(tunnel) : 0;
		}
}

static int begin(void **state)
{
	(void)state;
	want_checksums(true);
	return 0;
}

static int end(void **state)
{
	(void)state;
	want_checksums(false);
	return 0;
}

static struct frame_spec spec_of(size_t i, enum way way)
{
	static char to[32];
	struct frame_spec spec = {.dst = MAC_ROUTER, .src = MAC_HOST};

	snprintf(to, sizeof(to), packets[i].ipv6 ? "2001:db8:%d::1" : "10.%d.0.1", way);
	spec.ip = (struct ip_spec){.src = packets[i].ipv6 ? "2001:db8:abcd::1" : "172.16.0.1",
				   .dst = to,
				   .protocol = packets[i].protocol,
				   .src_port = 1000,
				   .dst_port = 2000,
				   .icmp_type = packets[i].protocol == ICMP ? 8 : 128,
				   .payload = packets[i].payload,
				   .tos = 0xb9,
				   .fragment = packets[i].fragment,
				   .options = packets[i].options,
				   .destination_options = packets[i].destination_options};
	return spec;
}

/* Where the inner IP header is in a frame of ours: behind UDP, a header of 8 bytes and Ethernet, or only UDP. */
static size_t inner_of(const struct frame *frame)
{
	size_t udp = 14 + (frame->byte[14] >> 4 == 6 ? 40 : 20);

	return udp + (frame_get16(frame, udp + 2) == 6080 ? 8 : 30);
}

/* The outer checksum in `frame` is the one of what will be on the wire. */
static void check_outer(const char *name, struct frame frame, size_t i, enum checksum inner)
{
	bool ipv6 = frame.byte[14] >> 4 == 6;
	size_t udp = 14 + (ipv6 ? 40 : 20), ip = inner_of(&frame), length = frame.length - udp;
	uint16_t check = frame_get16(&frame, udp + 6);
	size_t headers = packets[i].ipv6 ? packets[i].options + packets[i].destination_options : 0;

	assert_int_equal(frame_get16(&frame, udp + 4), length);
	if (inner == UNFINISHED) /* as the device would */
		checksums_set(&frame, ip, packets[i].protocol, headers, RIGHT);
	assert_int_not_equal(check, 0);
	if (checksums_fold(checksums_pseudo(&frame, 14, UDP, length) + checksums_sum(&frame, udp, length)) != 0xffff)
		fail_msg("%s: wrong checksum %04x", name, check);
}

static void all_packets(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		for (size_t j = 0; j < sizeof(ways) / sizeof(*ways); j++) {
			struct frame_spec spec = spec_of(i, ways[j]);
			struct frame in = frame_build(&spec);
			size_t headers = packets[i].ipv6 ? packets[i].options + packets[i].destination_options : 0;
			struct outcome outcome;

			if (packets[i].inner != NONE)
				checksums_set(&in, frame_ip(&spec), packets[i].protocol, headers, packets[i].inner);
			outcome = rig_run(&in);
			assert_string_equal(reason_names[outcome.reason], "encapsulated");
			if (rig_context() == RIG_XDP && outcome.left != packets[i].left)
				fail_msg("%s: XDP has%s left it", packets[i].name, outcome.left ? "" : " not");
			check_outer(packets[i].name, outcome.frame, i, packets[i].inner);
		}
	}
}

/* One that comes out as zero is sent as 0xffff: a byte pair of the payload takes up what was missing. */
static void never_zero(void **state)
{
	struct frame_spec spec = spec_of(6, WAY_VXLAN6);
	struct frame in = frame_build(&spec);
	size_t payload = frame_ip(&spec) + 28;
	struct outcome outcome = rig_run(&in);

	(void)state;
	frame_put16(&in, payload,
		    checksums_fold((uint32_t)frame_get16(&in, payload) + frame_get16(&outcome.frame, 60)));
	outcome = rig_run(&in);
	assert_int_equal(frame_get16(&outcome.frame, 60), 0xffff);
	check_outer("zero", outcome.frame, 6, NONE);
}

/* What cannot be summed up has none: SCTP that a device is to finish. */
static void zero_by_rule(void **state)
{
	struct frame_spec spec = spec_of(0, WAY_VXLAN6);
	struct outcome outcome;
	struct frame in;

	(void)state;
	spec.ip.protocol = SCTP;
	in = frame_build(&spec);
	memset(in.byte + 14 + 20 + 8, 0, 4);
	outcome = rig_run(&in);
	assert_int_equal(outcome.reason, DP_REASON_encapsulated);
	assert_int_equal(frame_get16(&outcome.frame, 60), 0);
	in.byte[14 + 20 + 8] = 1;
	outcome = rig_run(&in);
	assert_int_not_equal(frame_get16(&outcome.frame, 60), 0);
	check_outer("SCTP", outcome.frame, 0, NONE);
}

/* The segment of the piece that begins at `at`, as the kernel would make it. */
static struct frame segment_of(const struct frame *in, size_t ip, size_t headers, size_t at, size_t most)
{
	size_t l4 = checksums_l4(in, ip), data = in->length - ip - headers, length = data - at;
	bool ipv6 = in->byte[ip] >> 4 == 6, last = length <= most, tcp = in->byte[ip + (ipv6 ? 6 : 9)] == TCP;
	struct frame want = {.length = ip + headers + (last ? length : most)};

	memcpy(want.byte, in->byte, ip + headers);
	memcpy(want.byte + ip + headers, in->byte + ip + headers + at, want.length - ip - headers);
	want.byte[ip + (ipv6 ? 7 : 8)]--;
	if (!ipv6)
		frame_put16(&want, ip + 4, (uint16_t)(frame_get16(in, ip + 4) + at / most));
	if (tcp) {
		frame_put16(&want, l4 + 6, (uint16_t)(frame_get16(in, l4 + 6) + at));
		want.byte[l4 + 13] &= last ? 0xff : 0xf6;
		want.byte[l4 + 13] &= at ? 0x7f : 0xff;
	}
	frame_fix_lengths(&want, ip);
	checksums_set(&want, ip, tcp ? TCP : UDP, 0, RIGHT);
	return want;
}

static void check_segments(size_t i, enum way way, uint32_t most)
{
	struct frame_spec spec = spec_of(i, way);
	size_t ip = frame_ip(&spec), headers = (packets[i].ipv6 ? 40 : 20) + (packets[i].protocol == TCP ? 20 : 8);
	int fd = loopback_listen();
	struct outcome outcome;
	struct frame in;
	size_t data;

	spec.ip.payload = 3200;
	spec.ip.id = 0xfffe;
	in = frame_build(&spec);
	checksums_set(&in, ip, packets[i].protocol, 0, UNFINISHED);
	if (packets[i].protocol == TCP)
		in.byte[checksums_l4(&in, ip) + 13] = 0x99; /* CWR, ACK, PSH, FIN */
	data = in.length - ip - headers;
	outcome = rig_run_segmented(&in, most);
	assert_string_equal(reason_names[outcome.reason], "encapsulated");
	for (size_t at = 0; at < data; at += most) {
		struct frame got = data - at <= most ? outcome.frame : loopback_next(fd);
		struct frame want = segment_of(&in, ip, headers, at, most);
		size_t inner = inner_of(&got);

		check_outer(packets[i].name, got, i, RIGHT);
		assert_int_equal(got.length - inner, want.length - ip);
		assert_memory_equal(got.byte + inner, want.byte + ip, want.length - ip);
	}
	assert_int_equal(loopback_next(fd).length, 0);
	close(fd);
}

/* A piece whose last segment is shorter is cut. One with equal segments a test run cannot make: the lab has them. */
static void segments(void **state)
{
	(void)state;
	if (rig_context() != RIG_TC)
		return;
	for (size_t j = 0; j < sizeof(ways) / sizeof(*ways); j++) {
		check_segments(2, ways[j], 1200);
		check_segments(5, ways[j], 999);
		check_segments(14, ways[j], 1111);
		check_segments(15, ways[j], 101);
	}
}

/* Tunnel packets that come: the outer checksum, and what else of them is changed. */
enum outer { ZERO, GOOD, BAD, PSEUDO };

static const struct {
	const char *name;
	enum tunnel_spec_kind kind;
	bool ipv6;
} outers[] = {{"VXLAN over IPv6", VXLAN, true},	 {"Geneve over IPv6", GENEVE, true},
	      {"VXLAN over IPv4", VXLAN, false}, {"Geneve over IPv4", GENEVE, false},
	      {"GUE over IPv6", GUE, true},	 {"GUE over IPv4", GUE, false}};
enum { OUTERS = sizeof(outers) / sizeof(*outers), FRAME_HEADERS = 22 };

static const struct {
	const char *name;
	size_t packet; /* of packets[] */
	enum outer outer;
	int flip;	  /* byte behind the UDP header of kinds with frames that has changed on the way; 0: none */
	bool wrong_inner; /* as it was sent */
	bool left;	  /* by XDP */
	bool dropped;
} came[] = {
	{"zero", 0, ZERO, .flip = 22 + 60},
	{"right", 0, GOOD},
	{"right, UDP", 4, GOOD},
	{"right, ICMP", 9, GOOD},
	{"right, TCP over IPv6", 13, GOOD},
	{"right, ICMPv6", 17, GOOD},
	{"right, with none inside", 6, GOOD, .left = true},
	{"right, an odd one with none inside", 7, GOOD, .left = true},
	{"right, a fragment", 11, GOOD, .left = true},
	{"right, GRE over IPv6", 22, GOOD, .left = true},
	{"right, and the inner one was wrong", 0, GOOD, .wrong_inner = true, .left = true},
	{"unfinished", 6, PSEUDO, .left = true},
	{"wrong", 0, BAD, .left = true, .dropped = true},
	{"wrong, with none inside", 6, BAD, .left = true, .dropped = true},
	{"a byte of the inner source MAC", 0, GOOD, .flip = 8 + 11, .left = true, .dropped = true},
	{"a reserved byte of the tunnel's header", 4, GOOD, .flip = 7, .left = true, .dropped = true},
	{"a byte of the inner source is in the inner pseudo-header", 13, GOOD, .flip = 22 + 20},
	{"the inner hop limit", 13, GOOD, .flip = 22 + 7, .left = true, .dropped = true},
	{"a byte of data is the inner checksum's", 0, GOOD, .flip = 22 + 60},
	{"a byte of data, with none inside", 6, GOOD, .flip = 22 + 60, .left = true, .dropped = true},
};

static struct frame came_as(size_t i, size_t o, struct frame_spec *spec)
{
	size_t k = came[i].packet, udp = 18 + (outers[o].ipv6 ? 40 : 20), length;
	struct frame frame;

	*spec = spec_of(k, WAY_PLAIN);
	spec->vlan = PORT_VLAN(PORT_UNDERLAY);
	spec->tunnel = outers[o].kind;
	spec->vni = VNI_TENANT;
	spec->inner_dst = MAC_VTEP;
	spec->inner_src = MAC_PEER;
	spec->outer = (struct ip_spec){.src = outers[o].ipv6 ? REMOTE6 : REMOTE4,
				       .dst = outers[o].ipv6 ? LOCAL6 : LOCAL4,
				       .src_port = 50000,
				       .dst_port = outers[o].kind == VXLAN    ? 4789
						   : outers[o].kind == GENEVE ? 6081
									      : 6080};
	frame = frame_build(spec);
	length = frame.length - udp;
	if (packets[k].inner != NONE)
		checksums_set(&frame, frame_ip(spec), packets[k].protocol, 0, RIGHT);
	if (came[i].wrong_inner)
		frame.byte[frame.length - 1] ^= 1;
	if (came[i].outer != ZERO)
		checksums_set(&frame, 18, UDP, 0, came[i].outer == PSEUDO ? UNFINISHED : RIGHT);
	assert_int_equal(frame_get16(&frame, udp + 4), length);
	if (came[i].outer == BAD)
		frame_put16(&frame, udp + 6, frame_get16(&frame, udp + 6) ^ 0x0101);
	if (came[i].flip)
		frame.byte[udp + 8 + came[i].flip - (outers[o].kind == GUE ? FRAME_HEADERS : 0)] ^= 0x10;
	return frame;
}

/* Are checksums over IPv4 looked at, too, as of endpoints that compute them? */
static void verify(bool too)
{
	for (uint32_t i = 0; i < bank_rows(rig_limits(), DP_TABLE_vnis); i++)
		rig_bank(0)->vnis[i].verify = rig_bank(0)->vnis[i].vtep && too;
}

static void run_came(bool too)
{
	verify(too);
	for (size_t n = 0; n < sizeof(came) / sizeof(*came) * OUTERS; n++) {
		size_t i = n / OUTERS, o = n % OUTERS;
		bool dropped = came[i].dropped && (too || outers[o].ipv6);
		struct frame_spec spec;
		struct outcome outcome;
		struct frame in;

		if (outers[o].kind == GUE && came[i].flip && came[i].flip < FRAME_HEADERS)
			continue; /* it has no such headers */
		in = came_as(i, o, &spec);
		outcome = rig_run(&in);
		if (outcome.reason != (dropped ? DP_REASON_bad_udp_checksum : DP_REASON_forwarded))
			fail_msg("%s, %s: %s", outers[o].name, came[i].name, reason_names[outcome.reason]);
		if (too && rig_context() == RIG_XDP && outcome.left != came[i].left)
			fail_msg("%s, %s: XDP has%s left it", outers[o].name, came[i].name, outcome.left ? "" : " not");
	}
	verify(false);
}

static void verified(void **state)
{
	(void)state;
	run_came(true);
	run_came(false); /* over IPv4 nobody looks then */
}

int checksum_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_packets, begin, end),
		cmocka_unit_test_setup_teardown(never_zero, begin, end),
		cmocka_unit_test_setup_teardown(zero_by_rule, begin, end),
		cmocka_unit_test_setup_teardown(segments, begin, end),
		cmocka_unit_test(verified),
	};

	return cmocka_run_group_tests_name("checksum", tests, NULL, NULL);
}
