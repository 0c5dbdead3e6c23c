/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a router must not route, by its addresses: neighbour discovery, multicast, martians, link-local. */
#ifndef SLUICE_BPF_ADMIT_H
#define SLUICE_BPF_ADMIT_H

#include "bpf/icmp.h"
#include "bpf/parse.h"

static __always_inline bool ipv6_is_link_local(const struct dp_address *address)
{
	return (address->word[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000);
}

/* ::, ::1 and IPv4-mapped, which live only inside hosts (RFC 4291 2.5.2, 2.5.3, RFC 4942 2.2). */
static __always_inline bool ipv6_is_martian(const struct dp_address *address)
{
	if (address->half[0])
		return false;
	if (address->word[2] == bpf_htonl(0xffff))
		return true;
	return !address->word[2] && bpf_ntohl(address->word[3]) <= 1;
}

/* RFC 1812 5.3.7 and 4.2.2.11. Class E is forwarded, as hosts and routers do by now. */
static __always_inline bool martian_source(const struct packet *packet)
{
	if (packet->family == 4) {
		__u8 first = packet->src.byte[12];

		return first == 0 || first == 127 || (first & 0xf0) == 224 || packet->src.word[3] == ~0U;
	}
	return packet->src.byte[0] == 0xff || ipv6_is_martian(&packet->src);
}

static __always_inline bool martian_destination(const struct packet *packet)
{
	if (packet->family == 4) {
		__u8 first = packet->dst.byte[12];

		return first == 0 || first == 127;
	}
	return ipv6_is_martian(&packet->dst);
}

static __always_inline bool ip_is_multicast(const struct packet *packet)
{
	if (packet->family == 4)
		return (packet->dst.byte[12] & 0xf0) == 224 || packet->dst.word[3] == ~0U;
	return packet->dst.byte[0] == 0xff;
}

/* An IPv4 packet with nothing about it that admit() would have to look at: nearly all are. */
static __always_inline bool ipv4_is_ordinary(const struct packet *packet)
{
	__u32 src = packet->src.byte[12], dst = packet->dst.byte[12];

	return packet->family == 4 && src - 1 < 223 && src != 127 && dst - 1 < 223 && dst != 127 &&
	       !packet->eth_multicast;
}

/* Of the link, and a router does not pass it on: 224.0.0.0/24 (RFC 5771 4), the limited broadcast, ff01::/16 and
 * ff02::/16, whatever their flags (RFC 4291 2.7). */
static __always_inline bool multicast_is_of_link(const struct packet *packet)
{
	if (packet->family == 4)
		return packet->dst.word[3] == ~0U ||
		       (packet->dst.word[3] & bpf_htonl(0xffffff00)) == bpf_htonl(0xe0000000);
	return (packet->dst.byte[1] & 0x0f) <= 2;
}

/* Without extension headers, as all hosts send it: about one of these the kernel would send an error, anywhere. */
static __always_inline bool is_neighbour_discovery(const struct packet *packet)
{
	return packet->family == 6 && packet->protocol == IPPROTO_ICMPV6 &&
	       packet->icmp_type >= ND_ROUTER_SOLICITATION && packet->icmp_type <= ND_REDIRECT &&
	       packet->l4 - packet->l3 == sizeof(struct ipv6hdr);
}

/* Whatever the kernel says to such a source stays on the link: it has no route to one, but by the device. */
static __always_inline bool source_is_of_link(const struct packet *packet)
{
	return ipv6_is_link_local(&packet->src) || !(packet->src.half[0] | packet->src.half[1]);
}

/* To a multicast address, or in a frame to many. Nothing that a stage gives back is for the kernel. */
static __always_inline int admit_multicast(const struct packet *packet)
{
	if (packet->from_stage)
		return ends(DP_REASON_martian_destination);
	if (!ip_is_multicast(packet))
		return ends(DP_REASON_link_broadcast);
	if (!multicast_is_of_link(packet))
		return ends(DP_REASON_multicast_not_routed);
	if (is_neighbour_discovery(packet))
		return ends(DP_REASON_neighbour_discovery);
	return ends(packet->family == 6 && !source_is_of_link(packet) ? DP_REASON_martian_source : DP_REASON_multicast);
}

/* To an address of this link, which may be ours. */
static __always_inline int admit_link_local(const struct packet *packet)
{
	if (packet->from_stage)
		return ends(DP_REASON_martian_destination);
	if (is_neighbour_discovery(packet))
		return ends(DP_REASON_neighbour_discovery);
	return ends(source_is_of_link(packet) ? DP_REASON_local : DP_REASON_martian_source);
}

/*
 * A probe of a neighbour for whom Sluice answers with its own MAC: whoever has that MAC for the neighbour's asks it,
 * and not the neighbour, whether that is still there (RFC 4861 7.3.3). Routed, it would have lost its hop limit of 255.
 */
static __always_inline bool is_proxy_probe(const struct packet *packet)
{
	return packet->features & DP_FEATURE_PROXY && !packet->from_stage && is_neighbour_discovery(packet) &&
	       packet->icmp_type == ND_NEIGHBOUR_SOLICITATION;
}

/* The packet as it came from the wire. */
static __always_inline int admit(struct packet *packet)
{
	if (ipv4_is_ordinary(packet))
		return NEXT;
	/* Before the martians: DHCP and duplicate address detection send from the unspecified address. */
	if ((packet->eth_multicast && !packet->from_stage) || ip_is_multicast(packet))
		return admit_multicast(packet);
	if (martian_source(packet))
		return ends(DP_REASON_martian_source);
	if (martian_destination(packet))
		return ends(DP_REASON_martian_destination);
	if (packet->family == 6) {
		packet->link_local = ipv6_is_link_local(&packet->src);
		if (ipv6_is_link_local(&packet->dst))
			return admit_link_local(packet);
		if (is_proxy_probe(packet))
			return ends(DP_REASON_neighbour_discovery);
	}
	return NEXT;
}

/* The packet that was inside a tunnel: nothing of it may reach the kernel. */
static __always_inline int admit_inner(struct packet *packet)
{
	packet->link_local = 0;
	if (ipv4_is_ordinary(packet))
		return NEXT;
	/* From nobody, too: duplicate address detection (RFC 4862 5.4.2). */
	if (is_neighbour_discovery(packet) && (ip_is_multicast(packet) || ipv6_is_link_local(&packet->dst)))
		return ends(DP_REASON_neighbour_discovery);
	if (packet->eth_multicast)
		return ends(ip_is_multicast(packet) ? DP_REASON_martian_destination : DP_REASON_link_broadcast);
	if (martian_source(packet))
		return ends(DP_REASON_martian_source);
	if (martian_destination(packet) || ip_is_multicast(packet))
		return ends(DP_REASON_martian_destination);
	if (packet->family == 6) {
		/* From a host's link-local address, too, it probes its router (RFC 4861 7.2.2). */
		if (is_proxy_probe(packet) || (is_neighbour_discovery(packet) && ipv6_is_link_local(&packet->src)))
			return ends(DP_REASON_neighbour_discovery);
		if (ipv6_is_link_local(&packet->src))
			return ends(DP_REASON_martian_source);
		if (ipv6_is_link_local(&packet->dst))
			return ends(DP_REASON_martian_destination);
	}
	return NEXT;
}

#endif
