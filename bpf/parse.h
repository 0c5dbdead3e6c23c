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

#include "bpf/ipv4_options.h"
#include "bpf/ipv6_headers.h"
#include "bpf/packet.h"
#include "bpf/parse_l4.h"

#define VLAN_TAGS	   2
#define VLAN_ID_MASK	   0x0fff
#define IPV4_FRAGMENT_MASK 0x3fff /* more fragments, offset */
#define IPV4_OFFSET_MASK   0x1fff

struct vlan_tag {
	__be16 control;
	__be16 eth_proto;
};

/* Bytes of the tags beside the frame: its length counts them, and no offset in it. */
static __always_inline __u32 tag_bytes_beside(const struct packet *packet)
{
	return CTX_TAGS_BESIDE ? packet->beside * sizeof(struct vlan_tag) : 0;
}

/* The length that a frame without a trailer would have. */
static __always_inline __u32 frame_end(const struct packet *packet)
{
	return packet->l3 + packet->ip_length + tag_bytes_beside(packet);
}

static __always_inline bool is_vlan(__be16 eth_proto)
{
	return eth_proto == bpf_htons(ETH_P_8021Q) || eth_proto == bpf_htons(ETH_P_8021AD);
}

/* Up to two tags, one that stands beside the frame counted. A priority tag (VLAN 0) counts as no VLAN. */
static __always_inline int parse_vlans(struct ctx_buff *ctx, struct packet *packet, __be16 *proto)
{
	for (int i = packet->beside; i < VLAN_TAGS && is_vlan(*proto); i++) {
		const struct vlan_tag *tag = packet_at(ctx, packet->l3, sizeof(*tag));

		if (!tag)
			return ends(DP_REASON_malformed_ethernet);
		packet->vlan |= (bpf_ntohs(tag->control) & VLAN_ID_MASK) << i * 16;
		packet->vlans++;
		*proto = tag->eth_proto;
		packet->l3 += sizeof(*tag);
	}
	return is_vlan(*proto) ? DP_REASON_malformed_ethernet : NEXT;
}

/* The tag beside the frame is on the wire, too: its bytes count. */
static __always_inline void parse_tag_beside(struct packet *packet, __u32 tag)
{
	packet->beside = 1;
	packet->vlans = 1;
	packet->vlan = tag & VLAN_ID_MASK;
	packet->length += sizeof(struct vlan_tag);
}

static __always_inline int parse_link(struct ctx_buff *ctx, struct packet *packet)
{
	const struct ethhdr *eth = packet_at(ctx, 0, sizeof(*eth));
	__u32 tag = ctx_tag(ctx);
	int reason = NEXT;
	__be16 proto;

	if (!eth)
		return ends(DP_REASON_malformed_ethernet);
	proto = eth_proto_of(eth);
	packet->eth_multicast = eth->h_dest[0] & 1;
	packet->l3 = sizeof(*eth);
	packet->limit = packet->length;
	if (tag)
		parse_tag_beside(packet, tag);
	if (is_vlan(proto))
		reason = parse_vlans(ctx, packet, &proto);
	packet->eth_proto = bpf_ntohs(proto);
	return reason;
}

/*
 * Does a datagram that ends at `end` fit? Fragment buffers are asked for, by a call, only where the linear part does
 * not hold it: what lies there behind the datagram is in no counter.
 */
static __always_inline bool frame_holds(struct ctx_buff *ctx, struct packet *packet, __u32 end)
{
	if (end <= packet->limit || packet->tunnelled)
		return end <= packet->limit;
	packet->limit = ctx_length(ctx);
	packet->length = packet->limit + tag_bytes_beside(packet);
	return end <= packet->limit;
}

static __always_inline __u16 checksum_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Does the sum of up to 16 32-bit words say that the checksum in them is right? It needs no more than two folds. */
static __always_inline bool checksum_right(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16) == 0xffff;
}

/* The sum of a header without options. */
static __always_inline __u64 ipv4_sum(const struct iphdr *ip)
{
	const __u32 *word = (const __u32 *)ip;

	return (__u64)word[0] + word[1] + word[2] + word[3] + word[4];
}

static __always_inline void ipv4_fragment(struct packet *packet, const struct iphdr *ip)
{
	packet->fragment = ip->frag_off & bpf_htons(IPV4_OFFSET_MASK) ? FRAGMENT_LATER : FRAGMENT_FIRST;
	packet->fragment_id = ip->id;
	packet->fragment_protocol = ip->protocol;
	packet->indirect |= INDIRECT_FRAGMENT;
}

/* RFC 1812 5.2.2 (1) to (4), and what the first 20 bytes say; but for the checksum. */
static __always_inline int ipv4_fields(struct ctx_buff *ctx, struct packet *packet, const struct iphdr *ip,
				       __u32 header)
{
	__u32 length = bpf_ntohs(ip->tot_len), fragment = bpf_ntohs(ip->frag_off) & IPV4_FRAGMENT_MASK;

	if (length < header || !frame_holds(ctx, packet, packet->l3 + length))
		return ends(DP_REASON_malformed_ipv4);
	packet->family = 4;
	packet->traffic_class = ip->tos;
	packet->ttl = ip->ttl;
	packet->protocol = ip->protocol;
	packet->ip_length = length;
	packet->l4 = packet->l3 + header;
	address_from_ipv4(&packet->src, ip->saddr);
	address_from_ipv4(&packet->dst, ip->daddr);
	if (fragment)
		ipv4_fragment(packet, ip);
	return NEXT;
}

