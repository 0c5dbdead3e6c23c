/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Neighbours for whom Sluice answers, byte for byte: with their own MACs (RFC 9161) or with the router's (RFC 1027,
 * RFC 4389), on ports and through tunnels.
 */
#include "tests/bpf/router/answer.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

enum { MAC_NEIGHBOUR = 0x21, SOLICITED = 0xe0, UNASKED = 0xa0, NO_OVERRIDE = 0xc0, UNASKED_NO_OVERRIDE = 0x80 };

/* By their own MAC, */
#define OTHER4 "198.18.0.33"
#define OTHER6 "2001:db8:1::33"
/* and by the router's: elsewhere, without a way there, out of the tunnel by which requests come. */
#define FAR4	"10.1.0.34"
#define FAR6	"2001:db8:1::34"
#define NO_WAY4 "198.18.0.34"
#define TUNNEL4 "10.4.0.34"

static int set_up(void **state)
{
	const struct bank *bank = rig_bank(0);

	answer_set_up(state);
	rig_add_neighbor(bank, VRF_TENANT, OTHER4, MAC_NEIGHBOUR, false);
	rig_add_neighbor(bank, VRF_TENANT, OTHER6, MAC_NEIGHBOUR, false);
	rig_add_neighbor(bank, VRF_TENANT, FAR4, MAC_NEIGHBOUR, true);
	rig_add_neighbor(bank, VRF_TENANT, FAR6, 0, true);
	rig_add_neighbor(bank, VRF_TENANT, NO_WAY4, 0, true);
	rig_add_neighbor(bank, VRF_TENANT, TUNNEL4, 0, true);
	return 0;
}

/* ARP from MAC `from` on a port. */
static struct frame request(enum port port, uint8_t from, const char *target)
{
	struct frame_spec spec = {
		.dst = MAC_BROADCAST, .src = from, .vlan = PORT_VLAN(port), .eth_proto = ARP, .ip = {.payload = 46}};
	struct frame frame = frame_build(&spec);

	answer_put_arp(&frame, ETHERNET + (port == PORT_TENANT ? 0 : 4), 1, from, LINK4, 0, target);
	return frame;
}

/* What goes out of the port to MAC_HOST, as a clone, since the kernel hears of the request besides. */
static void check_arp(const char *target, uint8_t mac)
{
	struct frame_spec spec = {.dst = MAC_HOST, .src = MAC_ROUTER, .eth_proto = ARP, .ip = {.payload = 46}};
	struct frame in = request(PORT_TENANT, MAC_HOST, target), want = frame_build(&spec), sent;
	int fd = loopback_listen();

	answer_put_arp(&want, ETHERNET, 2, mac, target, MAC_HOST, LINK4);
	assert_int_equal(rig_run_learned(&in).reason, DP_REASON_proxy_answered);
	sent = loopback_next(fd);
	close(fd);
	answer_same(target, &sent, &want);
}

static void arp_on_ports(void **state)
{
	struct frame in;

	(void)state;
	check_arp(OTHER4, MAC_NEIGHBOUR);
	check_arp(FAR4, MAC_ROUTER);
	in = request(PORT_TENANT, MAC_NEIGHBOUR, OTHER4); /* does somebody have my address? */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
	in = request(PORT_TENANT, MAC_HOST, NO_WAY4);
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
	in = request(PORT_CHAINED, MAC_HOST, OTHER4); /* another VRF's */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
	rig_bank(0)->next_hops[WAY_PLAIN].egress.interface = PORT_TENANT; /* the way leads back */
	in = request(PORT_TENANT, MAC_HOST, FAR4);
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
}

/* ARP from MAC_PEER in VXLAN. */
static struct frame request_in_tunnel(const char *target)
{
	struct frame_spec spec = {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_BROADCAST, .inner_eth_proto = ARP,
				  .ip = {.payload = ARP_SIZE}};
	struct frame frame = frame_build(&spec);

	answer_put_arp(&frame, frame_inner_ethernet(&spec) + ETHERNET, 1, MAC_PEER, LINK4, 0, target);
	return frame;
}

static void check_in_tunnel(const char *target, uint8_t mac)
{
	struct frame_spec spec = {.dst = WAY_MAC(WAY_UNDERLAY),
				  .src = MAC_OUT,
				  .tunnel = VXLAN,
				  .vni = VNI_TENANT,
				  .inner_dst = MAC_PEER,
				  .inner_src = MAC_VTEP,
				  .inner_eth_proto = ARP,
				  .ip = {.payload = ARP_SIZE},
				  .outer = {.src = LOCAL4, .dst = REMOTE4, .dst_port = 4789, .fragment = 0x4000}};
	struct frame in = request_in_tunnel(target), want = frame_build(&spec);
	struct outcome outcome = rig_run(&in);

	assert_int_equal(outcome.reason, DP_REASON_proxy_answered);
	answer_put_arp(&want, frame_inner_ethernet(&spec) + ETHERNET, 2, mac, target, MAC_PEER, LINK4);
	memcpy(want.byte + frame_tunnel(&spec) - 8, outcome.frame.byte + frame_tunnel(&spec) - 8, 2);
	answer_same(target, &outcome.frame, &want);
}

