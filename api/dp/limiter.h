/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rates of QoS policies (configuration, in the banks), and the buckets that packets fill, which lie outside.
 *
 * A bucket is one number, the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371): how far it is
 * ahead of the clock says how full the bucket is. As that is a time and no amount, a bucket stays as full as it was
 * when its rate changes. Times are CLOCK_MONOTONIC's in units of 1/64 ns, which 64 bits hold for nine years.
 */
#ifndef SLUICE_DP_LIMITER_H
#define SLUICE_DP_LIMITER_H

#include <linux/types.h>

#define DP_LIMITER_UNIT	   6  /* a nanosecond is 1 << this */
#define DP_LIMITER_COST	   16 /* a cost is in units << this */
#define DP_LIMITER_PACKETS 8  /* and where packets count, << this */
#define DP_LIMITER_WAYS	   4

#define DP_DSCP_KEEP 0xff

enum dp_limiter_scope {
	DP_LIMITER_ONE,	      /* one bucket */
	DP_LIMITER_INTERFACE, /* one for each interface by which packets come */
	DP_LIMITER_SOURCE,    /* one for each source prefix */
};

struct dp_rate {
	__u64 cost;  /* time that a byte or a packet takes; 0: there is no such rate */
	__u64 burst; /* time for which the bucket may be ahead */
};

/* Index: id of the QoS policy. One line of the cache: what its limiter says is in it. */
struct dp_qos_policy {
	struct dp_rate rate;
	struct dp_rate excess;	/* RFC 4115: what exceeds `rate` may take this */
	__u64 tag;		/* of the limiter's, among all buckets in sets */
	__u32 limiter;		/* its id; 0: none */
	__u8 scope;		/* enum dp_limiter_scope */
	__u8 packets;		/* 1: packets are counted, else bytes */
	__u8 precise;		/* 1: the bursts are too short for a clock of ticks */
	__u8 dscp, excess_dscp; /* to be marked with; DP_DSCP_KEEP */
	__u8 source_length4, source_length6;
	__u8 pad[13];
};

/* Index: id of the limiter. Row 0 is the clock of ticks: the time when the last one was noticed, and its number. */
struct dp_limiter {
	__u64 time;
	__u64 excess_time; /* row 0: number of the tick */
	__u64 pad[6];	   /* CPUs share no line of the cache but for the same limiter */
};

/*
 * Buckets by interface and by source: sets of ways, first those of interfaces, then as many of sources. A bucket whose
 * times have passed is like new, so its way is free for another key. Where all four are in use by others the key shares
 * one with them: then both together get one rate, and nobody more.
 */
struct dp_limiter_way {
	__u64 key; /* salted hash of the limiter's tag and the interface or prefix */
	__u64 time;
};
struct dp_limiter_set {
	struct dp_limiter_way way[DP_LIMITER_WAYS];
	__u64 excess_time[DP_LIMITER_WAYS];
	__u64 pad[4];
};

_Static_assert(sizeof(struct dp_qos_policy) == 64, "a line of the cache");
_Static_assert(sizeof(struct dp_limiter) == 64, "a line of the cache");
_Static_assert(sizeof(struct dp_limiter_set) == 128, "dp_limiter_set");

#endif
