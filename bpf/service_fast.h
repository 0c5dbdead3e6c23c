/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Most packets to VIPs: of a flow that is known and in which this packet changes nothing, neither its state nor,
 * for less than a tick of connection.h, its age. One call does for these what service_known.h and service_way.h do for
 * all; it changes nothing where it finds anything else.
 */
#ifndef SLUICE_BPF_SERVICE_FAST_H
#define SLUICE_BPF_SERVICE_FAST_H

#include "bpf/service_pool.h"
#include "bpf/service_way.h"

/* Is it in a state that the packet, as far as that is known, leaves as it is? */
static __always_inline bool is_steady(struct ctx_buff *ctx, const struct packet *packet, __u64 life)
{
	__u32 state = dp_connection_state(life);
	const struct tcp *tcp;

	if (dp_connection_age(life, connection_now()))
		return false;
	if (packet->protocol == IPPROTO_UDP)
		return state == DP_CONNECTION_ESTABLISHED || state == DP_CONNECTION_NEW;
	tcp = packet_at(ctx, packet->l4, sizeof(*tcp));
	return state == DP_CONNECTION_ESTABLISHED && tcp &&
	       !(tcp->flags & (TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST));
}

/* The rest of the key of the packet's flow. */
static __always_inline __u64 fast_rest(const struct packet *packet, bool high)
{
	__u64 src = packet->src_port, dst = packet->dst_port;

	return (high ? src << 16 | dst : dst << 16 | src) | (__u64)packet->vrf << 32 | (__u64)packet->protocol << 48 |
	       (__u64)DP_CONNECTION_SERVICE << DP_CONNECTION_KIND_SHIFT;
}

/* Both: the entry of the packet's flow, whose life is in *life; NULL: it has none. */

static __always_inline const struct dp_connection *fast_find6(const struct packet *packet, __u64 *life)
{
	bool same = packet->src.half[0] == packet->dst.half[0];
	bool high = same ? packet->src.half[1] > packet->dst.half[1] : packet->src.half[0] > packet->dst.half[0];
	struct key6 key = {.low = high ? &packet->dst : &packet->src, .high = high ? &packet->src : &packet->dst};
	const struct dp_connection_set6 *set;
	__u64 way, hash;

	key.rest = fast_rest(packet, high);
	hash = dp_connection_hash6(connection_head_row.secret, key.low->half, key.high->half, key.rest);
	set = connection_set6(connection_set(hash, 0));
	way = find_in_set6(set, &key, life);
	if (way == DP_CONNECTION_WAYS) {
		set = connection_set6(connection_set(hash, 1));
		way = find_in_set6(set, &key, life);
	}
	if (way == DP_CONNECTION_WAYS)
		return NULL;
	way &= DP_CONNECTION_WAYS - 1;
	barrier_var(way);
	return &set->way[way].connection;
}

static __always_inline const struct dp_connection *fast_find4(const struct packet *packet, __u64 *life)
{
	__u64 src = packet->src.word[3], dst = packet->dst.word[3], ends, rest, hash;
	const struct dp_connection_set4 *set;
	__u64 way;

	ends = src > dst ? dst << 32 | src : src << 32 | dst;
	rest = fast_rest(packet, src > dst);
	hash = dp_connection_hash4(connection_head_row.secret, ends, rest);
	set = connection_set4(connection_set(hash, 0));
	way = find_in_set4(set, ends, rest, life);
	if (way == DP_CONNECTION_WAYS) {
		set = connection_set4(connection_set(hash, 1));
		way = find_in_set4(set, ends, rest, life);
	}
	if (way == DP_CONNECTION_WAYS)
		return NULL;
	way &= DP_CONNECTION_WAYS - 1;
	barrier_var(way);
	return &set->way[way].connection;
}

/* Puts the member's address in place of the VIP, and of IPv4 its route's group; others are service_leaf()'s. */
static __always_inline void fast_translate(struct packet *packet, const struct dp_member *member)
{
	const struct dp_fib_trees *trees = packet->family == 4 ? tree_row(packet->bank, packet->vrf) : NULL;
	struct dp_fib_leaf leaf = {};

	packet->service |= SERVICE_DESTINATION;
	packet->dst = member->address;
	if (member->port)
		packet->dst_port = member->port;
	if (trees)
		leaf = fib_walk4(fib_pool(packet->bank), fib_mask(), &trees->ipv4, bpf_ntohl(packet->dst.word[3]));
	if (leaf.group != DP_GROUP_NONE && leaf.group < DP_GROUP_HOST)
		packet->group = leaf.group;
}

/* NEXT: the packet is its member's, and if packet->group is not DP_GROUP_VIP any more, that is the way there.
 * SERVICE_UNKNOWN: it is as it was. */
__noinline int service_fast(struct ctx_buff *ctx, struct packet *packet, __u32 balancer)
{
	const struct dp_connection *entry;
	const struct dp_member *member;
	const struct dp_pool *pool;
	__u32 listener, id;
	struct flow flow;
	__u64 life = 0;

	if (!packet || packet->indirect || packet->link_local ||
	    (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP))
		return SERVICE_UNKNOWN;
	flow.dst_port = packet->dst_port;
	flow.protocol = packet->protocol;
	listener = listener_of_port(packet, balancer, &flow);
	if (!listener)
		return SERVICE_UNKNOWN;
	entry = packet->family == 4 ? fast_find4(packet, &life) : fast_find6(packet, &life);
	if (!entry || !is_steady(ctx, packet, life))
		return SERVICE_UNKNOWN;
	id = note_of(entry) & NOTE_ID_MASK;
	member = member_row(packet->bank, id);
	if (!member || member->incarnation != (__u32)life || address_is_ipv4(&member->address) != (packet->family == 4))
		return SERVICE_UNKNOWN;
	pool = pool_row(packet->bank, member->pool);
	if (!pool || pool->flags & (DP_POOL_QUIC | DP_POOL_STATELESS) || !member_keeps(member, pool))
		return SERVICE_UNKNOWN;
	packet->listener = listener;
	packet->route = SHAPE(counters_members) + id;
	if (pool->flags & DP_POOL_DIRECT) {
		packet->service |= SERVICE_DIRECT;
		if (member->group)
			packet->group = member->group;
	} else {
		fast_translate(packet, member);
	}
	return NEXT;
}

#endif
