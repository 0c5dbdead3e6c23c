/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the router needs to answer by itself: from which address, how often, and for which stations besides. */
#ifndef SLUICE_DP_ANSWER_H
#define SLUICE_DP_ANSWER_H

#include <linux/types.h>

#include "api/dp/address.h"

/* Addresses that answers come from; IPv6 ::, IPv4 0: there is none. */
struct dp_answer_source {
	struct dp_address ipv6;
	__u32 ipv4; /* network order */
	__u32 pad;
};

/* Index: VRF id. */
struct dp_vrf_answer {
	struct dp_answer_source source;
	__u32 error_interval; /* nanoseconds between ICMP errors, in the long run */
	__u8 kernel;	      /* 1: sockets of the host serve the VRF's own addresses */
	__u8 pad[3];
};

#define DP_ADDITIONAL_MACS 4

/* Index: interface id. */
struct dp_port_answer {
	struct dp_answer_source source;	 /* of what answers packets from there, before the VRF's */
	__u8 mac[DP_ADDITIONAL_MACS][6]; /* further MACs of this station; zeros: none */
};

/* A neighbour for whom Sluice answers who asks for its MAC. Hash table; key: the first 24 bytes. */
struct dp_neighbor {
	struct dp_address address;
	__u16 vrf;    /* 0: empty slot */
	__u16 pad[3]; /* 0 */
	__u8 mac[6];  /* its own; zeros: not known */
	__u8 router;  /* 1: the answer has the router's MAC, 0: the neighbour's own */
	__u8 pad1;
};

#define DP_ERROR_RATE  1000 /* ICMP errors a second and VRF, unless it says another number */
#define DP_ERROR_BURST 50   /* of them at once */

_Static_assert(sizeof(struct dp_vrf_answer) == 32, "dp_vrf_answer");
_Static_assert(sizeof(struct dp_port_answer) == 48, "dp_port_answer");
_Static_assert(sizeof(struct dp_neighbor) == 32, "dp_neighbor");

#endif
