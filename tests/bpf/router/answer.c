/* SPDX-License-Identifier: Apache-2.0 */
/* What the router answers by itself, byte for byte: ARP, neighbour solicitations and echo requests, on ports and
 * through tunnels. Only the program for the clsact qdisc can. */
#include "tests/bpf/router/answer.h"

#include <arpa/inet.h>
#include <linux/pkt_cls.h>
#include <string.h>
#include <unistd.h>

int answer_set_up(void **state)
{
	(void)state;
	for (int vrf = VRF_TENANT; vrf <= VRF_CHAINED; vrf++) {
		struct dp_vrf_answer *answer = &rig_bank(0)->vrf_answers[vrf];

		answer->error_interval = 1;
		answer->kernel = 0;
		assert_int_equal(inet_pton(AF_INET, OWN4, &answer->source.ipv4), 1);
		assert_int_equal(inet_pton(AF_INET6, OWN6, &answer->source.ipv6), 1);
	}
	return 0;
}

int answer_tear_down(void **state)
{
	(void)state;
	rig_fill(rig_bank(0));
	return 0;
}

/* RFC 1071, of bytes at even places. */
static uint32_t sum_of(const uint8_t *byte, size_t length, uint32_t sum)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? byte[i] : (uint32_t)byte[i] << 8;
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void answer_fix_icmp(struct frame *frame, size_t ip)
{
	bool ipv6 = frame->byte[ip] >> 4 == 6;
	size_t icmp = ip + (ipv6 ? 40 : 20);
	size_t length = ipv6 ? frame_get16(frame, ip + 4) : frame_get16(frame, ip + 2) - 20U;
	uint32_t sum = ipv6 ? sum_of(frame->byte + ip + 8, 32, (uint32_t)length + ICMPV6) : 0;

	frame_put16(frame, icmp + 2, 0);
	frame_put16(frame, icmp + 2, folded(sum_of(frame->byte + icmp, length, sum)));
}

void answer_same(const char *name, const struct frame *got, const struct frame *want)
{
	assert_int_equal(got->length, want->length);
	for (size_t i = 0; i < want->length; i++)
		if (got->byte[i] != want->byte[i])
			fail_msg("%s: byte %zu is %02x instead of %02x", name, i, got->byte[i], want->byte[i]);
}

void answer_put_arp(struct frame *frame, size_t at, uint16_t operation, uint8_t sender_mac, const char *sender,
		    uint8_t target_mac, const char *target)
{
	static const uint8_t head[] = {0, 1, 8, 0, 6, 4}, mac[] = {2, 0, 0, 0, 0};

	memcpy(frame->byte + at, head, 6);
	frame_put16(frame, at + 6, operation);
	memcpy(frame->byte + at + 8, mac, 5);
	frame->byte[at + 13] = sender_mac;
	inet_pton(AF_INET, sender, frame->byte + at + 14);
	memset(frame->byte + at + 18, 0, 6);
	if (target_mac) {
		memcpy(frame->byte + at + 18, mac, 5);
		frame->byte[at + 23] = target_mac;
	}
	inet_pton(AF_INET, target, frame->byte + at + 24);
}

static void arp_on_ports(void **state)
{
	struct frame_spec asks = {TO_ALL, .eth_proto = ARP, .ip = {.payload = 46}};
	struct frame_spec replies = {.dst = MAC_HOST, .src = MAC_ROUTER, .eth_proto = ARP, .ip = {.payload = 46}};
	struct frame_spec learned = {TO_ROUTER, .eth_proto = ARP, .ip = {.payload = 46}};
	struct frame in = frame_build(&asks), want = frame_build(&replies), sent;
	struct outcome outcome;
	int fd;

	(void)state;
	answer_put_arp(&in, ETHERNET, 1, MAC_HOST, LINK4, 0, OWN4);
	answer_put_arp(&want, ETHERNET, 2, MAC_ROUTER, OWN4, MAC_HOST, LINK4);
	fd = loopback_listen();
	outcome = rig_run_learned(&in);
	assert_int_equal(outcome.reason, DP_REASON_arp_answered);
	sent = loopback_next(fd);
	answer_same("ARP", &sent, &want);
	want = frame_build(&learned);
	answer_put_arp(&want, ETHERNET, 2, MAC_HOST, LINK4, MAC_ROUTER, OWN4);
	answer_same("the kernel learns from the request", &outcome.frame, &want);
	answer_put_arp(&in, ETHERNET, 1, MAC_HOST, "0.0.0.0", 0, OWN4); /* whether somebody has it: RFC 5227 2.1.1 */
	assert_int_equal(rig_run_answered(&in).reason, DP_REASON_arp_answered);
	assert_int_equal(loopback_next(fd).length, 0);
	close(fd);
	answer_put_arp(&in, ETHERNET, 1, MAC_HOST, LINK4, 0, LOCAL4); /* another VRF's */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
	answer_put_arp(&in, ETHERNET, 2, MAC_HOST, LINK4, MAC_ROUTER, OWN4); /* a reply is for the kernel */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_ip);
	answer_put_arp(&in, ETHERNET, 1, MAC_HOST, LINK4, 0, LINK4); /* so is an announcement, but as a reply */
	outcome = rig_run(&in);
	assert_int_equal(outcome.reason, DP_REASON_not_ip);
	assert_int_equal(frame_get16(&outcome.frame, ETHERNET + 6), 2);
	rig_bank(0)->vrf_answers[VRF_TENANT].kernel = 1; /* it knows of others to answer for */
	answer_put_arp(&in, ETHERNET, 1, MAC_HOST, LINK4, 0, "10.200.0.1");
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_ip);
}

