/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Routing: FIB, next-hop group, next hop; for a tunnel the same again in the underlay's VRF. */
#ifndef SLUICE_BPF_NEXTHOP_H
#define SLUICE_BPF_NEXTHOP_H

#include "bpf/encap.h"
#include "bpf/fallback.h"
#include "bpf/fib.h"
#include "bpf/flow.h"

/* Both: group and counter of the longest prefix, DP_GROUP_NONE where there is no route. */

__noinline int fib_find6(const struct packet *packet, const struct dp_address *address, __u32 vrf,
			 struct dp_fib_leaf *leaf)
{
	const struct dp_fib_trees *trees;
	struct dp_address to;

	if (!packet || !address || !leaf)
		return ends(DP_REASON_inconsistent);
	trees = tree_row(packet->bank, vrf);
	if (!trees)
		return ends(DP_REASON_inconsistent);
	to = *address;
	*leaf = fib_walk6(fib_pool(packet->bank), fib_mask(), &trees->ipv6, &to);
	return NEXT;
}

static __always_inline int fib_find(const struct packet *packet, const struct dp_address *address, __u32 vrf,
				    struct dp_fib_leaf *leaf)
{
	const struct dp_fib_trees *trees;

	if (!address_is_ipv4(address))
		return fib_find6(packet, address, vrf, leaf);
	trees = tree_row(packet->bank, vrf);
	if (!trees)
		return ends(DP_REASON_inconsistent);
	*leaf = fib_walk4(fib_pool(packet->bank), fib_mask(), &trees->ipv4, bpf_ntohl(address->word[3]));
	return NEXT;
}

/*
 * Looks up the destination of a plain IPv4 packet that nothing can come between before its header is checked: the
 * processor checks it while it waits for the tables.
 */
static __always_inline int look_ahead(struct ctx_buff *ctx, struct packet *packet, struct way *way)
{
	const struct dp_fib_trees *trees;
	const struct iphdr *ip;

	if (packet->eth_proto != ETH_P_IP || (__u8)packet->features || packet->stage)
		return NEXT;
	ip = packet_at(ctx, packet->l3, sizeof(*ip));
	trees = tree_row(packet->bank, packet->vrf);
	if (ip && trees)
		way->ahead = fib_walk4(fib_pool(packet->bank), fib_mask(), &trees->ipv4, bpf_ntohl(ip->daddr));
	return NEXT;
}

/* What becomes of a packet for a VIP, of the load balancer in way->ahead.route: as route(). Each program has its own.
 */
static int balance(struct ctx_buff *ctx, struct packet *packet, struct way *way);

/* Where the packet's VRF routes it; what leads onto a link has no group, and stays in way->ahead. */
static __always_inline int route(struct ctx_buff *ctx, struct packet *packet, struct way *way)
{
	struct dp_fib_leaf leaf = way->ahead;
	int reason = NEXT;

	if (leaf.group == DP_GROUP_NONE)
		reason = fib_find(packet, &packet->dst, packet->vrf, &leaf);
	if (reason != NEXT)
		return reason;
	if (leaf.group == DP_GROUP_NONE)
		return fallback(ctx, packet, way);
	packet->route = leaf.route;
	packet->group = leaf.group;
	if (leaf.group >= DP_GROUP_HOST) {
		if (dp_group_is_own(leaf.group))
			return ends(packet_is_plain(packet) ? DP_REASON_local : DP_REASON_inner_local);
		packet->route = 0;
		way->ahead = leaf;
		if (leaf.group == DP_GROUP_VIP)
			return balance(ctx, packet, way);
	}
	if (packet->link_local)
		return ends(DP_REASON_martian_source);
	return NEXT;
}

/* The next hop of the packet's bucket, its hash being known. */
static __always_inline const struct dp_next_hop *bucket_pick(const struct packet *packet, const struct dp_group *row,
							     __u32 bits)
{
	__u64 member = row->bucket[packet->hash >> bits & (DP_GROUP_BUCKETS - 1)];

	barrier_var(member);
	return next_hop_row(packet->bank, row->member[member & (DP_MAX_GROUP_MEMBERS - 1)]);
}

/* The group's next hop for this flow; NULL: there is no such group, but a link, or the tables contradict themselves. */
static __always_inline const struct dp_next_hop *group_pick(struct ctx_buff *ctx, struct packet *packet, __u32 group,
							    __u32 bits)
{
	const struct dp_group *row = group_row(packet->bank, group);

	if (!row)
		return NULL;
	if (row->only)
		return next_hop_row(packet->bank, row->only);
	flow_hash(ctx, packet);
	return bucket_pick(packet, row, bits);
}

/* The same of a packet whose hash is known. */
static __always_inline const struct dp_next_hop *group_pick_hashed(const struct packet *packet, __u32 group, __u32 bits)
{
	const struct dp_group *row = group_row(packet->bank, group);

	if (!row)
		return NULL;
	return row->only ? next_hop_row(packet->bank, row->only) : bucket_pick(packet, row, bits);
}

