/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow hash: over addresses, protocol and ports, the same in both directions, so that a flow and its replies meet
 * the same instance of every stage. All fragments hash without ports: only the first one has them.
 */
#ifndef SLUICE_BPF_FLOW_H
#define SLUICE_BPF_FLOW_H

#include "bpf/packet.h"

static __always_inline __u64 flow_mix(__u64 x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 32;
	return x;
}

static __always_inline __u64 flow_end(const struct dp_address *address, __u16 port)
{
	return flow_mix(address->half[0] * 0x9e3779b97f4a7c15ULL + address->half[1] + ((__u64)port << 16));
}

/* Sets packet->hash, which not every packet needs. */
static __always_inline void flow_hash(struct packet *packet)
{
	bool ports = !packet->fragment;
	__u64 src, dst;

	if (packet->hash)
		return;
	src = flow_end(&packet->src, ports ? packet->src_port : 0);
	dst = flow_end(&packet->dst, ports ? packet->dst_port : 0);

	packet->hash = flow_mix(src + dst + packet->protocol); /* the same whichever end is which */
}

#endif
