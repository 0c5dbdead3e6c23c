/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of answers share: who asks, and the world in which he is answered. */
#ifndef SLUICE_TESTS_BPF_ROUTER_ANSWER_H
#define SLUICE_TESTS_BPF_ROUTER_ANSWER_H

#include "tests/bpf/router/rig.h"

#define TO_ROUTER     .dst = MAC_ROUTER, .src = MAC_HOST
#define TO_ALL	      .dst = MAC_BROADCAST, .src = MAC_HOST
#define OWN4	      "10.18.0.1" /* WAY_LOCAL's */
#define OWN6	      "2001:db8:18::1"
#define HOST4	      "172.16.0.1" /* replies go by WAY_PLAIN */
#define HOST6	      "2001:db8:abcd::1"
#define LINK4	      "198.18.0.7" /* without a route */
#define TENANT_TUNNEL .vlan = PORT_VLAN(PORT_UNDERLAY), TO_ROUTER, .vni = VNI_TENANT, .inner_src = MAC_PEER
#define VXLAN_OUTER   .tunnel = VXLAN, .outer = {.src = REMOTE4, .dst = LOCAL4, .src_port = 50000, .dst_port = 4789}
#define GENEVE_OUTER  .tunnel = GENEVE, .outer = {.src = REMOTE6, .dst = LOCAL6, .src_port = 50000, .dst_port = 6081}
#define ARP_SIZE      28
#define ETHERNET      14

enum { ICMP = 1, TCP = 6, ICMPV6 = 58, ARP = 0x0806 };
#define SENT .dst = WAY_MAC(WAY_PLAIN), .src = MAC_OUT

/* The VRFs get addresses to answer from, and as many errors as they like; and lose them. */
int answer_set_up(void **state);
int answer_tear_down(void **state);

/* Makes the checksum of the ICMP or ICMPv6 message in the IP packet at `ip` right. */
void answer_fix_icmp(struct frame *frame, size_t ip);
/* ARP at offset `at`; MACs as in frame_spec, a target's of 0: none. */
void answer_put_arp(struct frame *frame, size_t at, uint16_t operation, uint8_t sender_mac, const char *sender,
		    uint8_t target_mac, const char *target);
/* A neighbour solicitation for `target`, from `source`; without its option where it is from nobody. */
struct frame answer_solicitation(const char *source, const char *target);
/* An advertisement of `target` and its MAC, from the router. */
struct frame answer_advertisement(uint8_t to_mac, const char *to, const char *target, uint8_t target_mac,
				  uint8_t flags);
void answer_same(const char *name, const struct frame *got, const struct frame *want);

/* Clones are sent to the loopback device: a socket that sees them, and the next of them; length 0: there is none. Each
 * is there once more as received, which does not count. */
int loopback_listen(void);
struct frame loopback_next(int fd);

struct error_case {
	const char *name;
	struct frame_spec in;
	enum dp_reason reason;
	uint8_t type, code;
	uint32_t mtu;
	struct frame_spec out; /* without the ICMP message, whose quote's length is filled in */
};
void answer_check_error(const struct error_case *test);

int answer_error_tests(void);
int anycast_tests(void);
int fragment_tests(void);

#endif