/* Why a packet cannot go by a next hop of this kind. */
static __always_inline int unusable(__u8 kind)
{
	switch (kind) {
	case DP_NEXT_HOP_DISCARD:
		return ends(DP_REASON_discard);
	case DP_NEXT_HOP_UNREACHABLE:
		return ends(DP_REASON_discard_unreachable);
	case DP_NEXT_HOP_PROHIBIT:
		return ends(DP_REASON_discard_prohibited);
	case DP_NEXT_HOP_UNRESOLVED:
		return ends(DP_REASON_unresolved);
	case DP_NEXT_HOP_NONE:
		return ends(DP_REASON_no_next_hop);
	}
	return ends(DP_REASON_inconsistent);
}

/* The way onto a link, to a host there. */
static __always_inline int onto_link(const struct packet *packet, struct way *way, const struct dp_fib_leaf *leaf)
{
	const struct dp_egress *egress = NULL;

	if (leaf->group == DP_GROUP_BROADCAST)
		return ends(DP_REASON_directed_broadcast);
	if (leaf->group == DP_GROUP_HOST)
		egress = host_row(packet->bank, leaf->route);
	else if (leaf->group == DP_GROUP_CONNECTED)
		egress = link_row(packet->bank, leaf->route);
	if (!egress)
		return ends(DP_REASON_inconsistent);
	if (!egress->ifindex)
		return ends(DP_REASON_unresolved);
	way->egress = egress;
	return NEXT;
}

/* Resolves the tunnel's remote in the underlay, for a packet whose hash is known; adds the headers' size to *length,
 * and says in *mtu what the path takes. */
static __always_inline int underlay(struct packet *packet, struct way *way, __u64 tunnel_id, __u32 *length, __u32 *mtu)
{
	const struct dp_tunnel *tunnel = tunnel_row(packet->bank, tunnel_id);
	const struct dp_next_hop *hop;
	struct dp_fib_leaf leaf = {};
	struct dp_address remote;
	int reason;

	if (!tunnel)
		return ends(DP_REASON_inconsistent);
	remote = tunnel->remote;
	*length += encap_size(tunnel);
	*mtu = tunnel->mtu;
	reason = fib_find(packet, &remote, tunnel->underlay_vrf, &leaf);
	if (reason != NEXT)
		return reason;
	if (leaf.group == DP_GROUP_NONE || dp_group_answers(leaf.group))
		return ends(DP_REASON_tunnel_no_route);
	if (leaf.group >= DP_GROUP_HOST) {
		reason = onto_link(packet, way, &leaf);
		if (reason != NEXT)
			return reason;
	} else {
		packet->underlay_route = leaf.route;
		hop = group_pick_hashed(packet, leaf.group, FLOW_BITS_UNDERLAY);
		if (!hop)
			return ends(DP_REASON_inconsistent);
		if (hop->kind == DP_NEXT_HOP_TUNNEL)
			return ends(DP_REASON_tunnel_loop);
		if (hop->kind != DP_NEXT_HOP_GATEWAY)
			return unusable(hop->kind);
		way->egress = &hop->egress;
	}
	if (way->egress->mtu < *mtu)
		*mtu = way->egress->mtu;
	return NEXT;
}

/* RFC 1191 3, RFC 8201 4: the largest packet that the way can carry, behind a tunnel's headers. */
static __always_inline int too_big(struct packet *packet, __u32 mtu, __u32 headers)
{
	packet->mtu = mtu > headers ? mtu - headers : 0;
	return ends(DP_REASON_too_big);
}

/* The same to a host on a link, or by the kernel's route, of which the way out is known. */
static __always_inline int next_hop_on_link(struct packet *packet, struct way *way)
{
	int reason = way->egress ? NEXT : onto_link(packet, way, &way->ahead);

	if (reason != NEXT)
		return reason;
	if (packet->ttl <= 1)
		return ends(DP_REASON_ttl_expired);
	return packet_size(packet) > way->egress->mtu ? too_big(packet, way->egress->mtu, 0) : NEXT;
}

/* Says which way the packet goes, and checks TTL and size against it. */
static __always_inline int next_hop(struct ctx_buff *ctx, struct packet *packet, struct way *way)
{
	const struct dp_next_hop *hop = group_pick(ctx, packet, packet->group, FLOW_BITS_GROUP);
	__u32 length = packet_size(packet), mtu;
	int reason;

	if (!hop)
		return next_hop_on_link(packet, way);
	if (hop->kind != DP_NEXT_HOP_GATEWAY && hop->kind != DP_NEXT_HOP_TUNNEL)
		return unusable(hop->kind);
	if (packet->ttl <= 1) /* RFC 1812 5.3.1 */
		return ends(DP_REASON_ttl_expired);
	if (hop->kind == DP_NEXT_HOP_TUNNEL) {
		way->next_hop = hop;
		packet->encapsulated = hop->tunnel;
		flow_hash(ctx, packet);
		reason = underlay(packet, way, hop->tunnel, &length, &mtu);
		if (reason != NEXT)
			return reason;
	} else {
		way->egress = &hop->egress;
		mtu = hop->egress.mtu;
	}
	if (length > mtu)
		return too_big(packet, mtu, length - packet_size(packet));
	return NEXT;
}

#endif
