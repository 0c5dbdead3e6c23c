/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The frame as it leaves: what was in front of the IP header (Ethernet, tags, a tunnel's headers) gives way to what
 * packet->egress and packet->next_hop ask for, with one move of the frame's start, and with none where the sizes agree.
 */
#ifndef SLUICE_BPF_REWRITE_H
#define SLUICE_BPF_REWRITE_H

#include "bpf/encap.h"
#include "bpf/stats.h"

/* New TTL and traffic class, the checksum moved along incrementally (RFC 1624, equation 3). */
static __always_inline int rewrite_ip(struct xdp_md *ctx, const struct packet *packet, __u8 hops)
{
	if (packet->family == 4) {
		struct iphdr *ip = packet_at(ctx, packet->l3, sizeof(*ip));
		__u16 *word = (__u16 *)ip;
		__u64 sum;

		if (!ip)
			return DP_REASON_malformed_ipv4;
		sum = (__u16)~ip->check;
		sum += (__u16)~word[0] + (__u16)~word[4];
		ip->tos = packet->traffic_class;
		ip->ttl = packet->ttl - hops;
		sum += word[0] + word[4];
		ip->check = ~checksum_fold(sum);
	} else {
		struct ipv6hdr *ip = packet_at(ctx, packet->l3, sizeof(*ip));
		__be32 *first = (__be32 *)ip;

		if (!ip)
			return DP_REASON_malformed_ipv6;
		*first = (*first & bpf_htonl(0xf00fffff)) | bpf_htonl((__u32)packet->traffic_class << 20);
		ip->hop_limit = packet->ttl - hops;
	}
	return NEXT;
}

/* Ethernet header and tags: a service tag outside (802.1ad) where there are two. */
static __always_inline int write_link(struct xdp_md *ctx, const struct packet *packet, __u16 eth_proto)
{
	const struct dp_egress *egress = &packet->egress;
	bool two = egress->vlan_id && egress->inner_vlan_id;
	struct ethhdr *eth = packet_at(ctx, 0, sizeof(*eth));
	struct vlan_tag *tag;

	if (!eth)
		return DP_REASON_no_headroom;
	mac_copy(eth->h_dest, egress->dst_mac);
	mac_copy(eth->h_source, egress->src_mac);
	if (!egress->vlan_id) {
		eth->h_proto = bpf_htons(eth_proto);
		return NEXT;
	}
	eth->h_proto = bpf_htons(two ? ETH_P_8021AD : ETH_P_8021Q);
	tag = packet_at(ctx, sizeof(*eth), sizeof(*tag));
	if (!tag)
		return DP_REASON_no_headroom;
	tag->control = bpf_htons(egress->vlan_id);
	tag->eth_proto = bpf_htons(two ? ETH_P_8021Q : eth_proto);
	if (!two)
		return NEXT;
	tag = packet_at(ctx, sizeof(*eth) + sizeof(*tag), sizeof(*tag));
	if (!tag)
		return DP_REASON_no_headroom;
	tag->control = bpf_htons(egress->inner_vlan_id);
	tag->eth_proto = bpf_htons(eth_proto);
	return NEXT;
}

static __always_inline __u32 link_size(const struct dp_egress *egress)
{
	if (!egress->vlan_id)
		return sizeof(struct ethhdr);
	return sizeof(struct ethhdr) + sizeof(struct vlan_tag) * (egress->inner_vlan_id ? 2 : 1);
}

/* Makes the IP header start at offset `room`. */
static __always_inline int reshape(struct xdp_md *ctx, struct packet *packet, __u32 room)
{
	int cut = packet->l3 - room;

	if (cut && bpf_xdp_adjust_head(ctx, cut))
		return DP_REASON_no_headroom;
	packet->l3 = room;
	packet->sent = packet->length - cut;
	return NEXT;
}

/* Sends the packet out of packet->egress, `hops` taken off its TTL. NEXT: ready to go. */
static __always_inline int rewrite(struct xdp_md *ctx, struct packet *packet, __u8 hops)
{
	int reason = rewrite_ip(ctx, packet, hops);

	if (reason == NEXT)
		reason = reshape(ctx, packet, link_size(&packet->egress));
	if (reason == NEXT)
		reason = write_link(ctx, packet, packet->family == 4 ? ETH_P_IP : ETH_P_IPV6);
	if (reason == NEXT)
		count(packet, DP_COUNTER_TX + packet->egress.interface, packet->sent);
	return reason;
}

/* The same into the tunnel of next hop packet->next_hop. */
static __always_inline int rewrite_into_tunnel(struct xdp_md *ctx, struct packet *packet)
{
	const struct dp_next_hop *hop = next_hop_row(packet->bank, packet->next_hop);
	const struct dp_tunnel *tunnel;
	__u32 link;
	int reason;

	if (!hop)
		return DP_REASON_inconsistent;
	tunnel = tunnel_row(packet->bank, hop->tunnel);
	if (!tunnel)
		return DP_REASON_inconsistent;
	link = link_size(&packet->egress);
	reason = rewrite_ip(ctx, packet, 1);
	if (reason == NEXT)
		reason = reshape(ctx, packet, link + encap_size(tunnel));
	if (reason == NEXT)
		reason = encap_write(ctx, packet, hop, tunnel, link);
	if (reason == NEXT)
		reason = write_link(ctx, packet, tunnel->ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	if (reason != NEXT)
		return reason;
	count(packet, DP_COUNTER_TX + packet->egress.interface, packet->sent);
	count(packet, DP_COUNTER_ENCAP + hop->tunnel, packet->sent);
	return DP_REASON_encapsulated;
}

/* The last stage of a routed packet. */
static __always_inline int transmit(struct xdp_md *ctx, struct packet *packet)
{
	int reason;

	if (packet->next_hop)
		return rewrite_into_tunnel(ctx, packet);
	reason = rewrite(ctx, packet, 1);
	return reason == NEXT ? DP_REASON_forwarded : reason;
}

#endif