static void arp_in_tunnels(void **state)
{
	struct frame_spec asks = {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_BROADCAST, .inner_eth_proto = ARP,
				  .ip = {.payload = ARP_SIZE}};
	struct frame in = frame_build(&asks), tagged;
	size_t at = frame_inner_ethernet(&asks) + ETHERNET;
	struct outcome outcome;

	(void)state;
	answer_put_arp(&in, at, 1, MAC_PEER, LINK4, 0, OWN4);
	outcome = rig_run_answered(&in);
	assert_int_equal(outcome.reason, DP_REASON_arp_answered);
	{
		struct frame_spec replies = {.dst = WAY_MAC(WAY_UNDERLAY),
					     .src = MAC_OUT,
					     .tunnel = VXLAN,
					     .vni = VNI_TENANT,
					     .inner_dst = MAC_PEER,
					     .inner_src = MAC_VTEP,
					     .inner_eth_proto = ARP,
					     .ip = {.payload = ARP_SIZE}};
		struct frame want;

		replies.outer = (struct ip_spec){.src = LOCAL4, .dst = REMOTE4, .dst_port = 4789, .fragment = 0x4000};
		want = frame_build(&replies);
		answer_put_arp(&want, frame_inner_ethernet(&replies) + ETHERNET, 2, MAC_VTEP, OWN4, MAC_PEER, LINK4);
		memcpy(want.byte + frame_tunnel(&replies) - 8, outcome.frame.byte + frame_tunnel(&replies) - 8, 2);
		answer_same("ARP in VXLAN", &outcome.frame, &want);
		tagged = in;
		frame_tag_inner(&tagged, &asks, 0xe000); /* of a priority: the reply has none */
		outcome = rig_run_answered(&tagged);
		memcpy(want.byte + frame_tunnel(&replies) - 8, outcome.frame.byte + frame_tunnel(&replies) - 8, 2);
		answer_same("ARP with a priority tag", &outcome.frame, &want);
	}
	answer_put_arp(&in, at, 1, MAC_PEER, LINK4, 0, "10.18.0.1");
	frame_put16(&in, at + 6, 2); /* nothing from a tunnel is for the kernel */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
}

struct frame answer_solicitation(const char *source, const char *target)
{
	bool from_nobody = !strcmp(source, "::");
	struct frame_spec spec = {.dst = MAC_MULTICAST,
				  .src = MAC_HOST,
				  .ip = {.src = source,
					 .dst = "ff02::1:ff00:1",
					 .protocol = ICMPV6,
					 .icmp_type = 135,
					 .ttl = 255,
					 .payload = from_nobody ? 16 : 24}};
	struct frame frame = frame_build(&spec);

	memset(frame.byte + ETHERNET + 44, 0, 4);
	inet_pton(AF_INET6, target, frame.byte + ETHERNET + 48);
	if (!from_nobody)
		memcpy(frame.byte + ETHERNET + 64, (const uint8_t[]){1, 1, 2, 0, 0, 0, 0, MAC_HOST}, 8);
	answer_fix_icmp(&frame, ETHERNET);
	return frame;
}

struct frame answer_advertisement(uint8_t to_mac, const char *to, const char *target, uint8_t target_mac, uint8_t flags)
{
	struct frame_spec spec = {
		.dst = to_mac,
		.src = MAC_ROUTER,
		.ip = {.src = target, .dst = to, .protocol = ICMPV6, .icmp_type = 136, .ttl = 255, .payload = 24}};
	struct frame frame = frame_build(&spec);

	memcpy(frame.byte + ETHERNET + 44, (const uint8_t[]){flags, 0, 0, 0}, 4);
	frame.byte[ETHERNET + 41] = 0;
	inet_pton(AF_INET6, target, frame.byte + ETHERNET + 48);
	memcpy(frame.byte + ETHERNET + 64, (const uint8_t[]){2, 1, 2, 0, 0, 0, 0, target_mac}, 8);
	answer_fix_icmp(&frame, ETHERNET);
	return frame;
}

