/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ARP (RFC 826) and neighbour solicitations (RFC 4861 7.2.3, 7.2.4) for the addresses that are the router's own in the
 * packet's VRF, and for those of neighbours for whom it answers. The kernel gets what its own resolution of neighbours
 * needs, and requests only in the VRF that is its own: it would answer for addresses of all.
 */
#ifndef SLUICE_BPF_ANSWER_LINK_H
#define SLUICE_BPF_ANSWER_LINK_H

#include "bpf/admit.h"
#include "bpf/answer_frame.h"
#include "bpf/answer_target.h"

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
	struct answer *answer = answer_memory();
	struct dp_address target;
	struct arp *arp;
	int owner;

	if (!packet || !answer)
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
	owner = answer_target(ctx, packet, &target);
	if (owner == OWNER_OTHER)
		return to_kernel_or_not(packet, DP_REASON_not_ip);
	arp = packet_at(ctx, packet->l3, sizeof(*arp));
	if (!arp)
		return DP_REASON_inconsistent;
	arp_reply(arp, answer->target_mac);
	packet->family = 4;
	packet->ip_length = sizeof(*arp);
	return owner == OWNER_ROUTER ? DP_REASON_arp_answered : DP_REASON_proxy_answered;
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

/*
 * The R flag is set for neighbours, too: without it a router that is one would be taken off its users' lists
 * (RFC 4861 7.2.5), and of a host it says nothing that matters. O is not where the neighbour itself, if it is on the
 * link after all, shall win (RFC 4861 7.2.8), nor for an address of several routers, of which the first shall stay
 * (RFC 4861 7.2.7).
 */
static __always_inline __u32 advertised_flags(int owner, bool from_nobody)
{
	return NA_ROUTER | (owner == OWNER_PROXIED || owner == OWNER_ROUTERS ? 0 : NA_OVERRIDE) |
	       (from_nobody ? 0 : NA_SOLICITED);
}

static __always_inline int advertise(struct ctx_buff *ctx, struct packet *packet, struct answer *answer,
				     const struct dp_address *target, int owner)
{
	enum { LENGTH = sizeof(struct ipv6hdr) + sizeof(struct nd) };
	struct nd *nd = (struct nd *)(answer->ip + sizeof(struct ipv6hdr));
	bool from_nobody = !(packet->src.half[0] | packet->src.half[1]);

	__builtin_memcpy(nd->mac, answer->target_mac, sizeof(nd->mac));
	if (from_nobody) { /* to all nodes */
		packet->src.half[0] = bpf_cpu_to_be64(0xff02000000000000ULL);
		packet->src.half[1] = bpf_cpu_to_be64(1);
	}
	packet->dst = packet->src;
	packet->src = answer->from;
	packet->ttl = ND_HOP_LIMIT;
	packet->traffic_class = 0;
	answer_ipv6(answer, packet, LENGTH);
	nd->type = ND_NEIGHBOUR_ADVERTISEMENT;
	nd->code = 0;
	nd->checksum = 0;
	nd->flags = bpf_htonl(advertised_flags(owner, from_nobody));
	nd->target = *target;
	nd->option = ND_TARGET_MAC;
	nd->option_length = 1;
	answer_pad(answer, LENGTH);
	nd->checksum = answer_checksum(answer, sizeof(struct ipv6hdr), LENGTH,
				       answer_pseudo(answer, sizeof(struct ipv6hdr), LENGTH, IPPROTO_ICMPV6));
	if (from_nobody) { /* RFC 2464 7 */
		*(__be32 *)answer->mac = bpf_htonl(0x33330000);
		*(__be16 *)(answer->mac + 4) = bpf_htons(1);
	}
	return answer_replace(ctx, packet, answer, LENGTH);
}

/* A probe of a neighbour that the router answers for, or not: to the kernel it is a packet to forward. */
static __always_inline int nd_to_kernel_or_not(const struct packet *packet)
{
	struct dp_address to = packet->dst;

	if (!ip_is_multicast(packet) && !ipv6_is_link_local(&to) && !is_own_address(packet, &to))
		return DP_REASON_not_for_us;
	return to_kernel_or_not(packet, DP_REASON_neighbour_discovery);
}

/* What is for another host, the kernel would forward, or send an error about it to wherever it came from. */
static __always_inline bool advertisement_is_ours(const struct packet *packet)
{
	struct dp_address to = packet->dst;

	return packet_is_plain(packet) &&
	       (source_is_of_link(packet) || ip_is_multicast(packet) || is_own_address(packet, &to));
}

/* nd_answered, proxy_answered: the frame is the advertisement; else what becomes of what came. */
__noinline int answer_nd(struct ctx_buff *ctx, struct packet *packet)
{
	struct answer *answer = answer_memory();
	struct dp_address target;
	const struct nd *nd;
	int owner;

	if (!packet || !answer)
		return DP_REASON_inconsistent;
	if (packet->icmp_type == ND_NEIGHBOUR_ADVERTISEMENT) /* the kernel resolves gateways */
		return advertisement_is_ours(packet) ? DP_REASON_neighbour_discovery : DP_REASON_not_for_us;
	nd = packet_at(ctx, packet->l4, offsetof(struct nd, option));
	if (packet->icmp_type != ND_NEIGHBOUR_SOLICITATION || !nd || !solicitation_is_sound(packet, nd))
		return nd_to_kernel_or_not(packet);
	target = nd->target;
	owner = answer_target(ctx, packet, &target);
	if (owner == OWNER_OTHER)
		return nd_to_kernel_or_not(packet);
	if (advertise(ctx, packet, answer, &target, owner))
		return DP_REASON_inconsistent;
	return owner == OWNER_ROUTER || owner == OWNER_ROUTERS ? DP_REASON_nd_answered : DP_REASON_proxy_answered;
}

#endif
