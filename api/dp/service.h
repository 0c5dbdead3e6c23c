/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Services: a load balancer's address leads the FIB's look-up to DP_GROUP_VIP with the load balancer's id for a route;
 * its listener is found by protocol and port, the pool by the listener's shares, and the member by the pool's table,
 * unless a connection (connection.h) knows it.
 *
 * Tables and lists of members lie in one pool of 64-bit words a bank, the same words in both. References are word
 * indices; 0 is "none".
 */
#ifndef SLUICE_DP_SERVICE_H
#define SLUICE_DP_SERVICE_H

#include <linux/types.h>

#include "api/dp/address.h"
#include "api/dp/limits.h"

#define DP_BALANCER_RANGES 8 /* listeners of a load balancer with more than one port */
#define DP_LISTENER_POOLS  8
#define DP_POOL_TRIES	   4 /* rows that a new flow looks at, where members have as many connections as they may */
#define DP_SHARE_ALL	   1000

struct dp_listener_range {
	__u32 listener;
	__u16 first, last; /* host order; both included */
	__u8 protocol;	   /* 0: any that has ports */
	__u8 pad[3];
};

/* Index: load balancer id. */
struct dp_load_balancer {
	struct dp_address vip;
	__u32 seed; /* of its name and VIP alone: flows are shared out alike by all routers that have it */
	__u16 vrf;  /* 0: there is none */
	__u8 ranges;
	__u8 pad;
	struct dp_listener_range range[DP_BALANCER_RANGES];
};

/* Listeners of one port. Hash table; key: the first 8 bytes. */
struct dp_listener_port {
	__u32 load_balancer; /* 0: empty slot */
	__u16 port;	     /* host order */
	__u8 protocol;
	__u8 pad;
	__u32 listener;
	__u32 pad1;
};

/* Index: listener id. The pool is the first whose `until` is above the flow's number of 0 to 999. */
struct dp_listener {
	__u32 load_balancer; /* 0: there is none */
	__u32 incarnation;   /* as a member's: of its name, VIP and ports */
	__u32 pool[DP_LISTENER_POOLS];
	__u16 until[DP_LISTENER_POOLS];
	__u8 pools;
	__u8 pad[7];
};

enum dp_pool_flags {
	DP_POOL_STATELESS = 1, /* no connections are remembered */
	DP_POOL_SOURCE = 2,    /* the flow's number is that of its source, masked, */
	DP_POOL_QUIC = 4,      /* or the connection ID says the member */
	DP_POOL_DIRECT = 8,    /* packets go to members as they are; else members' addresses are put into them */
};

enum dp_on_down { DP_ON_DOWN_REHASH, DP_ON_DOWN_KEEP, DP_ON_DOWN_RESET };

/*
 * Index: pool id. A table has 16-bit row numbers in `list`, four a word, lowest first; a flow's row is its 32-bit
 * number * rows / 2^32. The list has member ids of 32 bits, two a word.
 */
struct dp_pool {
	__u32 table, rows; /* rows 0: no member can take a flow */
	__u32 list;
	__u32 members;		       /* in the list */
	__u32 previous, previous_rows; /* the table before the last change, for as long as that counts */
	__u32 previous_list, previous_members;
	__u32 overflow; /* pool id; 0: none */
	__u32 limit;	/* connections of a member; 0: none */
	__u32 affinity; /* ticks of connection.h that a source stays with its member; 0: no longer than the table */
	__u8 flags;	/* DP_POOL_*; 0 with `members` 0: there is none */
	__u8 on_down;	/* enum dp_on_down */
	__u8 prefix4, prefix6; /* bits of a source that count */
};

enum dp_member_state {
	DP_MEMBER_NONE,
	DP_MEMBER_ACTIVE,
	DP_MEMBER_DRAINING,
	DP_MEMBER_DOWN,
	DP_MEMBER_QUARANTINED,
};

/*
 * Index: member id. What a connection remembers of a member is its id and its incarnation: a number made of the names
 * of pool and member, the address, the port and the way there alone, so that it outlives restarts and no other member
 * has it.
 */
struct dp_member {
	struct dp_address address;
	__u32 incarnation; /* never 0 */
	__u32 pool;
	__u32 group; /* next-hop group of a direct member; 0: by its address */
	__u16 port;  /* host order; 0: the packet's */
	__u8 state;  /* enum dp_member_state */
	__u8 pad;
};

/* Whose packets may be answers of members that have the VIP put into them: a look-up that spares others the one for
 * their connection. Hash table; key: the first 24 bytes. */
struct dp_answerer {
	struct dp_address address;
	__u16 vrf; /* 0: empty slot */
	__u16 pad;
	__u32 pad1;
	__u64 members;
};

/* By connection ID. Hash table; key: the first 8 bytes. */
struct dp_quic_member {
	__u32 pool; /* 0: empty slot */
	__u16 server_id;
	__u16 pad;
	__u32 member;
	__u32 pad1;
};

/* What packets write of a member, so it lies outside the banks; the daemon's sweeper corrects `connections`. Index:
 * member id. */
struct dp_member_load {
	__u64 connections;
	__u64 opened;
};

_Static_assert(sizeof(struct dp_load_balancer) == 120, "dp_load_balancer");
_Static_assert(sizeof(struct dp_listener_port) == 16, "dp_listener_port");
_Static_assert(sizeof(struct dp_listener) == 64, "dp_listener");
_Static_assert(sizeof(struct dp_pool) == 48, "dp_pool");
_Static_assert(sizeof(struct dp_member) == 32, "dp_member");
_Static_assert(sizeof(struct dp_answerer) == 32, "dp_answerer");
_Static_assert(sizeof(struct dp_quic_member) == 16, "dp_quic_member");
_Static_assert(sizeof(struct dp_member_load) == 16, "dp_member_load");

#endif
