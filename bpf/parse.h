/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Parsing with a cursor: packet->l3 and packet->l4 are offsets that move inwards, packet->limit is where the datagram
 * must have ended. Called for the outer packet and, after decapsulation, for the inner one.
 */
#ifndef SLUICE_BPF_PARSE_H
#define SLUICE_BPF_PARSE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "bpf/packet.h"

#define VLAN_TAGS	   2
#define VLAN_ID_MASK	   0x0fff
#define IPV4_FRAGMENT_MASK 0x3fff /* more fragments, offset */
#define IPV4_OFFSET_MASK   0x1fff
#define IPV6_OFFSET_MASK   0xfff8
#define IPV6_EXTENSIONS	   6 /* extension headers that are looked through */

struct vlan_tag {
	__be16 control;
	__be16 eth_proto;
};

struct ports {
	__be16 src;
	__be16 dst;
};

static __always_inline bool is_vlan(__be16 eth_proto)
{
	return eth_proto == bpf_htons(ETH_P_8021Q) || eth_proto == bpf_htons(ETH_P_8021AD);
}

/* Ethernet and its VLAN tags. A priority tag (VLAN 0) counts as no VLAN. */
static __always_inline int parse_link(struct xdp_md *ctx, struct packet *packet)
{
	const struct ethhdr *eth = packet_at(ctx, 0, sizeof(*eth));
	__u32 offset = sizeof(*eth);
	__be16 proto;

	if (!eth)
		return DP_REASON_malformed_ethernet;
	proto = eth->h_proto;
	packet->eth_multicast = eth->h_dest[0] & 1;
	for (int i = 0; i < VLAN_TAGS && is_vlan(proto); i++) {
		const struct vlan_tag *tag = packet_at(ctx, offset, sizeof(*tag));

		if (!tag)
			return DP_REASON_malformed_ethernet;
		packet->vlan_id[i] = bpf_ntohs(tag->control) & VLAN_ID_MASK;
		proto = tag->eth_proto;
		offset += sizeof(*tag);
	}
	if (is_vlan(proto))
		return DP_REASON_malformed_ethernet;
	packet->eth_proto = bpf_ntohs(proto);
	packet->l3 = offset;
	packet->limit = packet->length;
	return NEXT;
}

/*
 * Does a datagram that ends at `end` fit? Fragment buffers are asked for, by a call, only where the linear part does
 * not hold it: what lies there behind the datagram is in no counter.
 */
static __always_inline bool frame_holds(struct xdp_md *ctx, struct packet *packet, __u32 end)
{
	if (end <= packet->limit || packet->decapsulated)
		return end <= packet->limit;
	packet->length = bpf_xdp_get_buff_len(ctx);
	packet->limit = packet->length;
	return end <= packet->limit;
}

/* Ports, where the protocol has them and this is not a later fragment; a first fragment may be too short for them. */
static __always_inline int parse_l4(struct xdp_md *ctx, struct packet *packet)
{
	__u32 room = packet->l3 + packet->ip_length - packet->l4;
	const struct ports *ports;
	const __u8 *byte;
	__u32 need, length;

	packet->src_port = 0;
	packet->dst_port = 0;
	packet->icmp_type = 0;
	switch (packet->fragment == FRAGMENT_LATER ? IPPROTO_NONE : packet->protocol) {
	case IPPROTO_TCP:
		need = 20;
		break;
	case IPPROTO_SCTP:
		need = 12;
		break;
	case IPPROTO_UDP:
	case IPPROTO_ICMP:
		need = 8;
		break;
	case IPPROTO_ICMPV6:
		need = 4;
		break;
	default:
		return NEXT;
	}
	if (room < need)
		return packet->fragment ? NEXT : DP_REASON_malformed_l4;
	byte = packet_at(ctx, packet->l4, 4);
	if (!byte || !packet_at(ctx, packet->l4, need))
		return DP_REASON_malformed_l4;
	switch (packet->protocol) {
	case IPPROTO_ICMPV6:
		packet->icmp_type = byte[0];
		return NEXT;
	case IPPROTO_ICMP:
		return NEXT;
	}
	ports = (const struct ports *)byte;
	packet->src_port = bpf_ntohs(ports->src);
	packet->dst_port = bpf_ntohs(ports->dst);
	if (packet->fragment)
		return NEXT;
	if (packet->protocol == IPPROTO_UDP) { /* RFC 768: length of header and data */
		const struct udphdr *udp = packet_at(ctx, packet->l4, sizeof(*udp));

		length = udp ? bpf_ntohs(udp->len) : 0;
		if (length < sizeof(*udp) || length > room)
			return DP_REASON_malformed_l4;
	} else if (packet->protocol == IPPROTO_TCP) { /* RFC 9293 3.1: data offset */
		byte = packet_at(ctx, packet->l4, 20);
		length = byte ? (byte[12] >> 4) * 4U : 0;
		if (length < 20 || length > room)
			return DP_REASON_malformed_l4;
	}
	return NEXT;
}

