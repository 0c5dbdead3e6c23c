/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow hash: over addresses, protocol and ports, the same in both directions, so that a flow and its replies meet
 * the same instance of every stage.
 *
 * It is salted, so that two tiers of routers spread flows independently and nobody outside can tell which flows meet.
 */
#ifndef SLUICE_BPF_FLOW_H
#define SLUICE_BPF_FLOW_H

#include "bpf/flow_indirect.h"

/* Of the flow of a packet whose headers do not say it; where it is not known, of the addresses alone. */
static __always_inline __u64 flow_hash_of(const struct flow *flow)
{
	bool ports = flow->known & FLOW_PORTS;
	__u64 salt = flow_salt;

	return flow_mix(flow_end(&flow->src, ports ? flow->src_port : 0, salt) +
			flow_end(&flow->dst, ports ? flow->dst_port : 0, salt) + (ports ? flow->protocol : 0));
}

__noinline int flow_hash_indirect(struct ctx_buff *ctx, struct packet *packet)
{
	struct flow flow;

	if (!packet)
		return 0;
	flow_find(ctx, packet, &flow);
	packet->hash = flow_hash_of(&flow);
	return 0;
}

/* Sets packet->hash, which not every packet needs. */
static __always_inline void flow_hash(struct ctx_buff *ctx, struct packet *packet)
{
	__u64 src, dst, salt = flow_salt;

	if (packet->hash)
		return;
	if (packet->indirect) {
		flow_hash_indirect(ctx, packet);
		return;
	}
	src = flow_end(&packet->src, packet->src_port, salt);
	dst = flow_end(&packet->dst, packet->dst_port, salt);
	packet->hash = flow_mix(src + dst + packet->protocol); /* the same whichever end is which */
}

#endif
