/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a VRF has besides its routes. */
#ifndef SLUICE_DP_VRF_H
#define SLUICE_DP_VRF_H

#include <linux/types.h>

/*
 * The stages that packets of a VRF need, of those that not every VRF uses: a packet runs no others. They stand on the
 * VRF's row, and on those of its ports, where a packet meets them first. A bit too many costs time, one too few leaves
 * packets unlooked at.
 */
#define DP_FEATURE_DECAP    1  /* tunnel endpoints have it for their underlay */
#define DP_FEATURE_CLASSIFY 2  /* it has flow classifiers */
#define DP_FEATURE_POLICY   8  /* it has rules of a policy */
#define DP_FEATURE_DDOS	    16 /* it has a DDoS profile */
#define DP_FEATURE_SERVICE  32 /* it has pools whose members' answers carry the VIP */
#define DP_FEATURE_PROXY    4  /* Sluice answers for neighbours with its own MAC: who probes them asks Sluice */

/* Of all packets (struct dp_now): they go to the twin that observes them (api/dp/observe.h), */
#define DP_FEATURE_OBSERVE 256
#define DP_FEATURE_SAMPLE  512 /* or of each CPU's one in many */
#define DP_FEATURE_SEEN	   (DP_FEATURE_OBSERVE | DP_FEATURE_SAMPLE)

#define DP_MSS_LEAST 88	   /* of what may be configured */
#define DP_MSS_MOST  65495 /* that a datagram has room for: 65535 less the headers of IPv4 and TCP */

/* Index: VRF id. */
struct dp_vrf {
	__u32 classifier_first; /* index of this VRF's first in classifiers[]; they follow each other in match order */
	__u16 classifier_count;
	__u8 router_mac[6];
	__u8 features;	 /* DP_FEATURE_* */
	__u8 fallback;	 /* 1: what no route is for goes by the kernel's routes */
	__u16 mss_clamp; /* 0: TCP's maximum segment size is left alone; else the largest, DP_MSS_MOST: as ways have it
			  */
	__u32 fallback_table; /* of the kernel's; 0: by its rules */
	__u32 pad;
};

_Static_assert(sizeof(struct dp_vrf) == 24, "dp_vrf");

#endif
