/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The salted mixing behind the hash of flows and the keys of fragmented packets. */
#ifndef SLUICE_BPF_MIX_H
#define SLUICE_BPF_MIX_H

#include "bpf/tables.h"

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

#endif
