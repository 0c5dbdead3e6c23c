/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon writes and the XDP program reads. Every table exists twice, in bank 0 and bank 1; the low bit of the
 * generation says which bank packets read. The daemon maps the whole of struct dp_state and writes only the idle bank.
 *
 * Numbers are in host byte order unless a field says "network order"; addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d.
 */
#ifndef SLUICE_DP_TABLES_H
#define SLUICE_DP_TABLES_H

#include <linux/types.h>

#include "fib.h"
#include "limits.h"

struct dp_address {
	union {
		__u8 byte[16];
		__u32 word[4]; /* network order */
		__u64 half[2]; /* network order */
	};
};

/* Device and VLAN by which a packet arrives. Hash table; key: the first 8 bytes. */
struct dp_port {
	__u32 ifindex; /* 0: empty slot */
	__u16 vlan_id; /* 0: untagged */
	__u16 inner_vlan_id;
	__u16 vrf;
	__u16 interface; /* counter */
	__u16 stage;	 /* of a stage's port: where its packets go next; 0: on by the FIB */
	__u8 from_stage; /* 1: packets come back from a stage and are not classified again */
	__u8 pad0;
	__u8 mac[6];
	__u8 pad1[2];
	__u64 pad2;
};

struct dp_vrf {
	struct dp_fib_tree ipv4;
	struct dp_fib_tree6 ipv6;
	__u32 classifier_first; /* index of this VRF's first in classifiers[]; they follow each other in match order */
	__u16 classifier_count;
	__u8 router_mac[6];
};

/* Our end of tunnels. Hash table; key: the first 24 bytes. */
struct dp_vtep {
	struct dp_address local;
	__u16 underlay_vrf;
	__u16 udp_port; /* network order */
	__u32 pad;	/* 0 */
	__u16 id;	/* for dp_vni; 0: empty slot */
	__u8 kind;	/* enum dp_tunnel_kind */
	__u8 pad1[5];
};

/* Which remote may send which VNI. Hash table; key: the first 24 bytes. Remote :: says only "this VNI is bound". */
struct dp_vni {
	struct dp_address remote;
	__u32 vni;
	__u16 vtep; /* id of the dp_vtep; 0: empty slot */
	__u16 pad0; /* 0 */
	__u16 vrf;
	__u16 tunnel; /* counter; 0 in the entry for "is bound" */
	__u32 pad;
};

enum dp_tunnel_kind { DP_TUNNEL_VXLAN = 1, DP_TUNNEL_GENEVE = 2 };

/* How to reach a remote VTEP. Index: tunnel id. */
struct dp_tunnel {
	struct dp_address local;
	struct dp_address remote;
	__u16 underlay_vrf;
	__u16 udp_port; /* network order */
	__u8 kind;	/* enum dp_tunnel_kind */
	__u8 ipv6;	/* the outer header is IPv6 */
	__u8 pad[2];
};

/* A frame's way out of a device. */
struct dp_egress {
	__u32 ifindex;
	__u16 mtu;	 /* of the device: largest IP packet */
	__u16 interface; /* counter */
	__u16 vlan_id;	 /* 0: send untagged */
	__u16 inner_vlan_id;
	__u8 dst_mac[6];
	__u8 src_mac[6];
};

enum dp_next_hop_kind {
	DP_NEXT_HOP_NONE,    /* drop as no_next_hop */
	DP_NEXT_HOP_GATEWAY, /* out by egress */
	DP_NEXT_HOP_TUNNEL,  /* inner MACs of egress, then by tunnel and vni */
	DP_NEXT_HOP_DISCARD,
	DP_NEXT_HOP_UNRESOLVED,
};

struct dp_next_hop {
	__u8 kind; /* enum dp_next_hop_kind */
	__u8 pad;
	__u16 tunnel; /* index in tunnels[] */
	__u32 vni;
	struct dp_egress egress;
};

/* Index: group id. Members own buckets by weight; only a lost member's buckets change hands. */
struct dp_group {
	__u32 bucket[DP_GROUP_BUCKETS]; /* next hop ids */
};

/* One stage of a chain in one direction. Index: stage id. */
struct dp_stage {
	__u32 count;	       /* live members; 0: drop as chain_stage_down */
	__u16 port_pair_group; /* counter */
	__u16 pad;
	struct dp_egress member[DP_STAGE_MEMBERS];
};