static __always_inline __u16 checksum_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static __always_inline int parse_ipv4(struct xdp_md *ctx, struct packet *packet)
{
	const struct iphdr *ip = packet_at(ctx, packet->l3, sizeof(*ip));
	const __u32 *word;
	__u32 header, length, fragment;
	__u64 sum = 0;

	if (!ip)
		return DP_REASON_malformed_ipv4;
	/* RFC 1812 5.2.2 (1) to (5), the checksum last as it costs most. */
	header = ip->ihl * 4U;
	length = bpf_ntohs(ip->tot_len);
	if (ip->version != 4 || header < sizeof(*ip) || length < header ||
	    !frame_holds(ctx, packet, packet->l3 + length))
		return DP_REASON_malformed_ipv4;
	word = (const __u32 *)ip;
	for (int i = 0; i < 5; i++)
		sum += word[i];
	packet->family = 4;
	packet->traffic_class = ip->tos;
	packet->ttl = ip->ttl;
	packet->protocol = ip->protocol;
	packet->ip_length = length;
	packet->l4 = packet->l3 + header;
	address_from_ipv4(&packet->src, ip->saddr);
	address_from_ipv4(&packet->dst, ip->daddr);
	fragment = bpf_ntohs(ip->frag_off) & IPV4_FRAGMENT_MASK;
	packet->fragment = !fragment ? FRAGMENT_NONE : fragment & IPV4_OFFSET_MASK ? FRAGMENT_LATER : FRAGMENT_FIRST;
	packet->options = header > sizeof(*ip);
	for (int i = 5; i < 15 && (__u32)i * 4 < header; i++) {
		word = packet_at(ctx, packet->l3 + i * 4, sizeof(*word));
		if (!word)
			return DP_REASON_malformed_ipv4;
		sum += *word;
	}
	if (checksum_fold(sum) != 0xffff)
		return DP_REASON_bad_ipv4_checksum;
	return parse_l4(ctx, packet);
}

struct ipv6_extension {
	__u8 next;
	__u8 length;   /* in 8 bytes, the first not counted */
	__be16 offset; /* fragment header only */
};

__noinline int parse_ipv6(struct xdp_md *ctx, struct packet *packet)
{
	const struct ipv6hdr *ip;
	__u32 first, end, l4;
	__u8 protocol;

	if (!packet)
		return DP_REASON_inconsistent;
	ip = packet_at(ctx, packet->l3, sizeof(*ip));
	if (!ip)
		return DP_REASON_malformed_ipv6;
	first = bpf_ntohl(*(const __be32 *)ip);
	packet->ip_length = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	end = packet->l3 + packet->ip_length;
	if (first >> 28 != 6 || !frame_holds(ctx, packet, end))
		return DP_REASON_malformed_ipv6;
	packet->family = 6;
	packet->traffic_class = first >> 20;
	packet->ttl = ip->hop_limit;
	packet->fragment = FRAGMENT_NONE;
	packet->options = ip->nexthdr == IPPROTO_HOPOPTS;
	__builtin_memcpy(&packet->src, &ip->saddr, sizeof(packet->src));
	__builtin_memcpy(&packet->dst, &ip->daddr, sizeof(packet->dst));
	protocol = ip->nexthdr;
	l4 = packet->l3 + sizeof(*ip);
	for (int i = 0; i < IPV6_EXTENSIONS; i++) { /* RFC 8200 4 */
		const struct ipv6_extension *extension;

		if (protocol != IPPROTO_DSTOPTS && protocol != IPPROTO_ROUTING && protocol != IPPROTO_FRAGMENT &&
		    protocol != IPPROTO_AH && !(protocol == IPPROTO_HOPOPTS && i == 0))
			break;
		extension = packet_at(ctx, l4, sizeof(*extension));
		if (!extension || l4 + 8 > end)
			return DP_REASON_malformed_ipv6;
		if (protocol == IPPROTO_FRAGMENT) {
			/* Also an atomic fragment (RFC 6946) may differ from its flow's other packets, but it is whole.
			 */
			__u16 offset = bpf_ntohs(extension->offset);

			packet->fragment = offset & IPV6_OFFSET_MASK ? FRAGMENT_LATER
					   : offset & 1		     ? FRAGMENT_FIRST
								     : FRAGMENT_NONE;
			l4 += 8;
		} else if (protocol == IPPROTO_AH) {
			l4 += (extension->length + 2) * 4U; /* RFC 4302 2.2: in 4 bytes, minus 2 */
		} else {
			l4 += (extension->length + 1) * 8U;
		}
		if (l4 > end)
			return DP_REASON_malformed_ipv6;
		protocol = extension->next;
		if (packet->fragment == FRAGMENT_LATER)
			break;
	}
	packet->protocol = protocol;
	packet->l4 = l4;
	return parse_l4(ctx, packet);
}

/* The IP header at l3 and the L4 header behind it; eth_proto says which IP. */
static __always_inline int parse_ip(struct xdp_md *ctx, struct packet *packet)
{
	if (packet->eth_proto == ETH_P_IP)
		return parse_ipv4(ctx, packet);
	return parse_ipv6(ctx, packet);
}

#endif
