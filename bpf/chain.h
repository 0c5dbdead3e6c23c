/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Port chains: a packet with a stage goes to one of the stage's members. Which stage is next is known from the port by
 * which it comes back. A visit is no hop: the TTL stays.
 */
#ifndef SLUICE_BPF_CHAIN_H
#define SLUICE_BPF_CHAIN_H

#include "bpf/flow.h"
#include "bpf/qos.h"
#include "bpf/rewrite.h"

/*
 * The flow's bucket in a group: the same in both directions, and chosen independently of other groups and of next hops,
 * else instances behind one instance would see only part of the flows.
 */
static __always_inline __u32 stage_bucket(__u32 hash, __u32 seed)
{
	hash += seed;
	hash ^= hash >> 16;
	hash *= 0x85ebca6bU;
	hash ^= hash >> 13;
	hash *= 0xc2b2ae35U;
	return hash >> 16;
}

/* The flow's member; one that is alone takes all of them, unhashed. */
static __always_inline __u64 stage_member(struct ctx_buff *ctx, struct packet *packet, const struct dp_stage *stage)
{
	if (stage->count == 1)
		return stage->bucket[0];
	flow_hash(ctx, packet);
	return stage->bucket[stage_bucket(packet->hash, stage->seed) & (DP_STAGE_BUCKETS - 1)];
}

static __always_inline int steer(struct ctx_buff *ctx, struct packet *packet, struct way *way)
{
	const struct dp_egress *egress;
	const struct dp_stage *stage;
	__u64 member;
	int reason;

	if (!packet->stage)
		return NEXT;
	stage = stage_row(packet->bank, packet->stage);
	if (!stage)
		return ends(DP_REASON_inconsistent);
	if (!stage->count)
		return ends(DP_REASON_chain_stage_down);
	member = stage_member(ctx, packet, stage);
	barrier_var(member);
	if (member >= DP_STAGE_MEMBERS)
		return ends(DP_REASON_inconsistent);
	egress = &stage->member[member];
	/* Not for the kernel to answer: it would send the packet around the chain. */
	if (packet_size(packet) > egress->mtu) {
		packet->mtu = egress->mtu;
		return ends(DP_REASON_too_big);
	}
	packet->port_pair_group = stage->port_pair_group;
	way->egress = egress;
	if (CTX_COMPLETE && packet->mtu > egress->mtu)
		packet->mtu = egress->mtu; /* of a SYN: stages have to take its connection's segments, too */
	if (left_to_tc(egress))
		return HAND_OVER;
	reason = police(ctx, packet, way);
	if (reason == NEXT)
		reason = rewrite(ctx, packet, egress, 0);
	return reason == NEXT ? DP_REASON_steered : reason;
}

#endif