/* Matches when (packet ^ value) & mask is zero for both addresses and the rest agrees. */
struct dp_classifier {
	struct dp_address src, src_mask;
	struct dp_address dst, dst_mask;
	__u16 src_port_first, src_port_last; /* host order; 0..65535: any */
	__u16 dst_port_first, dst_port_last;
	__u8 family;   /* 4, 6, or 0: both */
	__u8 protocol; /* 0: any */
	__u16 stage;   /* first stage; 0: on by the FIB */
	__u32 id;      /* counter */
};

struct dp_bank {
	struct dp_port ports[DP_PORT_SLOTS];
	struct dp_vrf vrfs[DP_MAX_VRFS + 1];
	struct dp_vtep vteps[DP_VTEP_SLOTS];
	struct dp_vni vnis[DP_VNI_SLOTS];
	struct dp_tunnel tunnels[DP_MAX_TUNNEL_ENDPOINTS + 1];
	struct dp_next_hop next_hops[DP_MAX_NEXT_HOPS + 1];
	struct dp_group groups[DP_MAX_GROUPS + 1];
	struct dp_stage stages[DP_STAGES];
	struct dp_classifier classifiers[DP_CLASSIFIERS];
	/* Not last: what a masked index refers to may run over the end. Blocks must not straddle lines of the cache. */
	__u64 fib[DP_FIB_WORDS] __attribute__((aligned(64)));
	__u64 tunnel_ports[65536 / 64]; /* bit per UDP port (host order): some VTEP listens there */
};

struct dp_state {
	__u64 generation; /* low bit: the bank that packets read */
	__u64 pad[7];
	struct dp_bank bank[2];
};

/* The counters: an array a CPU outside the banks, so they survive commits. */
struct dp_counter {
	__u64 packets;
	__u64 bytes;
};

#define DP_COUNTER_REASONS     0  /* + enum dp_reason */
#define DP_COUNTER_RX	       64 /* + interface id */
#define DP_COUNTER_TX	       (DP_COUNTER_RX + DP_MAX_INTERFACES + 1)
#define DP_COUNTER_DECAP       (DP_COUNTER_TX + DP_MAX_INTERFACES + 1) /* + tunnel id */
#define DP_COUNTER_ENCAP       (DP_COUNTER_DECAP + DP_MAX_TUNNEL_ENDPOINTS + 1)
#define DP_COUNTER_STAGES      (DP_COUNTER_ENCAP + DP_MAX_TUNNEL_ENDPOINTS + 1)	 /* + port pair group id */
#define DP_COUNTER_CLASSIFIERS (DP_COUNTER_STAGES + DP_MAX_PORT_PAIR_GROUPS + 1) /* + flow classifier id */
#define DP_COUNTER_PENDING     (DP_COUNTER_CLASSIFIERS + DP_MAX_CLASSIFIERS + 1)
#define DP_COUNTER_ROUTES      (DP_COUNTER_PENDING + 1 + DP_PENDING_ROUTES) /* + route id; max_routes sets the end */

/*
 * A route's counter is seldom in the cache. Packets are noted down here first and counted many at a time, so that one
 * wait for memory serves all: DP_COUNTER_PENDING itself has the number of notes in `packets` and in `bytes` a number
 * that is odd while they are being counted; each note behind it has a route id (0: none) in `packets` and the packet's
 * length in `bytes`. Whoever reads a route's counter adds its notes.
 */
#define DP_PENDING_ROUTES 32

_Static_assert(sizeof(struct dp_address) == 16, "dp_address");
_Static_assert(sizeof(struct dp_port) == 32, "dp_port");
_Static_assert(sizeof(struct dp_vrf) == 32, "dp_vrf");
_Static_assert(sizeof(struct dp_vtep) == 32, "dp_vtep");
_Static_assert(sizeof(struct dp_vni) == 32, "dp_vni");
_Static_assert(sizeof(struct dp_tunnel) == 40, "dp_tunnel");
_Static_assert(sizeof(struct dp_egress) == 24, "dp_egress");
_Static_assert(sizeof(struct dp_next_hop) == 32, "dp_next_hop");
_Static_assert(sizeof(struct dp_stage) == 392, "dp_stage");
_Static_assert(sizeof(struct dp_classifier) == 80, "dp_classifier");
_Static_assert(DP_MAX_GROUPS < DP_GROUP_LOCAL, "a group fits in a result of the FIB");
_Static_assert(DP_MAX_ROUTES >> (DP_FIB_ROUTE_LOW + DP_FIB_ROUTE_HIGH) == 0, "a route, too");

#endif
