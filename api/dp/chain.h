/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Port chains: where each stage sends packets. */
#ifndef SLUICE_DP_CHAIN_H
#define SLUICE_DP_CHAIN_H

#include <linux/types.h>

#include "api/dp/egress.h"
#include "api/dp/limits.h"

/* One stage of a chain in one direction. Index: stage id. */
struct dp_stage {
	__u32 count;	       /* live members; 0: drop as chain_stage_down */
	__u16 port_pair_group; /* counter */
	__u16 pad;
	__u32 seed; /* of the group's name: each group shares flows out in its own way, the same in both directions */
	struct dp_egress member[DP_STAGE_MEMBERS]; /* those that are live */
	__u8 bucket[DP_STAGE_BUCKETS];		   /* which of them; only the buckets of a lost one change hands */
};

_Static_assert(sizeof(struct dp_stage) == 524, "dp_stage");

#endif
