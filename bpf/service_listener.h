/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which listener of a load balancer takes a flow, and to which of its pools a new one goes. */
#ifndef SLUICE_BPF_SERVICE_LISTENER_H
#define SLUICE_BPF_SERVICE_LISTENER_H

#include "api/dp/flow_number.h"
#include "bpf/admit.h"
#include "bpf/policy_memory.h"
#include "bpf/service_memory.h"

/* The listener of one port; 0: there is none. */
static __always_inline __u32 listener_of_port(const struct packet *packet, __u32 balancer, const struct flow *flow)
{
	struct dp_listener_port key = {.load_balancer = balancer, .port = flow->dst_port, .protocol = flow->protocol};
	__u64 word = *(const __u64 *)&key;
	__u32 hash = dp_hash(&word, 1);

	for (__u32 i = 0; i < DP_HASH_PROBES; i++) {
		const struct dp_listener_port *slot = listener_port_slot(packet->bank, hash + i);

		if (*(const __u64 *)slot == word)
			return slot->listener;
	}
	return 0;
}

/* That of more than one port. */
static __always_inline __u32 listener_of_range(const struct dp_load_balancer *balancer, const struct flow *flow)
{
	__u32 listener = 0;

	for (int i = 0; i < DP_BALANCER_RANGES; i++) {
		const struct dp_listener_range *range = &balancer->range[i];

		if (i < balancer->ranges && flow->dst_port >= range->first && flow->dst_port <= range->last &&
		    (!range->protocol || range->protocol == flow->protocol))
			listener = range->listener;
	}
	return listener;
}

/* Is it for the router to answer, on behalf of the VIP? */
static __always_inline bool vip_is_asked(const struct packet *packet)
{
	if (packet->fragment || packet->indirect)
		return false;
	if (packet->family == 4)
		return packet->protocol == IPPROTO_ICMP && packet->icmp_type == ICMP_ECHO_REQUEST;
	return is_neighbour_discovery(packet) ||
	       (packet->protocol == IPPROTO_ICMPV6 && packet->icmp_type == ICMPV6_ECHO_REQUEST);
}

/* A packet to a VIP: NEXT, or a reason. What has no ports that can be known is for no listener. */
static __always_inline int listener_find(struct ctx_buff *ctx, const struct packet *packet,
					 struct service_memory *memory, const struct dp_load_balancer *balancer)
{
	struct flow *flow = &memory->flow;

	if (vip_is_asked(packet))
		return ends(packet_is_plain(packet) ? DP_REASON_local : DP_REASON_inner_local);
	if (packet->indirect)
		flow_find(ctx, packet, flow);
	else
		flow_of_headers(packet, flow);
	if ((flow->known & (FLOW_PROTOCOL | FLOW_PORTS)) != (FLOW_PROTOCOL | FLOW_PORTS) || !has_ports(flow->protocol))
		return ends(DP_REASON_no_listener);
	memory->listener = listener_of_port(packet, memory->load_balancer, flow);
	if (!memory->listener)
		memory->listener = listener_of_range(balancer, flow);
	return memory->listener ? NEXT : DP_REASON_no_listener;
}

/* By shares; 0: the listener's row makes no sense. */
static __always_inline __u32 pool_by_share(const struct dp_listener *listener, __u32 share)
{
	__u32 pool = 0;

	for (int i = DP_LISTENER_POOLS - 1; i >= 0; i--)
		if (i < listener->pools && share < listener->until[i])
			pool = listener->pool[i];
	return pool;
}

/* That a rule of the policy leads to, if this flow is among its share; 0: none. */
static __always_inline __u32 pool_by_policy(const struct packet *packet, __u64 number)
{
	const struct policy_memory *policy = policy_memory();
	__u32 share;

	if (!policy || !(packet->policy & POLICY_POOLED))
		return 0;
	share = policy->pool >> 16;
	return !share || dp_flow_rule_share(number) < share ? policy->pool & 0xffff : 0;
}

/* The flow's source, as far as it counts. */
static __always_inline struct dp_address source_masked(const struct flow *flow, const struct dp_pool *pool)
{
	struct dp_address source = flow->src;
	__u32 length = flow->family == 4 ? pool->prefix4 + 96U : pool->prefix6;
	__u64 high = bpf_be64_to_cpu(source.half[0]), low = bpf_be64_to_cpu(source.half[1]);

	if (length < 64) {
		high = length ? high >> (64 - length) << (64 - length) : 0;
		low = 0;
	} else if (length < 128) {
		low = length > 64 ? low >> (128 - length) << (128 - length) : 0;
	}
	source.half[0] = bpf_cpu_to_be64(high);
	source.half[1] = bpf_cpu_to_be64(low);
	return source;
}

/* Sets the pool of a new flow, and the flow's number: 0, or -1: the tables contradict themselves. */
static __always_inline int pool_find(const struct packet *packet, struct service_memory *memory)
{
	const struct dp_load_balancer *balancer = load_balancer_row(packet->bank, memory->load_balancer);
	const struct dp_listener *listener = listener_row(packet->bank, memory->listener);
	const struct flow *flow = &memory->flow;
	const struct dp_pool *pool;
	struct dp_address source;

	if (!balancer || !listener)
		return -1;
	memory->number = dp_flow_number(&flow->src, flow->src_port, flow->dst_port, flow->protocol, balancer->seed);
	memory->pool = pool_by_policy(packet, memory->number);
	if (!memory->pool)
		memory->pool = pool_by_share(listener, dp_flow_share(memory->number));
	pool = pool_row(packet->bank, memory->pool);
	if (!pool || !memory->pool)
		return -1;
	if (!(pool->flags & DP_POOL_SOURCE))
		return 0;
	source = source_masked(flow, pool);
	memory->number = dp_flow_number(&source, 0, 0, 0, balancer->seed);
	return 0;
}

#endif
