/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counters: an array a CPU outside the banks, so that they survive commits. */
#ifndef SLUICE_DP_COUNTERS_H
#define SLUICE_DP_COUNTERS_H

#include <linux/types.h>

#include "api/dp/limits.h"

struct dp_counter {
	__u64 packets;
	__u64 bytes;
};

#define DP_COUNTER_REASONS     0  /* + enum dp_reason */
#define DP_COUNTER_RX	       64 /* + interface id */
#define DP_COUNTER_TX	       (DP_COUNTER_RX + DP_MAX_INTERFACES + 1)
#define DP_COUNTER_DECAP       (DP_COUNTER_TX + DP_MAX_INTERFACES + 1) /* + tunnel id */
#define DP_COUNTER_ENCAP       (DP_COUNTER_DECAP + DP_MAX_TUNNEL_ENDPOINTS + 1)
#define DP_COUNTER_STAGES      (DP_COUNTER_ENCAP + DP_MAX_TUNNEL_ENDPOINTS + 1)	 /* + port pair group id */
#define DP_COUNTER_CLASSIFIERS (DP_COUNTER_STAGES + DP_MAX_PORT_PAIR_GROUPS + 1) /* + flow classifier id */
#define DP_COUNTER_PENDING     (DP_COUNTER_CLASSIFIERS + DP_MAX_CLASSIFIERS + 1)
#define DP_COUNTER_ROUTES      (DP_COUNTER_PENDING + 1 + DP_PENDING_ROUTES) /* + route id; max_routes sets the end */

/*
 * A route's counter is seldom in the cache. Packets are noted down here first and counted many at a time, so that one
 * wait for memory serves all: DP_COUNTER_PENDING itself has the number of notes in `packets` and in `bytes` a number
 * that is odd while they are being counted; each note behind it has a route id (0: none) in `packets` and the packet's
 * length in `bytes`. Whoever reads a route's counter adds its notes.
 */
#define DP_PENDING_ROUTES 32

#endif
