/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 that is cut into fragments, byte for byte: all but the last leave as clones, which are seen on the loopback
 * device of a namespace of the test's own. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bpf/router/answer.h"

#define LOOPBACK 1

struct fragment_case {
	const char *name;
	struct frame_spec in;
	uint32_t most;		  /* bytes of data in a fragment */
	struct frame_spec out;	  /* but for the datagram */
	uint8_t hops;		  /* that the TTL loses */
	uint8_t options[4];	  /* the first, if there are any */
	uint8_t later_options[4]; /* and as they are in later fragments */
};

int loopback_listen(void)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = LOOPBACK};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
	int room = 4 << 20; /* for all pieces, each of which counts as the memory of the whole, and comes twice */

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

struct frame loopback_next(int fd)
{
	struct frame frame = {};
	struct sockaddr_ll from;

	do {
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(fd, frame.byte, sizeof(frame.byte), 0, (struct sockaddr *)&from, &size);

		frame.length = length < 0 ? 0 : (size_t)length;
	} while (frame.length && from.sll_pkttype != PACKET_OUTGOING);
	return frame;
}

/* The fragment that carries the datagram's data from `at` on. */
static struct frame fragment_of(const struct fragment_case *test, const struct frame *in, size_t at, bool *last)
{
	size_t ip = frame_ip(&test->in), header = 20U + test->in.ip.options;
	size_t data = frame_get16(in, ip + 2) - header, length = data - at;
	struct frame_spec spec = test->out;
	struct frame want;

	*last = length <= test->most;
	if (!*last)
		length = test->most;
	spec.ip = test->in.ip;
	spec.ip.fragment = 1; /* no header behind IP's, in any */
	spec.ip.payload = (uint16_t)length;
	want = frame_build(&spec);
	memcpy(want.byte + frame_ip(&spec), in->byte + ip, header);
	memcpy(want.byte + frame_ip(&spec) + header, in->byte + ip + header + at, length);
	if (at)
		memcpy(want.byte + frame_ip(&spec) + 20, test->later_options, test->in.ip.options ? 4 : 0);
	ip = frame_ip(&spec);
	frame_put16(&want, ip + 2, (uint16_t)(header + length));
	frame_put16(&want, ip + 6, (uint16_t)((test->in.ip.fragment + at / 8) | (*last ? 0 : MORE_FRAGMENTS)));
	want.byte[ip + 8] -= test->hops;
	frame_fix_checksum(&want, ip);
	return want;
}

/* The outer tag stands beside a buffer, where a test run does not show it. */
static void take_tag_off(struct frame *frame)
{
	memmove(frame->byte + 12, frame->byte + 16, frame->length - 16);
	frame->length -= 4;
}

static void check_fragments(const struct fragment_case *test)
{
	struct frame in = frame_build(&test->in);
	int fd = loopback_listen();
	struct outcome outcome;
	bool last = false;
	size_t at = 0;

	if (test->in.ip.options) {
		memcpy(in.byte + frame_ip(&test->in) + 20, test->options, 4);
		frame_fix_checksum(&in, frame_ip(&test->in));
	}
	for (size_t i = frame_ip(&test->in) + 28U + test->in.ip.options; i < in.length; i++)
		in.byte[i] = (uint8_t)(i % 251); /* no fragment is like another */
	outcome = rig_run_answered(&in);
	assert_string_equal(reason_names[outcome.reason], "fragmented");
	for (; !last; at += test->most) {
		struct frame want = fragment_of(test, &in, at, &last);
		struct frame got = last ? outcome.frame : loopback_next(fd);

		if (test->out.vlan && last)
			take_tag_off(&want);
		if (test->out.tunnel && got.length == want.length) /* the source port is the router's to choose */
			memcpy(want.byte + frame_tunnel(&test->out) - 8, got.byte + frame_tunnel(&test->out) - 8, 2);
		if (test->out.tunnel && want.byte[frame_outer_ip(&test->out)] >> 4 == 6) /* and so is the flow label */
			memcpy(want.byte + frame_outer_ip(&test->out) + 1, got.byte + frame_outer_ip(&test->out) + 1,
			       3);
		answer_same(test->name, &got, &want);
	}
	assert_int_equal(loopback_next(fd).length, 0);
	close(fd);
}

#define NARROW	  .src = HOST4, .dst = "10.12.0.1"
#define TO_NARROW .dst = WAY_MAC(WAY_NARROW), .src = MAC_OUT
#define INTO(way, kind)                                                                                                \
	.dst = WAY_MAC(WAY_UNDERLAY), .src = MAC_OUT, .tunnel = kind, .vni = WAY_VNI(way), .inner_dst = WAY_MAC(way),  \
	.inner_src = MAC_OUT