static void neighbour_solicitations(void **state)
{
	struct frame in = answer_solicitation("fe80::9", OWN6),
		     want = answer_advertisement(MAC_HOST, "fe80::9", OWN6, MAC_ROUTER, 0xe0);
	struct outcome outcome = rig_run_answered(&in);

	(void)state;
	assert_int_equal(outcome.reason, DP_REASON_nd_answered);
	answer_same("solicited", &outcome.frame, &want);
	in = answer_solicitation("::", OWN6); /* somebody wants our address: RFC 4862 5.4.4 */
	want = answer_advertisement(MAC_MULTICAST, "ff02::1", OWN6, MAC_ROUTER, 0xa0);
	outcome = rig_run_answered(&in);
	assert_int_equal(outcome.reason, DP_REASON_nd_answered);
	answer_same("duplicate address detection", &outcome.frame, &want);
	in = answer_solicitation("fe80::9", LOCAL6); /* another VRF's */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
	in = answer_solicitation("fe80::9", OWN6);
	in.byte[ETHERNET + 7] = 64; /* it came over a router */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
}

static void echo(void **state)
{
	static const struct {
		const char *to, *from;
		uint8_t request, reply;
	} families[] = {{OWN4, HOST4, 8, 0}, {OWN6, HOST6, 128, 129}};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct frame_spec spec = {TO_ROUTER, .ip = {.src = families[i].from,
							    .dst = families[i].to,
							    .payload = 57,
							    .protocol = i ? ICMPV6 : ICMP,
							    .icmp_type = 8}};
		struct frame_spec back = {SENT, .ip = {.src = families[i].to,
						       .dst = families[i].from,
						       .payload = 57,
						       .protocol = i ? ICMPV6 : ICMP,
						       .icmp_type = 8}};
		struct frame in = frame_build(&spec), want = frame_build(&back);
		size_t icmp = ETHERNET + (i ? 40 : 20);
		struct outcome outcome;

		in.byte[icmp] = families[i].request;
		want.byte[icmp] = families[i].reply;
		answer_fix_icmp(&in, ETHERNET);
		answer_fix_icmp(&want, ETHERNET);
		outcome = rig_run_answered(&in);
		assert_int_equal(outcome.reason, DP_REASON_echo_answered);
		answer_same("echo", &outcome.frame, &want);
		spec.ip.src = families[i].to; /* not from ourselves (RFC 1812 5.3.7) */
		in = frame_build(&spec);
		in.byte[icmp] = families[i].request;
		assert_int_equal(rig_run(&in).reason, DP_REASON_martian_source);
	}
}

/* What one filter leaves for the other is about that very buffer, and about none that comes later. */
static void who_is_asked(void **state)
{
	const uint32_t go_on = (uint32_t)TC_ACT_UNSPEC;
	struct frame_spec asks = {TO_ALL, .eth_proto = ARP, .ip = {.payload = 46}};
	struct frame_spec group = {.dst = MAC_MULTICAST, .src = MAC_HOST, .ip = {.src = HOST4, .dst = "224.0.0.5"}};
	struct frame arp = frame_build(&asks), punted = frame_build(&group), longer = arp, out, probe = arp;

	(void)state;
	answer_put_arp(&arp, ETHERNET, 1, MAC_HOST, LINK4, 0, OWN4);
	answer_put_arp(&probe, ETHERNET, 1, MAC_HOST, "0.0.0.0", 0, OWN4);
	assert_int_equal(rig_run_filter(TC_ANSWERS, &arp, &out), go_on); /* nobody asked */
	answer_same("not asked", &out, &arp);
	assert_int_equal(rig_run_filter(TC_ROUTER, &arp, &out), go_on);
	longer.length++;
	assert_int_equal(rig_run_filter(TC_ANSWERS, &longer, &out),
			 go_on); /* another between the two took the buffer */
	assert_int_equal(rig_run_filter(TC_ANSWERS, &arp, &out), go_on);
	assert_int_equal(rig_run_filter(TC_ROUTER, &arp, &out), go_on);
	assert_int_equal(rig_run(&punted).reason, DP_REASON_multicast);
	assert_int_equal(rig_run_filter(TC_ANSWERS, &arp, &out), go_on);
	assert_int_equal(rig_run_filter(TC_ROUTER, &arp, &out), go_on);
	assert_int_equal(rig_run_answered(&probe).reason, DP_REASON_arp_answered);
	assert_int_equal(rig_run_filter(TC_ANSWERS, &probe, &out), go_on); /* once */
	answer_same("answered already", &out, &probe);
}

int answer_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(arp_on_ports, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(arp_in_tunnels, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(neighbour_solicitations, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(echo, answer_set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(who_is_asked, answer_set_up, answer_tear_down),
	};

	int failed;

	if (rig_context() != RIG_TC)
		return 0;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	failed += anycast_tests();
	failed += fragment_tests();
	return failed + answer_error_tests(); /* the last of them uses up the errors that are allowed */
}
