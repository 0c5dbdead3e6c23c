/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow hash: over addresses, protocol and ports, the same in both directions, so that a flow and its replies meet
 * the same instance of every stage. All fragments hash without ports: only the first one has them.
 *
 * It is salted, so that two tiers of routers spread flows independently and nobody outside can tell which flows meet.
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

/* The salt is a factor too: else who doesn't know it could still choose ends of equal sums. */
static __always_inline __u64 flow_end(const struct dp_address *address, __u16 port, __u64 salt)
{
	return flow_mix((address->half[0] * (salt | 1) + address->half[1] + ((__u64)port << 16)) ^ salt);
}

/* Sets packet->hash, which not every packet needs. */
static __always_inline void flow_hash(struct packet *packet)
{
	bool ports = !packet->fragment;
	__u64 src, dst, salt = flow_salt;

	if (packet->hash)
		return;
	src = flow_end(&packet->src, ports ? packet->src_port : 0, salt);
	dst = flow_end(&packet->dst, ports ? packet->dst_port : 0, salt);

	packet->hash = flow_mix(src + dst + packet->protocol); /* the same whichever end is which */
}

#endif
