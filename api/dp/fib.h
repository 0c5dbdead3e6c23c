/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The FIB's memory: one pool of 64-bit words a bank, in it for every VRF and family a trie of 8-bit strides under a
 * direct-indexed root.
 *
 *   root    2^width results, indexed by the address's first `width` bits, 2, 10 or 18.
 *   node    answers for all values of the next bits, its slots: 6 bits after a root, so that the others begin at whole
 *           bytes of the address; 8 in these. They hang wherever at least two ways part or a prefix ends, the bits
 *           skipped on the way are compared with a key, and at bit 64 there always is one on a path that goes beyond.
 *   result  32 bits that tell where a packet goes, and 16 more. Equal neighbours among a node's slots share one: a bit
 *           says that a slot's result is another one than the slot's before it, and the number of bits up to a slot is
 *           the index of its result. The 32 bits follow the node in slot order; the 16 precede it, backwards: fewer
 *           bytes to wait for.
 *
 * Prefixes are pushed down to the slots of the one node, or the entries of the root, that hold them, and no further
 * than to the nodes which these lead to: where a slot's result is 0, the longest match above it counts. Behind a node's
 * results come, up to the end of its block or a 0, those of its prefixes that no slot shows, as longer ones or nodes
 * cover them all: packets never read these, the daemon needs them.
 *
 * References are word indices into the pool; 0 is "none", and the pool's first words are always 0.
 */
#ifndef SLUICE_DP_FIB_H
#define SLUICE_DP_FIB_H

#include <linux/types.h>

#define DP_FIB_TOP_BITS	  6
#define DP_FIB_TOP_WORDS  2
#define DP_FIB_NODE_BITS  8
#define DP_FIB_NODE_WORDS 7

/* Where a VRF's tree of one family starts. */
struct dp_fib_tree {
	__u32 root;  /* word index of the root's first entry; 0: no routes */
	__u32 width; /* bits that index the root */
};

struct dp_fib_root {
	__u32 result;
	__u32 more; /* 16 bits */
};

/* The node that a root's jump leads to. */
struct dp_fib_top {
	__u64 leaf;    /* result of the longest prefix that the root has for all of it, or 0: 32 bits, 16 above them */
	__u64 changes; /* bit s: slot s has another result than slot s - 1; bit 0 is clear */
};

struct dp_fib_node {
	__u64 key;	  /* the address's bits before the node, the first one highest, in its half of 64 bits */
	__u64 leaf;	  /* result of the longest prefix that its parent has for all of it, or 0 */
	__u16 rank[4];	  /* changes in the words before this one */
	__u64 changes[4]; /* of 256 slots */
};

/*
 * A result's 32 bits.
 *   a prefix's  group (15 bits), the lower bits of the route (16)
 *   a jump      word index of the node (23 bits), its offset in the address (4) in bytes, and bit 31
 * The 16 bits of a prefix's: its code, 1 << l | the prefix's l bits within its node (9, of use to the daemon),
 * and the upper bits of the route (6).
 */
#define DP_FIB_GROUP_BITS 15
#define DP_FIB_ROUTE_LOW  16
#define DP_FIB_CODE_BITS  9
#define DP_FIB_NODE_SHIFT 23
#define DP_FIB_JUMP	  (1U << 31)

/* Group ids with a meaning of their own. */
#define DP_GROUP_NONE  0
#define DP_GROUP_LOCAL ((1U << DP_FIB_GROUP_BITS) - 1) /* an address of the router: to the kernel */

/* What a matching packet does. */
struct dp_fib_leaf {
	__u32 group; /* next-hop group */
	__u32 route; /* counter: DP_COUNTER_ROUTES + route */
};

_Static_assert(sizeof(struct dp_fib_root) == 8, "dp_fib_root");
_Static_assert(sizeof(struct dp_fib_top) == DP_FIB_TOP_WORDS * 8, "dp_fib_top");
_Static_assert(sizeof(struct dp_fib_node) == DP_FIB_NODE_WORDS * 8, "dp_fib_node");

#endif
