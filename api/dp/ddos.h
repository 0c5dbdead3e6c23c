/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Protection of a VRF's hosts against floods: what its profile says, in the bank, and outside what packets note, in
 * sets like those of limiters (api/dp/limiter.h). The lower half of the sets has buckets by destination, the upper half
 * what is believed until a time: sources that have proved themselves, and requests that responses may answer.
 */
#ifndef SLUICE_DP_DDOS_H
#define SLUICE_DP_DDOS_H

#include "api/dp/limiter.h"

#define DP_DDOS_PORTS 32

/* Index: VRF id. */
struct dp_ddos {
	struct dp_rate syn;	      /* by destination, in packets; no cost: SYNs are not looked at */
	struct dp_rate amplification; /* likewise, of packets from the ports that answer nothing */
	__u64 filter;		      /* bit dp_ddos_bit() per port below */
	__u16 port[DP_DDOS_PORTS];    /* of UDP, host order; 0: none */
	__u64 pad[3];
};

/* Nearly every port that is none of a profile's has another bit than all of those. */
static inline __u64 dp_ddos_bit(__u16 port)
{
	return 1ULL << ((__u16)(port * 40503U) >> 10);
}

_Static_assert(sizeof(struct dp_ddos) == 128, "dp_ddos");

#endif
