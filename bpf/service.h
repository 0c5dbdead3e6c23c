/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Services: a packet that route() has found to be for a VIP goes to a member (api/dp/service.h): to that of its flow's
 * entry (service_known.h), else to one that its pool chooses (service_pool.h). From here on struct packet says the
 * member where the pool puts its address in; the frame follows when it leaves (translate.h), so that whoever gets it
 * before that, or is told about it, sees what came.
 */
#ifndef SLUICE_BPF_SERVICE_H
#define SLUICE_BPF_SERVICE_H

#include "bpf/service_fast.h"
#include "bpf/service_known.h"
#include "bpf/service_open.h"
#include "bpf/service_pool.h"
#include "bpf/service_way.h"

/* Finds the listener, and the flow's member: NEXT, SERVICE_CHOOSE, or a reason. */
__noinline int service_begin(struct ctx_buff *ctx, struct packet *packet, __u32 balancer)
{
	struct service_memory *memory = service_memory();
	const struct dp_load_balancer *row;
	int reason;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	row = load_balancer_row(packet->bank, balancer);
	if (!row)
		return ends(DP_REASON_inconsistent);
	memory->load_balancer = balancer;
	reason = listener_find(ctx, packet, memory, row);
	if (reason != NEXT)
		return reason;
	if (packet->link_local)
		return ends(DP_REASON_martian_source);
	packet->listener = memory->listener;
	if (packet->indirect) /* while the fragments of a flow can be told to be its */
		packet->hash = flow_hash_of(&memory->flow);
	memory->tcp_flags = service_tcp_flags(ctx, packet);
	quic_read(ctx, packet, memory);
	return service_known(packet, memory);
}

/* Puts the member into struct packet, for which it counts from now on: NEXT, SERVICE_OPEN, or a reason. */
__noinline int service_take(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	const struct dp_member *member;
	const struct dp_pool *pool;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	member = member_row(packet->bank, memory->member);
	if (!member || address_is_ipv4(&member->address) != (packet->family == 4))
		return ends(DP_REASON_inconsistent);
	pool = pool_row(packet->bank, member->pool);
	if (!pool)
		return ends(DP_REASON_inconsistent);
	packet->route = SHAPE(counters_members) + memory->member;
	if (pool->flags & DP_POOL_DIRECT) {
		packet->service |= SERVICE_DIRECT;
		return (memory->begins && !(pool->flags & DP_POOL_STATELESS)) || memory->keeps_source ? SERVICE_OPEN
												      : NEXT;
	}
	packet->service |= SERVICE_DESTINATION;
	packet->dst = member->address;
	packet->dst_port = memory->flow.dst_port;
	if (memory->flow.quoted)
		packet->service |= SERVICE_QUOTE;
	if (member->port && memory->flow.protocol != IPPROTO_SCTP)
		packet->dst_port = member->port;
	return memory->begins || memory->moved ? SERVICE_OPEN : NEXT;
}

/* A packet that route() has found to be for a VIP. The calls are made from here, as policy()'s are. */
static __always_inline int balance(struct ctx_buff *ctx, struct packet *packet, struct way *way)
{
	__u32 balancer = way->ahead.route;
	int reason = service_fast(ctx, packet, balancer);

	if (reason == NEXT && packet->group != DP_GROUP_VIP) {
		way->ahead = (struct dp_fib_leaf){};
		return NEXT;
	}
	if (reason == NEXT)
		return service_way(packet, way);
	reason = service_begin(ctx, packet, balancer);
	if (reason == SERVICE_CHOOSE)
		reason = service_choose(packet);
	if (reason == NEXT)
		reason = service_take(packet);
	if (reason == SERVICE_OPEN)
		reason = service_open(packet);
	return reason == NEXT ? service_way(packet, way) : reason;
}

#endif
