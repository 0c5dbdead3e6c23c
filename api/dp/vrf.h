/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a VRF has besides its routes. */
#ifndef SLUICE_DP_VRF_H
#define SLUICE_DP_VRF_H

#include <linux/types.h>

/* Index: VRF id. */
struct dp_vrf {
	__u32 classifier_first; /* index of this VRF's first in classifiers[]; they follow each other in match order */
	__u16 classifier_count;
	__u8 router_mac[6];
	__u32 pad;
};

_Static_assert(sizeof(struct dp_vrf) == 16, "dp_vrf");

#endif
