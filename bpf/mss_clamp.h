/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How large the segments of a TCP connection may be: a SYN says what its sender takes, so the other end's segments must
 * fit into the way back; and they will be acknowledged by ones of the sender's own, which take the way out. What is
 * lowered to the smaller of both is good for both (mss_option.h).
 */
#ifndef SLUICE_BPF_MSS_CLAMP_H
#define SLUICE_BPF_MSS_CLAMP_H

#include "bpf/mss_option.h"
#include "bpf/nexthop.h"

/* The largest datagram that goes into the tunnel by the egress. */
static __always_inline __u32 room(const struct dp_egress *egress, const struct dp_tunnel *tunnel)
{
	__u32 headers = encap_size(tunnel), mtu = egress->mtu < tunnel->mtu ? egress->mtu : tunnel->mtu;

	return mtu > headers ? mtu - headers : 0;
}

/* Of the tunnel, through the underlay; 0: that has no way to its remote. */
static __always_inline __u32 tunnel_room(struct packet *packet, __u32 id)
{
	__u32 underlay_route = packet->underlay_route, headers = 0, mtu = 0;
	struct way way = {};
	int reason = underlay(packet, &way, id, &headers, &mtu);

	packet->underlay_route = underlay_route; /* which this packet does not take */
	return reason == NEXT && mtu > headers ? mtu - headers : 0;
}

/* Of the link that the source is on; 0: it has none. */
static __always_inline __u32 link_room(const struct packet *packet, const struct dp_fib_leaf *leaf)
{
	struct way way = {};

	return onto_link(packet, &way, leaf) == NEXT && way.egress ? way.egress->mtu : 0;
}

/* Of the way from here to the packet's source, its hash being known; 0: there is none. */
__noinline int room_back(struct packet *packet)
{
	const struct dp_next_hop *hop = NULL;
	struct dp_fib_leaf leaf = {};
	struct dp_address to;

	if (!packet)
		return 0;
	to = packet->src;
	if (fib_find(packet, &to, packet->vrf, &leaf) != NEXT)
		return 0;
	if (leaf.group == DP_GROUP_HOST || leaf.group == DP_GROUP_CONNECTED)
		return link_room(packet, &leaf);
	if (leaf.group != DP_GROUP_NONE && !dp_group_is_own(leaf.group))
		hop = group_pick_hashed(packet, leaf.group, FLOW_BITS_GROUP);
	if (hop && hop->kind == DP_NEXT_HOP_GATEWAY)
		return hop->egress.mtu;
	if (hop && hop->kind == DP_NEXT_HOP_TUNNEL)
		return tunnel_room(packet, hop->tunnel);
	return packet->decapsulated ? tunnel_room(packet, packet->decapsulated) : 0;
}

static __always_inline void mss_for(struct packet *packet, __u32 room)
{
	if (room && room < packet->mtu)
		packet->mtu = room;
}

/* A SYN whose way is known. */
static __always_inline int mss_clamp(struct ctx_buff *ctx, struct packet *packet, const struct way *way)
{
	const struct dp_tunnel *tunnel = NULL;

	if (!CTX_COMPLETE || !packet->mtu)
		return NEXT;
	if (way->next_hop) {
		tunnel = tunnel_row(packet->bank, way->next_hop->tunnel);
		if (!tunnel)
			return DP_REASON_inconsistent;
	}
	mss_for(packet, tunnel ? room(way->egress, tunnel) : way->egress->mtu);
	flow_hash(ctx, packet);
	mss_for(packet, room_back(packet));
	return NEXT;
}

#endif
