/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A frame's way out of a device. */
#ifndef SLUICE_DP_EGRESS_H
#define SLUICE_DP_EGRESS_H

#include <linux/types.h>

struct dp_egress {
	__u32 ifindex : 30;
	__u32 resolve : 1; /* dst_mac is not known: the kernel resolves the next hop on the device, and sends then */
	__u32 tc_only : 1; /* the device can't transmit for XDP: the program of the clsact qdisc sends */
	__u16 mtu;	   /* of the device: largest IP packet */
	__u16 interface;   /* counter */
	__u16 vlan_id;	   /* 0: send untagged */
	__u16 inner_vlan_id;
	__u8 dst_mac[6];
	__u8 src_mac[6];
};

_Static_assert(sizeof(struct dp_egress) == 24, "dp_egress");

#endif
