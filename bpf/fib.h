/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage: longest prefix match in one VRF's tree of api/dp/fib.h. The same code runs in the XDP program and in the
 * daemon, whose unit tests therefore test what packets meet.
 *
 * The walk only remembers the deepest node that matched; which of its leaves it is, is counted once at the end. BPF has
 * no popcount instruction. Every index is masked to the pool, so that a bad reference reads a wrong word of it and
 * nothing else: a node may begin at the pool's last word and run over by two, which struct dp_bank allows for.
 */
#ifndef SLUICE_BPF_FIB_H
#define SLUICE_BPF_FIB_H

#include "api/dp/tables.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Nodes on the longest path: one a stride from bit 1 on. */
#define FIB_DEPTH4 6
#define FIB_DEPTH6 22

/* The bits of dp_fib_node.prefixes that hold the prefixes of a 5-bit value, from length 0 to length 5. */
#define FIB_MATCHING(v)                                                                                                \
	(1ULL | 1ULL << (1 + ((v) >> 4)) | 1ULL << (3 + ((v) >> 3)) | 1ULL << (7 + ((v) >> 2)) |                       \
	 1ULL << (15 + ((v) >> 1)) | 1ULL << (31 + (v)))
#define FIB_MATCHING4(v) FIB_MATCHING(v), FIB_MATCHING(v + 1), FIB_MATCHING(v + 2), FIB_MATCHING(v + 3)

static const __u64 fib_matching[32] = {
	FIB_MATCHING4(0),  FIB_MATCHING4(4),  FIB_MATCHING4(8),	 FIB_MATCHING4(12),
	FIB_MATCHING4(16), FIB_MATCHING4(20), FIB_MATCHING4(24), FIB_MATCHING4(28),
};

static __always_inline __u32 fib_popcount(__u64 x)
{
	x -= x >> 1 & 0x5555555555555555ULL;
	x = (x & 0x3333333333333333ULL) + (x >> 2 & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return x * 0x0101010101010101ULL >> 56;
}

static __always_inline __u64 fib_host64(__u64 network_order)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(network_order);
#else
	return network_order;
#endif
}

/* The best match so far: a leaf, or a node with the prefixes of it that match. */
struct fib_match {
	__u64 matching;
	__u64 prefixes;
	__u32 leaf; /* the leaf if `matching` is 0, else the node's first */
};

/* Looks into the node for the next six bits and returns the child that they lead to, or 0. */
static __always_inline __u32 fib_step(const __u64 *pool, __u32 word, __u32 slot, struct fib_match *best)
{
	const struct dp_fib_node *node = (const void *)(pool + (word & (DP_FIB_WORDS - 1)));
	__u64 children = node->children, prefixes = node->prefixes;
	__u64 matching = prefixes & fib_matching[slot >> 1 & 31];

	if (matching) {
		best->matching = matching;
		best->prefixes = prefixes;
		best->leaf = node->leaf_base;
	}
	if (!(children >> slot & 1))
		return 0;
	return node->child_base + DP_FIB_NODE_WORDS * fib_popcount(children & ((1ULL << slot) - 1));
}

static __always_inline struct dp_fib_leaf fib_result(const __u64 *pool, const struct fib_match *best)
{
	struct dp_fib_leaf none = {DP_GROUP_NONE, 0};
	__u64 below = best->matching;
	__u32 word = best->leaf;

	if (below) {
		/* The longest prefix has the highest bit; the leaves before its own are those of the bits below. */
		below |= below >> 1;
		below |= below >> 2;
		below |= below >> 4;
		below |= below >> 8;
		below |= below >> 16;
		below |= below >> 32;
		word += fib_popcount(best->prefixes & below >> 1);
	}
	if (!word)
		return none;
	return *(const struct dp_fib_leaf *)(const void *)(pool + (word & (DP_FIB_WORDS - 1)));
}

static __always_inline struct dp_fib_leaf fib_walk4(const __u64 *pool, const struct dp_fib_tree *tree, __u32 address)
{
	__u32 width = tree->width & 31, first = tree->root;
	struct fib_match best = {0, 0, 0};
	__u64 bits = (__u64)address << 32;
	const struct dp_fib_root *root;
	__u32 word;

	if (!first || !width)
		return fib_result(pool, &best);
	root = (const void *)(pool + ((first + (__u32)(bits >> (64 - width))) & (DP_FIB_WORDS - 1)));
	best.leaf = root->leaf;
	word = root->node;
	bits <<= width;
	for (int i = 0; i < FIB_DEPTH4 && word; i++) {
		word = fib_step(pool, word, bits >> 58, &best);
		bits <<= DP_FIB_STRIDE;
	}
	return fib_result(pool, &best);
}

static __always_inline struct dp_fib_leaf fib_walk6(const __u64 *pool, const struct dp_fib_tree *tree,
						    const struct dp_address *address)
{
	__u64 high = fib_host64(address->half[0]), low = fib_host64(address->half[1]);
	__u32 width = tree->width & 31, first = tree->root;
	struct fib_match best = {0, 0, 0};
	const struct dp_fib_root *root;
	__u32 word;

	if (!first || !width)
		return fib_result(pool, &best);
	root = (const void *)(pool + ((first + (__u32)(high >> (64 - width))) & (DP_FIB_WORDS - 1)));
	best.leaf = root->leaf;
	word = root->node;
	high = high << width | low >> (64 - width);
	low <<= width;
	for (int i = 0; i < FIB_DEPTH6 && word; i++) {
		word = fib_step(pool, word, high >> 58, &best);
		high = high << DP_FIB_STRIDE | low >> (64 - DP_FIB_STRIDE);
		low <<= DP_FIB_STRIDE;
	}
	return fib_result(pool, &best);
}

/* The leaf of the longest prefix that holds the address (host order); group DP_GROUP_NONE: there is none. */
static __always_inline struct dp_fib_leaf fib_lookup4(const struct dp_bank *bank, const struct dp_fib_tree *tree,
						      __u32 address)
{
	return fib_walk4(bank->fib, tree, address);
}

static __always_inline struct dp_fib_leaf fib_lookup6(const struct dp_bank *bank, const struct dp_fib_tree *tree,
						      const struct dp_address *address)
{
	return fib_walk6(bank->fib, tree, address);
}

#endif
