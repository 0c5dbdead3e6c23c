/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Port chains: a packet with a stage goes to one of the stage's members. Which stage is next is known from the port by
 * which it comes back. A visit is no hop: the TTL stays.
 */
#ifndef SLUICE_BPF_STAGE_H
#define SLUICE_BPF_STAGE_H

#include "bpf/flow.h"
#include "bpf/rewrite.h"

/*
 * The flow's member of a group: the same in both directions, and chosen independently of other groups and of next hops,
 * else instances behind one instance would see only part of the flows.
 */
static __always_inline __u64 stage_member(__u32 hash, __u32 group, __u32 members)
{
	hash += group * 0x9e3779b9U;
	hash ^= hash >> 16;
	hash *= 0x85ebca6bU;
	hash ^= hash >> 13;
	hash *= 0xc2b2ae35U;
	return (__u64)hash * members >> 32;
}

static __always_inline int steer(struct xdp_md *ctx, struct packet *packet)
{
	const struct dp_stage *stage;
	__u64 id, member;
	__u32 members;
	int reason;

	id = packet->stage;
	if (!id)
		return NEXT;
	stage = stage_row(packet->bank, id);
	if (!stage)
		return DP_REASON_inconsistent;
	members = stage->count;
	if (!members)
		return DP_REASON_chain_stage_down;
	flow_hash(packet);
	member = stage_member(packet->hash, stage->port_pair_group, members);
	barrier_var(member);
	if (member >= DP_STAGE_MEMBERS)
		return DP_REASON_inconsistent;
	packet->egress = stage->member[member];
	/* Not for the kernel to answer: it would send the packet around the chain. */
	if (packet->ip_length > packet->egress.mtu)
		return DP_REASON_too_big;
	id = DP_COUNTER_STAGES + stage->port_pair_group;
	reason = rewrite(ctx, packet, 0);
	if (reason != NEXT)
		return reason;
	count(packet, id, packet->sent);
	return DP_REASON_steered;
}

#endif
