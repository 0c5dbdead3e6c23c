/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The counters: an array a CPU outside the banks, so that they survive commits.
 *
 * A packet does not count itself. It leaves a record with its CPU, and the packet that finds room for no more counts
 * them all: so a packet writes to one place instead of four or more, which are seldom in the cache, and the waits for
 * those overlap. Whoever reads a counter adds what the records that wait have for it.
 */
#ifndef SLUICE_DP_COUNTERS_H
#define SLUICE_DP_COUNTERS_H

#include <linux/types.h>

#include "api/dp/limits.h"
#include "api/dp/reason.h"

struct dp_counter {
	__u64 packets;
	__u64 bytes;
};

#define DP_COUNTER_REASONS     0   /* + enum dp_reason */
#define DP_COUNTER_RX	       256 /* + interface id */
#define DP_COUNTER_TX	       (DP_COUNTER_RX + DP_MAX_INTERFACES + 1)
#define DP_COUNTER_DECAP       (DP_COUNTER_TX + DP_MAX_INTERFACES + 1) /* + tunnel id */
#define DP_COUNTER_ENCAP       (DP_COUNTER_DECAP + DP_MAX_TUNNEL_ENDPOINTS + 1)
#define DP_COUNTER_STAGES      (DP_COUNTER_ENCAP + DP_MAX_TUNNEL_ENDPOINTS + 1)	 /* + port pair group id */
#define DP_COUNTER_CLASSIFIERS (DP_COUNTER_STAGES + DP_MAX_PORT_PAIR_GROUPS + 1) /* + flow classifier id */
#define DP_COUNTER_POLICY      (DP_COUNTER_CLASSIFIERS + DP_MAX_CLASSIFIERS + 1) /* + id of a policy's rule */
#define DP_COUNTER_LIMITERS    (DP_COUNTER_POLICY + DP_MAX_POLICY_IDS + 1)	 /* + rate limiter id: dropped */
#define DP_COUNTER_ROUTES      (DP_COUNTER_LIMITERS + DP_MAX_RATE_LIMITERS + 1) /* + route id; max_routes sets the end */

/*
 * Where routes end, members of services begin, and behind these listeners. A packet to a member counts for it in place
 * of the route to it.
 */
static inline __u32 dp_counter_members(__u32 max_routes)
{
	return DP_COUNTER_ROUTES + max_routes + 1; /* + member id */
}

static inline __u32 dp_counter_listeners(__u32 max_routes, __u32 max_members)
{
	return dp_counter_members(max_routes) + max_members + 1; /* + listener id */
}

/* What one packet adds to: one packet to each that is not 0, and to the reason's counter. */
struct dp_record {
	__u32 length;	      /* bytes of all but the next three */
	__u32 sent;	      /* bytes of tx, encap and port_pair_group */
	__u32 route;	      /* of the packet's VRF, or its member */
	__u32 underlay_route; /* to the remote of its tunnel */
	union {
		struct {
			__u16 reason; /* enum dp_reason */
			__u16 rx, tx; /* interfaces */
			__u16 listener;
		};
		__u64 places; /* of every packet */
	};
	union {
		struct {
			__u16 decap, encap; /* tunnels */
			__u16 classifier;
			__u16 port_pair_group;
		};
		__u64 features; /* 0: a plain packet */
	};
};

#define DP_PENDING_RECORDS 64

/* Packets that follow each other and count alike, while the records are being counted. */
struct dp_run {
	__u32 packets, bytes, sent;
};

/* Of one CPU. `turns` is odd while its records are being counted. */
struct dp_pending {
	__u64 records; /* that wait */
	__u64 turns;
	__u64 until_sample;    /* packets, until one is to be sampled; 0: the next */
	__u64 sample_distance; /* that it began with */
	struct dp_run places, routes;
	__u64 pad;
	struct dp_record record[DP_PENDING_RECORDS];
};

_Static_assert(sizeof(struct dp_record) == 32, "dp_record");
_Static_assert(sizeof(struct dp_pending) % 64 == 0, "CPUs share no line of the cache");
_Static_assert(DP_REASON_COUNT <= DP_COUNTER_RX, "reasons run into the next counters");

#endif
