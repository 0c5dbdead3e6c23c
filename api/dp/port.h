/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* By which device and VLAN a packet arrives, and what that makes of it. */
#ifndef SLUICE_DP_PORT_H
#define SLUICE_DP_PORT_H

#include <linux/types.h>

/* Hash table; key: the first 8 bytes. */
struct dp_port {
	__u32 ifindex; /* 0: empty slot */
	__u16 vlan_id; /* 0: untagged */
	__u16 inner_vlan_id;
	__u16 vrf;
	__u16 interface; /* counter */
	__u16 stage;	 /* of a stage's port: where its packets go next; 0: on by the FIB */
	__u8 from_stage; /* 1: packets come back from a stage and are not classified again */
	__u8 features;	 /* DP_FEATURE_* of its VRF; 0 where packets come back from a stage */
	__u8 mac[6];
	__u16 mtu;    /* of the device: largest IP packet */
	__u8 tc_only; /* the device can't transmit for XDP */
	__u8 pad[7];
};

/*
 * The VLAN id, which no frame has, in the key of a further row that an interface with a VLAN has for the kernel's
 * device of that VLAN, if there is one: the kernel's routes lead to that (Vrf.fallback).
 */
#define DP_PORT_VLAN_DEVICE 0xffff

/* The key of a device and its VLANs: the outer one, and above it the inner one. */
static inline __u64 dp_port_key(__u32 ifindex, __u32 vlans)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (__u64)vlans << 32 | ifindex;
#else
	return (__u64)ifindex << 32 | (vlans & 0xffff) << 16 | vlans >> 16;
#endif
}

_Static_assert(sizeof(struct dp_port) == 32, "dp_port");

#endif
