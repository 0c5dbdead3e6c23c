/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Routing: FIB, next-hop group, next hop; for a tunnel the same again in the underlay's VRF. */
#ifndef SLUICE_BPF_NEXTHOP_H
#define SLUICE_BPF_NEXTHOP_H

#include "bpf/encap.h"
#include "bpf/fib.h"
#include "bpf/flow.h"
#include "bpf/stats.h"

#define UNDERLAY_HASH_SHIFT 7 /* other bits than those that picked the tunnel's bucket */

static __always_inline __u32 counted_group(const struct packet *packet, struct dp_fib_leaf leaf)
{
	if (leaf.group != DP_GROUP_NONE)
		count_route(packet, leaf.route);
	return leaf.group;
}

/* Both: the group of the longest prefix, DP_GROUP_NONE where there is no route; the route is counted. */

__noinline int fib_group6(struct packet *packet, const struct dp_address *address, __u32 vrf_id, __u32 *group)
{
	const struct dp_fib_trees *trees;
	struct dp_address to;

	if (!packet || !address || !group)
		return DP_REASON_inconsistent;
	trees = tree_row(packet->bank, vrf_id);
	if (!trees)
		return DP_REASON_inconsistent;
	to = *address;
	*group = counted_group(packet, fib_walk6(fib_pool(packet->bank), fib_mask(), &trees->ipv6, &to));
	return NEXT;
}

static __always_inline int fib_group(struct packet *packet, const struct dp_address *address, __u32 vrf_id,
				     __u32 *group)
{
	const struct dp_fib_trees *trees;

	if (!address_is_ipv4(address))
		return fib_group6(packet, address, vrf_id, group);
	trees = tree_row(packet->bank, vrf_id);
	if (!trees)
		return DP_REASON_inconsistent;
	*group = counted_group(
		packet, fib_walk4(fib_pool(packet->bank), fib_mask(), &trees->ipv4, bpf_ntohl(address->word[3])));
	return NEXT;
}

/* Where the packet's VRF routes it. */
static __always_inline int route(struct packet *packet)
{
	__u32 group = DP_GROUP_NONE;
	int reason = fib_group(packet, &packet->dst, packet->vrf, &group);

	if (reason != NEXT)
		return reason;
	if (group == DP_GROUP_NONE)
		return DP_REASON_no_route;
	if (group == DP_GROUP_LOCAL)
		return packet_is_plain(packet) ? DP_REASON_local : DP_REASON_inner_local;
	if (packet->link_local)
		return DP_REASON_martian_source;
	packet->group = group;
	return NEXT;
}

/* The group's next hop for this flow; a reason unless it is one that leads somewhere. */
static __always_inline int group_pick(__u32 bank, __u64 group, __u32 hash, __u64 *id)
{
	const struct dp_group *row = group_row(bank, group);
	const struct dp_next_hop *hop;

	if (!row)
		return DP_REASON_inconsistent;
	*id = row->bucket[hash & (DP_GROUP_BUCKETS - 1)];
	hop = next_hop_row(bank, *id);
	if (!hop)
		return DP_REASON_inconsistent;
	switch (hop->kind) {
	case DP_NEXT_HOP_GATEWAY:
	case DP_NEXT_HOP_TUNNEL:
		return NEXT;
	case DP_NEXT_HOP_DISCARD:
		return DP_REASON_discard;
	case DP_NEXT_HOP_UNRESOLVED:
		return DP_REASON_unresolved;
	case DP_NEXT_HOP_NONE:
		return DP_REASON_no_next_hop;
	}
	return DP_REASON_inconsistent;
}

/* Resolves the tunnel's remote in the underlay; adds the headers' size to *length. */
static __always_inline int underlay(struct packet *packet, __u64 tunnel_id, __u32 *length)
{
	const struct dp_tunnel *tunnel = tunnel_row(packet->bank, tunnel_id);
	const struct dp_next_hop *hop;
	struct dp_address remote;
	__u32 group = DP_GROUP_NONE;
	__u64 id = 0;
	int reason;

	if (!tunnel)
		return DP_REASON_inconsistent;
	remote = tunnel->remote;
	*length += encap_size(tunnel);
	reason = fib_group(packet, &remote, tunnel->underlay_vrf, &group);
	if (reason != NEXT)
		return reason;
	if (group == DP_GROUP_NONE || group == DP_GROUP_LOCAL)
		return DP_REASON_tunnel_no_route;
	reason = group_pick(packet->bank, group, packet->hash >> UNDERLAY_HASH_SHIFT, &id);
	if (reason != NEXT)
		return reason;
	hop = next_hop_row(packet->bank, id);
	if (!hop)
		return DP_REASON_inconsistent;
	if (hop->kind != DP_NEXT_HOP_GATEWAY)
		return DP_REASON_tunnel_loop;
	packet->egress = hop->egress;
	return NEXT;
}

/* Fills in packet->egress and packet->next_hop, and checks TTL and size against what was found. */
static __always_inline int next_hop(struct packet *packet)
{
	const struct dp_next_hop *hop;
	__u32 length;
	__u64 id = 0;
	int reason;

	/* Not before the route is known: the hash is done while its leaf comes from memory. */
	flow_hash(packet);
	reason = group_pick(packet->bank, packet->group, packet->hash, &id);
	if (reason != NEXT)
		return reason;
	if (packet->ttl <= 1) /* RFC 1812 5.3.1 */
		return packet_is_plain(packet) ? DP_REASON_needs_icmp_ttl : DP_REASON_ttl_expired;
	hop = next_hop_row(packet->bank, id);
	if (!hop)
		return DP_REASON_inconsistent;
	length = packet->ip_length;
	if (hop->kind == DP_NEXT_HOP_TUNNEL) {
		packet->next_hop = id;
		reason = underlay(packet, hop->tunnel, &length);
		if (reason != NEXT)
			return reason;
	} else {
		packet->egress = hop->egress;
	}
	if (length > packet->egress.mtu)
		return packet_is_plain(packet) ? DP_REASON_needs_icmp_mtu : DP_REASON_too_big;
	return NEXT;
}

#endif
