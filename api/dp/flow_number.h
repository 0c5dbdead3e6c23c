/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The number of a flow to a load balancer, by which its pool and its row in the pool's table are chosen: nothing that
 * one router has alone is in it, so all routers with the same configuration choose the same. Its lower half is for the
 * row, its upper one for shares.
 */
#ifndef SLUICE_DP_FLOW_NUMBER_H
#define SLUICE_DP_FLOW_NUMBER_H

#include <linux/types.h>

#include "api/dp/address.h"
#include "api/dp/service.h"

static inline __u64 dp_number_mix(__u64 x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	return x ^ x >> 32;
}

static inline __u64 dp_number_half(__u64 half)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(half);
#else
	return half;
#endif
}

/* `seed` is the load balancer's; ports are in host order. Of a source alone: ports and protocol 0. */
static inline __u64 dp_flow_number(const struct dp_address *source, __u16 source_port, __u16 destination_port,
				   __u8 protocol, __u32 seed)
{
	__u64 x = (__u64)seed << 32 | (__u32)source_port << 16 | destination_port;

	x = dp_number_mix(x + protocol * 0x9e3779b97f4a7c15ULL);
	x = dp_number_mix(x ^ dp_number_half(source->half[0]));
	return dp_number_mix(x ^ dp_number_half(source->half[1]));
}

/* The row of a table, by the flow's first try, 0, or one behind it. */
static inline __u32 dp_flow_row(__u64 number, __u32 rows, __u32 try)
{
	__u32 low = try ? dp_number_mix(number + try) : number;

	return (__u64)low * rows >> 32;
}

/* 0 to DP_SHARE_ALL - 1: of the listener's pools, */
static inline __u32 dp_flow_share(__u64 number)
{
	return (number >> 32) * DP_SHARE_ALL >> 32;
}

/* and of a policy's rule, which says nothing about the other. */
static inline __u32 dp_flow_rule_share(__u64 number)
{
	return dp_flow_share(dp_number_mix(number ^ 0x9e3779b97f4a7c15ULL));
}

#endif
