/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The FIB's memory: one pool of 64-bit words a bank, in it for every VRF and family a trie of 8-bit strides under a
 * direct-indexed root.
 *
 *   root    2^width entries, indexed by the address's first `width` bits, 2, 10 or 18. An entry leads to the result of
 *           the longest prefix or, where there are longer ones than the root is wide, to a table.
 *   table   answers for all values of the next 6 bits, its slots: so the nodes begin at whole bytes of the address.
 *   node    answers for all values of the next 8 bits. They hang wherever two ways part or a prefix ends, the bits
 *           skipped on the way are compared with a key, and at bit 64 there always is one on a path beyond.
 *   result  40 bits that tell where a packet goes. Equal neighbours among the slots share one: a bit says that a
 *           slot's result is another one than the slot's before it, and the number of bits up to a slot is the index
 *           of its result. They lie behind the bits in slot order and without gaps.
 *
 * Lines of the memory that no cache has cost more than all the rest of a lookup. So the root is small, to stay in the
 * cache, and a table has its bits, its leaf and its results together.
 *
 * Prefixes are pushed down to the slots of the one node or table that holds them, or to the entries of the root, and
 * no further than to the tables or nodes which these lead to: where a slot's result is 0, the longest match above it
 * counts, the leaf. Behind the results come, up to the end of their block or a 0, those of prefixes that no slot shows,
 * as longer ones or nodes cover them all: packets never read these, the daemon needs them.
 *
 * References are word indices into the pool; 0 is "none", and the pool's first words are always 0.
 */
#ifndef SLUICE_DP_FIB_H
#define SLUICE_DP_FIB_H

#include <linux/types.h>

#define DP_FIB_LINE	  64 /* bytes of a cache line, where all but small blocks begin */
#define DP_FIB_TABLE_BITS 6
#define DP_FIB_NODE_BITS  8
#define DP_FIB_NODE_WORDS 6

/* Where a VRF's tree of one family starts. */
struct dp_fib_tree {
	__u32 root;  /* word index of the root's first two entries; 0: no routes */
	__u32 width; /* bits that index the root */
};

/*
 * IPv6's has shortcuts besides: a hash table from the first 32 bits of an address to the first node behind them that
 * a walk from the root comes to. Most of the Internet's prefixes are longer than that, and a walk that begins at such
 * a node saves the root, a table and a node. It does not see a match above the node's own leaf: if it finds none, it
 * begins again at the root. A way without a shortcut takes longer and finds the same.
 *
 * A slot is a word: the 32 bits in its upper half, the jump's lower half below; 0: free. Buckets have four slots, of
 * which any may be a way's.
 */
struct dp_fib_tree6 {
	struct dp_fib_tree tree;
	__u32 shortcuts; /* word index of the first bucket; from bit 23 on, log2 of the number of buckets; 0: none */
};

/* Both trees of a VRF. Index: VRF id. */
struct dp_fib_trees {
	struct dp_fib_tree ipv4;
	struct dp_fib_tree6 ipv6;
	__u32 pad[3];
};

#define DP_FIB_SHORTCUT_BITS   32
#define DP_FIB_SHORTCUT_BUCKET 4
#define DP_FIB_SHORTCUT_SHIFT  23

/* Word index of the bucket of an address's first 32 bits. */
static inline __u32 dp_fib_shortcut_bucket(__u32 shortcuts, __u32 bits)
{
	__u32 hash = (bits * 0x9e3779b97f4a7c15ULL) >> 32;
	__u32 bucket = hash & ((1U << (shortcuts >> DP_FIB_SHORTCUT_SHIFT & 31)) - 1);

	return (shortcuts + bucket * DP_FIB_SHORTCUT_BUCKET) & ((1U << DP_FIB_SHORTCUT_SHIFT) - 1);
}

/* An entry of the root: word index of its table, if bit 31 is set, or of a result that it may share with others. */
#define DP_FIB_TABLE (1U << 31)

/*
 * A table: 8 bytes, of which bit s says that slot s has another result than slot s - 1 (bit 0 is clear), the leaf, and
 * the results.
 */
#define DP_FIB_TABLE_LEAF    8
#define DP_FIB_TABLE_RESULTS (DP_FIB_TABLE_LEAF + DP_FIB_RESULT_BYTES)

struct dp_fib_node {
	__u64 key;  /* the address's bits before the node, the first one highest, in its half of 64 bits */
	__u64 leaf; /* a result; above, 8 bits each: changes in the words before the second, the third, the fourth */
	__u64 changes[4]; /* as a table's, of 256 slots */
};

/*
 * A result, 5 bytes, little endian.
 *   a prefix's  group (15 bits), the lower bits of the route (16), 0, the route's upper bits (7), and one that is the
 *               daemon's
 *   a jump      word index of the node (23 bits), its offset in the address (4) in bytes, and bit 31
 */
#define DP_FIB_RESULT_BYTES 5
#define DP_FIB_RESULT_BITS  40
#define DP_FIB_GROUP_BITS   15
#define DP_FIB_ROUTE_LOW    16
#define DP_FIB_ROUTE_HIGH   7
#define DP_FIB_NODE_SHIFT   23
#define DP_FIB_JUMP	    (1U << 31)

/*
 * Group ids with a meaning of their own. With some of them the leaf has no route but the number of a row: what is on
 * the link of an interface goes by links[interface], which asks the kernel for the neighbour, and a host there whose
 * MAC is known by hosts[route]; row 0 of hosts[] is that of hosts which do not answer.
 */
#define DP_GROUP_NONE	   0
#define DP_GROUP_KERNEL	   (DP_GROUP_LOCAL - 6) /* of packets alone: by a route of the kernel's (Vrf.fallback) */
#define DP_GROUP_HOST	   (DP_GROUP_LOCAL - 5)
#define DP_GROUP_BROADCAST (DP_GROUP_LOCAL - 4) /* of a link: nothing goes there (RFC 2644) */
#define DP_GROUP_CONNECTED (DP_GROUP_LOCAL - 3)
#define DP_GROUP_VIP	   (DP_GROUP_LOCAL - 2)		   /* of a load balancer, by its id (service.h) */
#define DP_GROUP_ANYCAST   (DP_GROUP_LOCAL - 1)		   /* of all routers on a link (RFC 4291 2.6.1): ours, too */
#define DP_GROUP_LOCAL	   ((1U << DP_FIB_GROUP_BITS) - 1) /* an address of the router: to the kernel */

/* Is an address that leads there the router's own? */
static inline int dp_group_is_own(__u32 group)
{
	return group >= DP_GROUP_ANYCAST;
}

/* Does the router answer ARP, neighbour discovery and echo requests for it? */
static inline int dp_group_answers(__u32 group)
{
	return group >= DP_GROUP_VIP;
}

/* What a matching packet does. */
struct dp_fib_leaf {
	__u32 group; /* next-hop group */
	__u32 route; /* counter: DP_COUNTER_ROUTES + route; or see above */
};

_Static_assert(sizeof(struct dp_fib_tree6) == 12, "dp_fib_tree6");
_Static_assert(sizeof(struct dp_fib_trees) == 32, "dp_fib_trees");
_Static_assert(sizeof(struct dp_fib_node) == DP_FIB_NODE_WORDS * 8, "dp_fib_node");

#endif
