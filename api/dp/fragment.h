/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What first fragments leave for the later ones of their packets, which have no ports. Packets write it, so it lies
 * outside the banks: a table of sets, each a line of the cache.
 */
#ifndef SLUICE_DP_FRAGMENT_H
#define SLUICE_DP_FRAGMENT_H

#include <linux/types.h>

#define DP_FRAGMENT_SETS 4096
#define DP_FRAGMENT_WAYS 4

/* Written by several CPUs without a lock: half of one and half of another do not fit together, and count as none. */
struct dp_fragment {
	__u64 check; /* the packet's key ^ value */
	__u64 value; /* source port, destination port above it, then the protocol, and in 24 bits the time */
};

struct dp_fragment_set {
	struct dp_fragment way[DP_FRAGMENT_WAYS];
};

_Static_assert(sizeof(struct dp_fragment_set) == 64, "dp_fragment_set");

#endif
