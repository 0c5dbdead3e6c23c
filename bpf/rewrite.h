/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The frame as it leaves: what was in front of the IP header (Ethernet, tags, a tunnel's headers) gives way to what
 * struct way asks for, as the hook does that (ctx_reshape).
 */
#ifndef SLUICE_BPF_REWRITE_H
#define SLUICE_BPF_REWRITE_H

#include "bpf/encap.h"
#include "bpf/fallback.h"
#include "bpf/observe.h"

/* New traffic class, and the checksum moved along (RFC 1624, equation 3): in words that are read before they are
 * written. */
static __always_inline void rewrite_traffic_class(__be16 *word, __u8 traffic_class)
{
	__be16 first = bpf_htons((bpf_ntohs(word[0]) & 0xff00) | traffic_class);

	word[5] = ~checksum_fold((__u64)(__u16)~word[5] + (__u16)~word[0] + first);
	word[0] = first;
}

/* A TTL smaller by `hops` makes the checksum larger by as much (RFC 1141). */
static __always_inline int rewrite_ipv4(struct ctx_buff *ctx, const struct packet *packet, __u8 hops)
{
	__be16 *word = packet_at(ctx, packet->l3, sizeof(struct iphdr));
	__u32 check;

	if (!word)
		return ends(DP_REASON_malformed_ipv4);
	if (packet->tunnelled)
		rewrite_traffic_class(word, packet->traffic_class);
	if (!hops)
		return NEXT;
	check = (__u32)word[5] + bpf_htons(hops << 8);
	word[5] = check + (check >= 0xffff);
	word[4] -= bpf_htons(hops << 8);
	return NEXT;
}

static __always_inline int rewrite_ipv6(struct ctx_buff *ctx, const struct packet *packet, __u8 hops)
{
	struct ipv6hdr *ip = packet_at(ctx, packet->l3, sizeof(*ip));
	__be32 *first = (__be32 *)ip;

	if (!ip)
		return ends(DP_REASON_malformed_ipv6);
	*first = (*first & bpf_htonl(0xf00fffff)) | bpf_htonl((__u32)packet->traffic_class << 20);
	ip->hop_limit = packet->ttl - hops;
	return NEXT;
}

static __always_inline int rewrite_ip(struct ctx_buff *ctx, const struct packet *packet, __u8 hops)
{
	return packet->family == 4 ? rewrite_ipv4(ctx, packet, hops) : rewrite_ipv6(ctx, packet, hops);
}

/* Tags behind an Ethernet header: a service tag outside (802.1ad) where there are two. */
static __always_inline int write_vlans(struct ctx_buff *ctx, const struct dp_egress *egress, struct ethhdr *eth,
				       __u16 eth_proto)
{
	bool two = egress->inner_vlan_id;
	struct vlan_tag *tag;

	eth_proto_set(eth, two ? ETH_P_8021AD : ETH_P_8021Q);
	tag = packet_at(ctx, sizeof(*eth), sizeof(*tag));
	if (!tag)
		return ends(DP_REASON_no_headroom);
	tag->control = bpf_htons(egress->vlan_id);
	tag->eth_proto = bpf_htons(two ? ETH_P_8021Q : eth_proto);
	if (!two)
		return NEXT;
	tag = packet_at(ctx, sizeof(*eth) + sizeof(*tag), sizeof(*tag));
	if (!tag)
		return ends(DP_REASON_no_headroom);
	tag->control = bpf_htons(egress->inner_vlan_id);
	tag->eth_proto = bpf_htons(eth_proto);
	return NEXT;
}

/* The same where tags stand beside the frame: the last one that is pushed is the outermost. */
static __always_inline int push_vlans(struct ctx_buff *ctx, const struct dp_egress *egress)
{
	__u16 outer = egress->vlan_id, inner = egress->inner_vlan_id;

	if (inner && ctx_push_tag(ctx, ETH_P_8021Q, inner))
		return ends(DP_REASON_no_headroom);
	if (outer && ctx_push_tag(ctx, inner ? ETH_P_8021AD : ETH_P_8021Q, outer))
		return ends(DP_REASON_no_headroom);
	return NEXT;
}

/* Ethernet header and tags. */
static __always_inline int write_link(struct ctx_buff *ctx, const struct dp_egress *egress, __u16 eth_proto)
{
	struct ethhdr *eth = packet_at(ctx, 0, sizeof(*eth));

	if (!eth)
		return ends(DP_REASON_no_headroom);
	macs_copy(eth, egress);
	if (egress->vlan_id && !CTX_TAGS_BESIDE)
		return write_vlans(ctx, egress, eth, eth_proto);
	eth_proto_set(eth, eth_proto);
	return egress->vlan_id ? push_vlans(ctx, egress) : NEXT;
}

/* Bytes in front of the IP header or of a tunnel's headers: on the wire, and in the frame while it is made. */
static __always_inline __u32 link_size(const struct dp_egress *egress)
{
	if (!egress->vlan_id)
		return sizeof(struct ethhdr);
	return sizeof(struct ethhdr) + sizeof(struct vlan_tag) * (egress->inner_vlan_id ? 2 : 1);
}

static __always_inline __u32 link_size_in_frame(const struct dp_egress *egress)
{
	return CTX_TAGS_BESIDE ? sizeof(struct ethhdr) : link_size(egress);
}

/*
 * Cuts what is behind the datagram off: it was its link's, and may hold what is nobody's business. Only a short frame's
 * padding stays where a frame leaves that needs some. Answers the bytes that stay; negative: it cannot be done.
 */
__noinline int cut_trailer(struct ctx_buff *ctx, const struct packet *packet, int into_tunnel)
{
	if (!packet)
		return -1;
	if (packet->segment || (!into_tunnel && packet->length <= ETH_ZLEN))
		return packet->length - frame_end(packet);
	return ctx_cut_tail(ctx, packet->l3 + packet->ip_length) ? -1 : 0;
}

/*
 * Do the kernel's marks of the tunnel by which the packet came fit that into which it goes? Only kinds with frames are
 * asked for: of these all have the same headers. The family of the outer one may be any if datagrams are to be cut. The
 * mark of TCP names its family, which a change of the buffer's protocol to that of the outer one would change: so that
 * has to be TCP's, or the one by which it came.
 */
__noinline int marks_fit(const struct packet *packet)
{
	const struct dp_tunnel *from, *into;

	if (!packet || !packet->tunnelled)
		return 0;
	from = tunnel_row(packet->bank, packet->decapsulated);
	into = tunnel_row(packet->bank, packet->encapsulated);
	return from && into && tunnel_has_frame(from->kind) && tunnel_has_frame(into->kind) &&
	       (packet->protocol == IPPROTO_UDP || into->ipv6 == (packet->family == 6) ||
		into->ipv6 == (packet->tunnelled == 6));
}

/* Makes room for what shall be in front of the IP header; `tunnel` may be NULL. */
static __always_inline int reshape(struct ctx_buff *ctx, struct packet *packet, const struct dp_egress *egress,
				   const struct dp_tunnel *tunnel)
{
	struct ctx_shape shape = {.l3 = packet->l3,
				  .link = link_size_in_frame(egress),
				  .tags = packet->vlans,
				  .beside = packet->beside,
				  .family = packet->family,
				  .from = packet->tunnelled,
				  .plain = packet->tunnelled && !packet->vni};
	int trailer = 0;

	if (tunnel) {
		shape.encap = encap_size(tunnel);
		shape.into = tunnel->ipv6 ? 6 : 4;
		shape.udp = tunnel->udp_port != 0;
		shape.frame = tunnel_has_frame(tunnel->kind);
		if (CTX_SEGMENTS && packet->segment && shape.frame && shape.from == shape.into)
			shape.family = shape.from; /* the buffer's protocol stays as it is */
	}
	if (packet->length != frame_end(packet))
		trailer = cut_trailer(ctx, packet, tunnel != NULL);
	if (trailer < 0 || ctx_reshape(ctx, &shape))
		return ends(DP_REASON_no_headroom);
	packet->sent = link_size(egress) + shape.encap + packet->ip_length + trailer;
	if (CTX_COMPLETE)
		packet->l4 += shape.link + shape.encap - packet->l3;
	packet->l3 = shape.link + shape.encap;
	return NEXT;
}

/* Is it for the other program to send? Asked before a byte is changed. */
static __always_inline bool left_to_tc(const struct dp_egress *egress)
{
	return !CTX_COMPLETE && egress->tc_only;
}

/* What of the packet itself changes, and what is in front of it: `tunnel` may be NULL. */
static __always_inline int rewrite_packet(struct ctx_buff *ctx, struct packet *packet, const struct dp_egress *egress,
					  const struct dp_tunnel *tunnel, __u8 hops)
{
	int reason;

	observe_frame(ctx, packet);
	reason = rewrite_ip(ctx, packet, hops);
	if (reason == NEXT)
		reason = reshape(ctx, packet, egress, tunnel);
	/* Not before: the outer header's checksum, not this packet's, may be the one that is not finished. */
	if (CTX_COMPLETE && reason == NEXT && packet->mtu)
		mss_lower(ctx, packet);
	return reason;
}

/* Makes the packet ready for the way out, `hops` taken off its TTL. */
static __always_inline int rewrite(struct ctx_buff *ctx, struct packet *packet, const struct dp_egress *egress,
				   __u8 hops)
{
	int reason = rewrite_packet(ctx, packet, egress, NULL, hops);

	if (reason == NEXT)
		reason = write_link(ctx, egress, packet->family == 4 ? ETH_P_IP : ETH_P_IPV6);
	return reason;
}

/*
 * A piece that came in a tunnel is marked as one still, with the place of what is inside. Into a tunnel that the marks
 * do not fit the kernel neither marks it anew nor cuts it rightly: it is to be cut here (answer_segment.h).
 */
static __always_inline bool has_marks_in_the_way(const struct packet *packet)
{
	return CTX_SEGMENTS && packet->segment && packet->tunnelled && !marks_fit(packet);
}

/* The same into the tunnel of the next hop. */
static __always_inline int rewrite_into_tunnel(struct ctx_buff *ctx, struct packet *packet, const struct way *way)
{
	const struct dp_tunnel *tunnel = tunnel_row(packet->bank, way->next_hop->tunnel);
	__u32 link = link_size_in_frame(way->egress);
	int reason, inner = NO_SUM;

	if (!tunnel)
		return ends(DP_REASON_inconsistent);
	if (has_marks_in_the_way(packet))
		return HAND_OVER;
	if (tunnel->checksum && !is_seeded(packet))
		inner = inner_sum(ctx, packet);
	if (inner == HAND_OVER)
		return HAND_OVER;
	reason = rewrite_packet(ctx, packet, way->egress, tunnel, 1);
	if (reason == NEXT)
		reason = encap_write(ctx, packet, way->next_hop, tunnel, link, inner);
	if (reason == NEXT)
		reason = write_link(ctx, way->egress, tunnel->ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	return reason == NEXT ? DP_REASON_encapsulated : reason;
}

/* The last stage of a routed packet. */
static __always_inline int transmit(struct ctx_buff *ctx, struct packet *packet, const struct way *way)
{
	int reason;

	if (left_to_tc(way->egress))
		return HAND_OVER;
	if (way->next_hop)
		return rewrite_into_tunnel(ctx, packet, way);
	reason = rewrite(ctx, packet, way->egress, 1);
	if (reason != NEXT)
		return reason;
	if (packet->group == DP_GROUP_KERNEL)
		return fallback_sent(way->egress);
	return CTX_COMPLETE && way->egress->resolve ? DP_REASON_resolving : DP_REASON_forwarded;
}

#endif
