/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Buckets of api/dp/limiter.h: is there room for a packet? The same code runs in the packet programs and in the unit
 * test. Several CPUs fill a bucket at once, so time is added to it in one step; two that find the last room together
 * both take it, and the bucket is fuller for that afterwards: no charge is ever lost.
 */
#ifndef SLUICE_BPF_LIMITER_H
#define SLUICE_BPF_LIMITER_H

#include "api/dp/limiter.h"
#include "bpf/explains.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* A time further ahead than this, 52 days, has passed so long ago that the difference has turned over. */
#define LIMITER_PASSED (1ULL << 58)

/* How full the bucket is. */
static __always_inline __u64 limiter_ahead(__u64 time, __u64 now)
{
	__u64 ahead = time - now;

	return ahead < LIMITER_PASSED ? ahead : 0;
}

static __always_inline __u64 limiter_read(const __u64 *time)
{
	return *(const volatile __u64 *)time;
}

/*
 * Charges the bucket, if it has room. A packet that is larger than the whole bucket passes when that is empty, and the
 * next ones wait the longer: the kernel's segments (GSO) come as one packet of up to 64 KiB.
 */
static __always_inline _Bool limiter_take(__u64 *bucket, __u64 now, __u64 charge, __u64 burst)
{
	__u64 time = limiter_read(bucket), ahead = limiter_ahead(time, now);

	if (!ahead && explains)
		return 1;
	if (!ahead) {
		__u64 found = __sync_val_compare_and_swap(bucket, time, now + charge);

		if (found == time)
			return 1;
		ahead = limiter_ahead(found, now); /* another CPU was faster */
	}
	if (ahead + (charge < burst ? charge : burst) > burst)
		return 0;
	if (!explains)
		__sync_fetch_and_add(bucket, charge);
	return 1;
}

/* Has the time of the way's buckets passed? */
static __always_inline _Bool limiter_way_is_free(const struct dp_limiter_set *set, __u32 way, __u64 now)
{
	return !limiter_ahead(limiter_read(&set->way[way].time), now) &&
	       !limiter_ahead(limiter_read(&set->excess_time[way]), now);
}

/* The key's way in its set: its own, else a free one, else one that it shares. */
static __always_inline __u32 limiter_way(struct dp_limiter_set *set, __u64 key, __u64 now)
{
	for (__u32 way = 0; way < DP_LIMITER_WAYS; way++)
		if (limiter_read(&set->way[way].key) == key)
			return way;
	for (__u32 way = 0; way < DP_LIMITER_WAYS; way++) {
		__u64 before = limiter_read(&set->way[way].key);

		if (limiter_way_is_free(set, way, now) &&
		    (explains || __sync_val_compare_and_swap(&set->way[way].key, before, key) == before))
			return way;
	}
	return key & (DP_LIMITER_WAYS - 1);
}

#endif