static void fragments(void **state)
{
	static const struct fragment_case tests[] = {
		{"onto a narrow link", {TO_ROUTER, .ip = {NARROW, .payload = 1400, .id = 0x1234}}, 576, {TO_NARROW}, 1},
		{"two of equal size", {TO_ROUTER, .ip = {NARROW, .payload = 1144}}, 576, {TO_NARROW}, 1},
		{"a first fragment",
		 {TO_ROUTER, .ip = {NARROW, .payload = 1200, .fragment = MORE_FRAGMENTS}},
		 576,
		 {TO_NARROW},
		 1},
		{"a later fragment",
		 {TO_ROUTER, .ip = {NARROW, .payload = 1200, .fragment = MORE_FRAGMENTS | 185}},
		 576,
		 {TO_NARROW},
		 1},
		{"the last fragment",
		 {TO_ROUTER, .ip = {NARROW, .payload = 700, .fragment = 370}},
		 576,
		 {TO_NARROW},
		 1},
		{"options",
		 {TO_ROUTER, .ip = {NARROW, .payload = 900, .options = 8}},
		 568,
		 {TO_NARROW},
		 1,
		 {7, 3, 4, 1},
		 {1, 1, 1, 1}},
		{"copied options",
		 {TO_ROUTER, .ip = {NARROW, .payload = 900, .options = 8}},
		 568,
		 {TO_NARROW},
		 1,
		 {0x94, 4, 0, 0},
		 {0x94, 4, 0, 0}},
		{"from a VLAN onto one",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_TENANT_TAGGED),
		  .ip = {.src = HOST4, .dst = "10.2.0.1", .payload = 3000}},
		 1480,
		 {.dst = WAY_MAC(WAY_VLAN), .src = MAC_OUT, .vlan = VLAN_OUT},
		 1},
		{"onto a VLAN in another",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.3.0.1", .payload = 3200}},
		 1480,
		 {.dst = WAY_MAC(WAY_QINQ), .src = MAC_OUT, .vlan = VLAN_OUT, .inner_vlan = INNER_VLAN_OUT},
		 1},
		{"into VXLAN",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.4.0.1", .payload = 1472, .tos = 0x28}},
		 1424,
		 {INTO(WAY_VXLAN4, VXLAN),
		  .outer = {.src = LOCAL4, .dst = REMOTE4, .dst_port = 4789, .fragment = DONT_FRAGMENT, .tos = 0x28}},
		 1},
		{"into Geneve over IPv6",
		 {TO_ROUTER, .ip = {.src = HOST4, .dst = "10.7.0.1", .payload = 2600}},
		 1408,
		 {INTO(WAY_GENEVE6, GENEVE), .outer = {.src = LOCAL6, .dst = REMOTE6, .dst_port = 6081}},
		 1},
		{"out of Geneve over IPv6",
		 {TENANT_TUNNEL, GENEVE_OUTER, .inner_dst = MAC_VTEP, .ip = {NARROW, .payload = 1300}},
		 576,
		 {TO_NARROW},
		 1},
		{"to a stage",
		 {TO_ROUTER, .vlan = PORT_VLAN(PORT_CHAINED),
		  .ip = {.src = HOST4, .dst = "10.1.0.1", .payload = 1400, .dst_port = UDP_NARROW}},
		 576,
		 {.dst = STAGE_MAC(4, 0), .src = MAC_OUT},
		 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		check_fragments(&tests[i]);
}

/* An error, as is sent where DF is set. */
static void not_cut(void **state)
{
	struct frame_spec large = {TO_ROUTER, .ip = {NARROW, .payload = 3200}};
	struct frame_spec old = {TO_ROUTER, .ip = {NARROW, .payload = 700, .ttl = 1}};
	struct frame_spec whole = {TO_ROUTER, .ip = {NARROW, .payload = 700, .fragment = DONT_FRAGMENT}};
	struct frame in = frame_build(&whole);

	(void)state;
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_too_big);
	in = frame_build(&old);
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_ttl_expired);
	in = frame_build(&large);
	rig_bank(0)->next_hops[WAY_NARROW].egress.mtu = 67; /* less than IPv4 has */
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_too_big);
	rig_bank(0)->next_hops[WAY_NARROW].egress.mtu = 68; /* 68 fragments */
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_too_big);
	rig_bank(0)->next_hops[WAY_NARROW].egress.mtu = 76; /* 58 of them */
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_fragmented);
}

/* Nor are datagrams that a device is to cut out of a piece (UDP GSO): others would arrive. Without a tunnel, into one
 * without outer checksums, and into one with, where pieces are cut here. */
static void no_other_datagrams(void **state)
{
	struct frame_spec spec = {TO_ROUTER, .ip = {.src = HOST4, .payload = 3200}};
	const char *const to[] = {"10.1.0.1", "10.4.0.1", "10.5.0.1"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct frame in;

		spec.ip.dst = to[i];
		in = frame_build(&spec);
		assert_int_equal(rig_run_segmented(&in, 1473).reason, DP_REASON_too_big);
	}
}

int fragment_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fragments, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(not_cut, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(no_other_datagrams, answer_set_up, answer_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
