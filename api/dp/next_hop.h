/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Next hops and the groups that share packets out among them. */
#ifndef SLUICE_DP_NEXT_HOP_H
#define SLUICE_DP_NEXT_HOP_H

#include <linux/types.h>

#include "api/dp/egress.h"
#include "api/dp/limits.h"

enum dp_next_hop_kind {
	DP_NEXT_HOP_NONE,	 /* drop as no_next_hop */
	DP_NEXT_HOP_GATEWAY,	 /* out by egress */
	DP_NEXT_HOP_TUNNEL,	 /* inner MACs of egress, then by tunnel and vni */
	DP_NEXT_HOP_DISCARD,	 /* drop, and say nothing; */
	DP_NEXT_HOP_UNREACHABLE, /* say that there is no way; */
	DP_NEXT_HOP_PROHIBIT,	 /* say that it is not allowed */
	DP_NEXT_HOP_UNRESOLVED,
};

/* Index: next hop id. */
struct dp_next_hop {
	__u8 kind; /* enum dp_next_hop_kind */
	__u8 pad;
	__u16 tunnel; /* index in tunnels[] */
	__u32 vni;
	struct dp_egress egress;
};

/* Index: group id. Members own buckets by weight; only a lost member's buckets change hands. */
struct dp_group {
	__u32 only; /* the next hop of all buckets, so that no packet needs a hash; 0: look at its bucket */
	__u32 member[DP_MAX_GROUP_MEMBERS]; /* next hop ids */
	__u8 bucket[DP_GROUP_BUCKETS];	    /* which of them */
};

_Static_assert(sizeof(struct dp_next_hop) == 32, "dp_next_hop");
_Static_assert(sizeof(struct dp_group) == 1284, "dp_group");

#endif
