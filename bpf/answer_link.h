/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ARP (RFC 826) and neighbour solicitations (RFC 4861 7.2.3, 7.2.4) for the addresses that are the router's own in the
 * packet's VRF. The kernel gets what its own resolution of neighbours needs, and requests only in the VRF that is its
 * own: it would answer for addresses of all.
 */
#ifndef SLUICE_BPF_ANSWER_LINK_H
#define SLUICE_BPF_ANSWER_LINK_H

#include "bpf/admit.h"
#include "bpf/answer_frame.h"
#include "bpf/nexthop.h"
#include "bpf/port.h"

#define ARP_ETHERNET 1 /* hardware type */
#define ARP_REQUEST  1 /* operations */
#define ARP_REPLY    2

#define ND_HOP_LIMIT  255
#define ND_TARGET_MAC 2 /* option */

#define NA_ROUTER    0x80000000U
#define NA_SOLICITED 0x40000000U
#define NA_OVERRIDE  0x20000000U

/* Of Ethernet and IPv4; the addresses stand at odd places, so they are bytes. */
struct arp {
	__be16 hardware, proto;
	__u8 hardware_size, proto_size;
	__be16 operation;
	__u8 sender_mac[6], sender[4], target_mac[6], target[4];
};
_Static_assert(sizeof(struct arp) == 28, "RFC 826");

struct nd {
	__u8 type, code;
	__u16 checksum;
	__be32 flags;
	struct dp_address target;
	__u8 option, option_length; /* in 8 bytes */
	__u8 mac[6];
};
_Static_assert(sizeof(struct nd) == 32, "RFC 4861 4.4");

/* Is the address one of the router's own in the packet's VRF? */
static __always_inline bool is_own_address(const struct packet *packet, const struct dp_address *address)
{
	struct dp_fib_leaf leaf = {};

	return fib_find(packet, address, packet->vrf, &leaf) == NEXT && leaf.group == DP_GROUP_LOCAL;
}

/* The MAC by which the station that sent the packet knows the router. */
static __always_inline bool own_mac(struct ctx_buff *ctx, const struct packet *packet, __u8 mac[6])
{
	const struct dp_port *port;
	const struct dp_vrf *vrf;

	if (packet->tunnelled) {
		vrf = vrf_row(packet->bank, packet->vrf);
		if (vrf)
			__builtin_memcpy(mac, vrf->router_mac, 6);
		return vrf;
	}
	port = port_find(packet->bank, dp_port_key(ctx_ingress(ctx), packet->vlan));
	if (port)
		__builtin_memcpy(mac, port->mac, 6);
	return port;
}

/* What becomes of one that Sluice does not answer. */
static __always_inline int to_kernel_or_not(const struct packet *packet, int punted)
{
	const struct dp_vrf_answer *vrf = vrf_answer_row(packet->bank, packet->vrf);

	return packet_is_plain(packet) && vrf && vrf->kernel ? punted : DP_REASON_not_for_us;
}

static __always_inline bool arp_is_sound(const struct arp *arp)
{
	return arp->hardware == bpf_htons(ARP_ETHERNET) && arp->proto == bpf_htons(ETH_P_IP) &&
	       arp->hardware_size == 6 && arp->proto_size == 4 && !(arp->sender_mac[0] & 1);
}

/* Turns the request into its reply. */
static __always_inline void arp_reply(struct arp *arp, const __u8 mac[6])
{
	__u8 target[4];

	__builtin_memcpy(target, arp->target, 4);
	__builtin_memcpy(arp->target_mac, arp->sender_mac, 6);
	__builtin_memcpy(arp->target, arp->sender, 4);
	__builtin_memcpy(arp->sender_mac, mac, 6);
	__builtin_memcpy(arp->sender, target, 4);
	arp->operation = bpf_htons(ARP_REPLY);
}

static __always_inline __be32 arp_address(const __u8 *byte)
{
	__be32 address;

	__builtin_memcpy(&address, byte, sizeof(address));
	return address;
}

