/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the router's program of the clsact qdisc leaves with its CPU for the program of the answers, which is the next
 * to meet the same buffer there. Of one CPU; written by packets, so it lies outside the banks.
 */
#ifndef SLUICE_DP_OWED_H
#define SLUICE_DP_OWED_H

#include <linux/types.h>

#define DP_OWED_PACKET 192 /* bytes */

struct dp_owed {
	__u64 packet[DP_OWED_PACKET / 8]; /* struct packet (bpf/packet.h), which only programs know */
	__u32 reason;			  /* enum dp_reason: what the answer is owed for */
	__u32 length;			  /* of the buffer, and the index of its device: it is about no other */
	__u32 ifindex;
	__u8 waits;    /* 1: it has not been answered yet */
	__u8 observed; /* it is: by the twins (api/dp/observe.h) */
	__u8 type;     /* of the packet, as the kernel had it (PACKET_* of linux/if_packet.h) */
	__u8 pad[49];
};

_Static_assert(sizeof(struct dp_owed) == 256, "CPUs share no line of the cache");

#endif
