/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The FIB's memory: one pool of 64-bit words a bank, in it for every VRF and family a tree bitmap (Eatherton, Varghese,
 * Dittia 2004) of 6-bit strides under a direct-indexed root. Nothing is pushed down below the root, so a route's change
 * touches the one node that holds its prefix.
 *
 *   root    2^width entries, indexed by the address's first `width` bits; holds the prefixes shorter than `width`. The
 *           width is 1, 7, 13 or 19, so that nodes start at 1, 7, 13, 19, 25, 31, ... whatever the width, and a /24 is
 *           the last length of a node.
 *   node    three words for bit offset o: holds the prefixes of length o .. o+5, and its children start at o+6. The
 *           leaves of a root entry's node follow it at once: one page of memory less for most packets.
 *   leaf    one word: what a matching packet does.
 *
 * References are word indices into the pool; 0 is "none" (word 0 is never used).
 */
#ifndef SLUICE_DP_FIB_H
#define SLUICE_DP_FIB_H

#include <linux/types.h>

#define DP_FIB_STRIDE	  6
#define DP_FIB_NODE_WORDS 3

/* Where a VRF's tree of one family starts. */
struct dp_fib_tree {
	__u32 root;  /* word index of the root's first entry; 0: no routes */
	__u32 width; /* bits that index the root */
};

struct dp_fib_root {
	__u32 node; /* continues here, or 0 */
	__u32 leaf; /* longest match among the prefixes shorter than width, or 0 */
};

struct dp_fib_node {
	__u64 children;	  /* bit s: slot s (the next 6 bits) continues in a child */
	__u64 prefixes;	  /* bit (2^l - 1 + p): the prefix whose l = 0..5 bits after o have the value p */
	__u32 child_base; /* word index of the children, in slot order */
	__u32 leaf_base;  /* word index of the leaves, in bit order */
};

/* Group ids with a meaning of their own. */
#define DP_GROUP_NONE  0
#define DP_GROUP_LOCAL (~0U) /* an address of the router: to the kernel */

struct dp_fib_leaf {
	__u32 group; /* next-hop group */
	__u32 route; /* counter: DP_COUNTER_ROUTES + route */
};

#endif