/* arp_answered: the frame is the reply; else what becomes of what came. */
__noinline int answer_arp(struct ctx_buff *ctx, struct packet *packet)
{
	struct dp_address target;
	struct arp *arp;
	__u8 mac[6];

	if (!packet)
		return DP_REASON_inconsistent;
	arp = packet_at(ctx, packet->l3, sizeof(*arp));
	if (!arp || !arp_is_sound(arp)) /* the kernel drops it */
		return packet->tunnelled ? DP_REASON_inner_not_ip : to_kernel_or_not(packet, DP_REASON_not_ip);
	if (arp->operation != bpf_htons(ARP_REQUEST)) /* the kernel resolves gateways */
		return packet_is_plain(packet) ? DP_REASON_not_ip : DP_REASON_not_for_us;
	/* RFC 5227 3: an announcement. As a reply the kernel learns from it, and has nothing to answer. */
	if (arp_address(arp->sender) == arp_address(arp->target)) {
		arp->operation = bpf_htons(ARP_REPLY);
		return packet_is_plain(packet) ? DP_REASON_not_ip : DP_REASON_not_for_us;
	}
	address_from_ipv4(&target, arp_address(arp->target));
	if (!is_own_address(packet, &target))
		return to_kernel_or_not(packet, DP_REASON_not_ip);
	arp = packet_at(ctx, packet->l3, sizeof(*arp));
	if (!arp || !own_mac(ctx, packet, mac))
		return DP_REASON_inconsistent;
	arp_reply(arp, mac);
	packet->family = 4;
	packet->ip_length = sizeof(*arp);
	return DP_REASON_arp_answered;
}

/* RFC 4861 7.1.1, the checksum apart. From nobody it asks whether the address is free (RFC 4862 5.4.3). */
static __always_inline bool solicitation_is_sound(const struct packet *packet, const struct nd *nd)
{
	bool from_nobody = !(packet->src.half[0] | packet->src.half[1]);

	if (packet->ttl != ND_HOP_LIMIT || nd->code || nd->target.byte[0] == 0xff ||
	    packet->l3 + packet->ip_length < packet->l4 + offsetof(struct nd, option))
		return false;
	return !from_nobody || packet->dst.word[0] == bpf_htonl(0xff020000);
}

static __always_inline int advertise(struct ctx_buff *ctx, struct packet *packet, struct answer *answer,
				     const struct dp_address *target)
{
	enum { LENGTH = sizeof(struct ipv6hdr) + sizeof(struct nd) };
	struct nd *nd = (struct nd *)(answer->ip + sizeof(struct ipv6hdr));
	bool from_nobody = !(packet->src.half[0] | packet->src.half[1]);

	if (!own_mac(ctx, packet, nd->mac))
		return -1;
	if (from_nobody) { /* to all nodes */
		packet->src.half[0] = bpf_cpu_to_be64(0xff02000000000000ULL);
		packet->src.half[1] = bpf_cpu_to_be64(1);
	}
	packet->dst = packet->src;
	packet->src = *target;
	packet->ttl = ND_HOP_LIMIT;
	packet->traffic_class = 0;
	answer_ipv6(answer, packet, LENGTH);
	nd->type = ND_NEIGHBOUR_ADVERTISEMENT;
	nd->code = 0;
	nd->checksum = 0;
	nd->flags = bpf_htonl(NA_ROUTER | NA_OVERRIDE | (from_nobody ? 0 : NA_SOLICITED));
	nd->target = *target;
	nd->option = ND_TARGET_MAC;
	nd->option_length = 1;
	answer_pad(answer, LENGTH);
	nd->checksum = answer_checksum(answer, sizeof(struct ipv6hdr), LENGTH, answer_pseudo(answer, LENGTH));
	if (from_nobody) { /* RFC 2464 7 */
		*(__be32 *)answer->mac = bpf_htonl(0x33330000);
		*(__be16 *)(answer->mac + 4) = bpf_htons(1);
	}
	return answer_replace(ctx, packet, answer, LENGTH);
}

/* What is for another host, the kernel would forward, or send an error about it to wherever it came from. */
static __always_inline bool advertisement_is_ours(const struct packet *packet)
{
	struct dp_address to = packet->dst;

	return packet_is_plain(packet) &&
	       (source_is_of_link(packet) || ip_is_multicast(packet) || is_own_address(packet, &to));
}

/* nd_answered: the frame is the advertisement; else what becomes of what came. */
__noinline int answer_nd(struct ctx_buff *ctx, struct packet *packet)
{
	struct answer *answer = answer_memory();
	struct dp_address target;
	const struct nd *nd;

	if (!packet || !answer)
		return DP_REASON_inconsistent;
	if (packet->icmp_type == ND_NEIGHBOUR_ADVERTISEMENT) /* the kernel resolves gateways */
		return advertisement_is_ours(packet) ? DP_REASON_neighbour_discovery : DP_REASON_not_for_us;
	nd = packet_at(ctx, packet->l4, offsetof(struct nd, option));
	if (packet->icmp_type != ND_NEIGHBOUR_SOLICITATION || !nd || !solicitation_is_sound(packet, nd))
		return to_kernel_or_not(packet, DP_REASON_neighbour_discovery);
	target = nd->target;
	if (!is_own_address(packet, &target))
		return to_kernel_or_not(packet, DP_REASON_neighbour_discovery);
	return advertise(ctx, packet, answer, &target) ? DP_REASON_inconsistent : DP_REASON_nd_answered;
}

#endif