static void arp_in_tunnels(void **state)
{
	struct frame in = request_in_tunnel(TUNNEL4);
	struct dp_next_hop *hop = &rig_bank(0)->next_hops[WAY_VXLAN4];

	(void)state;
	check_in_tunnel(OTHER4, MAC_NEIGHBOUR);
	check_in_tunnel(FAR4, MAC_VTEP);
	hop->tunnel = TUNNEL_IN(false, VXLAN);
	check_in_tunnel(TUNNEL4, MAC_VTEP); /* by another VNI */
	hop->vni = VNI_TENANT;
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
}

static void check_nd(const struct frame *in, const struct frame *want)
{
	struct outcome outcome = rig_run(in);

	assert_int_equal(outcome.reason, DP_REASON_proxy_answered);
	answer_same("advertisement", &outcome.frame, want);
}

static void neighbour_solicitations(void **state)
{
	struct frame in = answer_solicitation("fe80::9", OTHER6);
	struct frame want = answer_advertisement(MAC_HOST, "fe80::9", OTHER6, MAC_NEIGHBOUR, SOLICITED);

	(void)state;
	check_nd(&in, &want);
	in = answer_solicitation("::", OTHER6); /* its address is taken: RFC 4862 5.4.3, 5.4.4 */
	want = answer_advertisement(MAC_MULTICAST, "ff02::1", OTHER6, MAC_NEIGHBOUR, UNASKED);
	check_nd(&in, &want);
	in.byte[11] = MAC_NEIGHBOUR; /* it is the neighbour's own */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
	in = answer_solicitation("fe80::9", FAR6);
	want = answer_advertisement(MAC_HOST, "fe80::9", FAR6, MAC_ROUTER, NO_OVERRIDE);
	check_nd(&in, &want);
	in = answer_solicitation("::", FAR6);
	want = answer_advertisement(MAC_MULTICAST, "ff02::1", FAR6, MAC_ROUTER, UNASKED_NO_OVERRIDE);
	check_nd(&in, &want);
	rig_bank(0)->next_hops[WAY_PLAIN].egress.interface = PORT_TENANT;
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
}

static void set_features(enum port port, uint8_t features)
{
	struct dp_port *ports = rig_bank(0)->ports;

	for (uint32_t i = 0; i < bank_rows(rig_limits(), DP_TABLE_ports); i++)
		if (ports[i].interface == port)
			ports[i].features = features;
}

/* To the neighbour's own address, but to the router's MAC: is it still there? */
static struct frame probe(const char *target)
{
	struct frame frame = answer_solicitation("2001:db8:abcd::1", target);

	memcpy(frame.byte, (const uint8_t[]){2, 0, 0, 0, 0, MAC_ROUTER}, 6);
	inet_pton(AF_INET6, target, frame.byte + ETHERNET + 24);
	answer_fix_icmp(&frame, ETHERNET);
	return frame;
}

static void probes(void **state)
{
	struct frame in = probe(FAR6), want;

	(void)state;
	assert_int_equal(rig_run(&in).reason, DP_REASON_forwarded);
	set_features(PORT_TENANT, DP_FEATURE_PROXY);
	in = probe("2001:db8:1::99"); /* of one that it doesn't answer for: nothing for the kernel to forward, either */
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
	rig_bank(0)->vrf_answers[VRF_TENANT].kernel = 1;
	assert_int_equal(rig_run(&in).reason, DP_REASON_not_for_us);
	in = probe(FAR6);
	want = answer_advertisement(MAC_HOST, "2001:db8:abcd::1", FAR6, MAC_ROUTER, NO_OVERRIDE);
	check_nd(&in, &want);
}

/* The same in a tunnel, from the host's link-local address, as Linux sends it. */
static void probes_in_tunnels(void **state)
{
	static const char *const targets[] = {OWN6, FAR6, "2001:db8:1::99"};
	static const enum dp_reason reasons[] = {DP_REASON_nd_answered, DP_REASON_proxy_answered, DP_REASON_not_for_us};

	(void)state;
	rig_bank(0)->vrfs[VRF_TENANT].features = DP_FEATURE_PROXY;
	for (int i = 0; i < 3; i++) {
		struct frame_spec spec = {TENANT_TUNNEL, VXLAN_OUTER, .inner_dst = MAC_VTEP,
					  .ip = {.src = "fe80::9",
						 .dst = targets[i],
						 .protocol = ICMPV6,
						 .icmp_type = 135,
						 .ttl = 255,
						 .payload = 24}};
		struct frame frame = frame_build(&spec);
		size_t ip = frame_ip(&spec);
		struct outcome outcome;

		memset(frame.byte + ip + 44, 0, 4);
		inet_pton(AF_INET6, targets[i], frame.byte + ip + 48);
		outcome = rig_run(&frame);
		assert_int_equal(outcome.reason, reasons[i]);
		if (i == 2)
			break;
		ip -= 4; /* it leaves without a tag */
		assert_int_equal(outcome.frame.byte[ip + 40], 136);
		assert_memory_equal(outcome.frame.byte + ip + 24, frame.byte + ip + 12, 16);
		assert_int_equal(outcome.frame.byte[ip + 71], MAC_VTEP);
	}
	rig_bank(0)->vrfs[VRF_TENANT].features = 0;
}

int proxy_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(arp_in_tunnels, set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(neighbour_solicitations, set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(probes, set_up, answer_tear_down),
		cmocka_unit_test_setup_teardown(probes_in_tunnels, set_up, answer_tear_down),
	};
	static const struct CMUnitTest learned[] = {
		cmocka_unit_test_setup_teardown(arp_on_ports, set_up, answer_tear_down),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return rig_context() == RIG_TC ? failed + cmocka_run_group_tests(learned, NULL, NULL) : failed;
}
