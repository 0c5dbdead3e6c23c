/* SPDX-License-Identifier: Apache-2.0 */
/* The anycast address of all routers on a link (RFC 4291 2.6.1), byte for byte: who asks is answered, always from an
 * address that is this router's alone (RFC 4443 2.2), and nothing of it is for the kernel. */
#include "tests/bpf/router/answer.h"

#include <arpa/inet.h>
#include <string.h>

#define ANYCAST "2001:db8:18::"

static int set_up(void **state)
{
	answer_set_up(state);
	rig_bank(0)->vrf_answers[VRF_TENANT].kernel = 1; /* which must not help */
	assert_int_equal(
		rig_add_route(rig_bank(0), VRF_TENANT, ANYCAST "/128", (struct dp_fib_leaf){DP_GROUP_ANYCAST, 0}), 0);
	return 0;
}

static struct frame advertised(uint8_t to_mac, const char *to, uint8_t flags)
{
	struct frame frame = answer_advertisement(to_mac, to, ANYCAST, MAC_ROUTER, flags);

	assert_int_equal(inet_pton(AF_INET6, OWN6, frame.byte + ETHERNET + 8), 1);
	answer_fix_icmp(&frame, ETHERNET);
	return frame;
}

static void solicitations(void **state)
{
	struct frame in = answer_solicitation("fe80::9", ANYCAST), want = advertised(MAC_HOST, "fe80::9", 0xc0);
	struct outcome outcome = rig_run_answered(&in);

	(void)state;
	assert_int_equal(outcome.reason, DP_REASON_nd_answered);
	answer_same("solicited, not overriding", &outcome.frame, &want);
	in = answer_solicitation("::", ANYCAST); /* it is no host's to take */
	want = advertised(MAC_MULTICAST, "ff02::1", 0x80);
	outcome = rig_run_answered(&in);
	assert_int_equal(outcome.reason, DP_REASON_nd_answered);
	answer_same("duplicate address detection", &outcome.frame, &want);
}

static struct frame_spec echo_spec(const char *from, const char *to)
{
	return (struct frame_spec){TO_ROUTER,
				   .ip = {.src = from, .dst = to, .protocol = ICMPV6, .icmp_type = 128, .payload = 57}};
}

static void echo(void **state)
{
	struct frame_spec asks = echo_spec(HOST6, ANYCAST), replies = echo_spec(OWN6, HOST6);
	struct frame in = frame_build(&asks), want;
	struct outcome outcome;

	(void)state;
	answer_fix_icmp(&in, ETHERNET);
	replies.dst = WAY_MAC(WAY_PLAIN);
	replies.src = MAC_OUT;
	want = frame_build(&replies);
	want.byte[ETHERNET + 40] = 129;
	answer_fix_icmp(&want, ETHERNET);
	outcome = rig_run_answered(&in);
	assert_int_equal(outcome.reason, DP_REASON_echo_answered);
	answer_same("echo", &outcome.frame, &want);

	asks = echo_spec(ANYCAST, OWN6); /* it is as much ours as the others */
	in = frame_build(&asks);
	assert_int_equal(rig_run(&in).reason, DP_REASON_martian_source);
}

/* Out of a tunnel, whose answers take the VRF's routes. */
static void echo_in_a_tunnel(void **state)
{
	struct frame_spec asks = {
		TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP,
		.ip = {.src = HOST6, .dst = ANYCAST, .protocol = ICMPV6, .icmp_type = 128, .payload = 30}};
	struct frame_spec replies = {
		SENT, .ip = {.src = OWN6, .dst = HOST6, .protocol = ICMPV6, .icmp_type = 129, .payload = 30}};
	struct frame in = frame_build(&asks), want = frame_build(&replies);
	struct outcome outcome;

	(void)state;
	answer_fix_icmp(&in, frame_ip(&asks));
	answer_fix_icmp(&want, ETHERNET);
	outcome = rig_run_answered(&in);
	assert_int_equal(outcome.reason, DP_REASON_echo_answered);
	answer_same("echo in VXLAN", &outcome.frame, &want);
}

static void other_packets(void **state)
{
	struct frame_spec udp = {TO_ROUTER, .ip = {.src = HOST6, .dst = ANYCAST, .payload = 20}};
	struct frame_spec unreachable = {
		SENT, .ip = {.src = OWN6, .dst = HOST6, .protocol = ICMPV6, .icmp_type = 1, .payload = 68}};
	struct frame in = frame_build(&udp), want = frame_build(&unreachable);
	struct outcome outcome = rig_run_answered(&in);

	(void)state;
	assert_int_equal(outcome.reason, DP_REASON_no_socket);
	memcpy(want.byte + ETHERNET + 40, (const uint8_t[]){1, 4, 0, 0, 0, 0, 0, 0}, 8);
	memcpy(want.byte + ETHERNET + 48, in.byte + ETHERNET, 68);
	answer_fix_icmp(&want, ETHERNET);
	answer_same("port unreachable", &outcome.frame, &want);
}

/* A VRF without an address of its own cannot answer. */
static void no_other_address(void **state)
{
	struct frame_spec asks = echo_spec(HOST6, ANYCAST);
	struct frame in = frame_build(&asks);

	(void)state;
	answer_fix_icmp(&in, ETHERNET);
	rig_bank(0)->vrf_answers[VRF_TENANT].source.ipv6 = (struct dp_address){};
	assert_int_equal(rig_run(&in).reason, DP_REASON_no_socket);
	in = answer_solicitation("fe80::9", ANYCAST);
	assert_int_equal(rig_run(&in).reason, DP_REASON_neighbour_discovery); /* nor can the kernel */
}

int anycast_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(solicitations, set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(echo, set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(echo_in_a_tunnel, set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(other_packets, set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(no_other_address, set_up, answer_tear_down),
	};

	return cmocka_run_group_tests_name("anycast", tests, NULL, NULL);
}