/* A function of its own must be given memory that has been written. */
static __always_inline void addresses_clear(struct packet *packet)
{
	packet->src = (struct dp_address){};
	packet->dst = (struct dp_address){};
}

/* A header with options. */
__noinline int parse_ipv4_options(struct ctx_buff *ctx, struct packet *packet)
{
	const struct iphdr *ip;
	__u32 header;
	__u64 sum;
	int reason;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	ip = packet_at(ctx, packet->l3, sizeof(*ip));
	if (!ip)
		return ends(DP_REASON_malformed_ipv4);
	header = ip->ihl * 4U;
	if (ip->version != 4 || header < sizeof(*ip))
		return ends(DP_REASON_malformed_ipv4);
	sum = ipv4_sum(ip);
	reason = ipv4_fields(ctx, packet, ip, header);
	if (reason != NEXT)
		return reason;
	for (int i = 5; i < 15 && (__u32)i * 4 < header; i++) {
		const __u32 *word = packet_at(ctx, packet->l3 + i * 4, sizeof(*word));

		if (!word)
			return ends(DP_REASON_malformed_ipv4);
		sum += *word;
	}
	if (!checksum_right(sum))
		return ends(DP_REASON_bad_ipv4_checksum);
	reason = parse_l4(ctx, packet); /* first: an error about the options must know what it is about */
	return reason == NEXT ? ipv4_options(ctx, packet, packet->l3 + sizeof(*ip), packet->l4) : reason;
}

#define IPV4_PLAIN 0x45 /* version, and a header without options */

CTX_FUNCTION int parse_ipv4(struct ctx_buff *ctx, struct packet *packet)
{
	const struct iphdr *ip;
	__u64 sum;
	int reason;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	ip = packet_at(ctx, packet->l3, sizeof(*ip));
	if (!ip)
		return ends(DP_REASON_malformed_ipv4);
	if (*(const __u8 *)ip != IPV4_PLAIN) {
		addresses_clear(packet);
		return parse_ipv4_options(ctx, packet);
	}
	sum = ipv4_sum(ip);
	reason = ipv4_fields(ctx, packet, ip, sizeof(*ip));
	if (reason != NEXT)
		return reason;
	/* RFC 1812 5.2.2 (5): last, as it costs most. */
	if (!checksum_right(sum))
		return ends(DP_REASON_bad_ipv4_checksum);
	return parse_l4(ctx, packet);
}

/* The extension headers of a packet that has some. */
static __always_inline int parse_ipv6_headers(struct ctx_buff *ctx, struct packet *packet)
{
	struct ipv6_headers headers = {
		.offset = packet->l4, .end = packet->l3 + packet->ip_length, .protocol = packet->protocol};
	int reason = ipv6_headers(ctx, &headers);

	if (reason != NEXT)
		return reason;
	packet->l4 = headers.offset;
	packet->protocol = headers.protocol;
	if (headers.refused)
		packet->pointer = headers.refused - packet->l3;
	if (headers.hidden)
		packet->indirect |= INDIRECT_HIDDEN;
	if (!headers.fragment)
		return NEXT;
	packet->indirect |= INDIRECT_FRAGMENT;
	packet->fragment = headers.fragment;
	packet->fragment_id = headers.fragment_id;
	packet->fragment_protocol = headers.fragment_protocol;
	return NEXT;
}

__noinline int parse_ipv6(struct ctx_buff *ctx, struct packet *packet)
{
	const struct ipv6hdr *ip;
	bool refused = false;
	int reason = NEXT;
	__u32 first;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	ip = packet_at(ctx, packet->l3, sizeof(*ip));
	if (!ip)
		return ends(DP_REASON_malformed_ipv6);
	first = bpf_ntohl(*(const __be32 *)ip);
	packet->ip_length = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	if (first >> 28 != 6 || !frame_holds(ctx, packet, packet->l3 + packet->ip_length))
		return ends(DP_REASON_malformed_ipv6);
	packet->family = 6;
	packet->traffic_class = first >> 20;
	packet->ttl = ip->hop_limit;
	address_copy(&packet->src, &ip->saddr);
	address_copy(&packet->dst, &ip->daddr);
	packet->protocol = ip->nexthdr;
	packet->l4 = packet->l3 + sizeof(*ip);
	if (ipv6_is_extension(packet->protocol)) {
		reason = parse_ipv6_headers(ctx, packet);
		refused = packet->pointer;
	}
	if (reason == NEXT)
		reason = parse_l4(ctx, packet);
	return reason == NEXT && refused ? ends(DP_REASON_source_route) : reason;
}

/* The IP header at l3 and the L4 header behind it; eth_proto says which IP. */
static __always_inline int parse_ip(struct ctx_buff *ctx, struct packet *packet)
{
	if (CTX_COMPLETE || packet->eth_proto != ETH_P_IP)
		addresses_clear(packet);
	return packet->eth_proto == ETH_P_IP ? parse_ipv4(ctx, packet) : parse_ipv6(ctx, packet);
}

#endif
