/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage: longest prefix match in one VRF's tree of api/dp/fib.h. The same code runs in the XDP program and in the
 * daemon, whose unit tests therefore test what packets meet.
 *
 * Waiting for memory is nearly all that a lookup costs, so it reads few places, and branches on what it has read only
 * for whether a node follows and whether its key is right: a mispredicted branch would wait for that read. BPF has no
 * popcount instruction. Every index is masked to the pool, so that a bad reference reads a wrong word of it or some
 * behind its end, for which struct dp_bank has room, and nothing else.
 */
#ifndef SLUICE_BPF_FIB_H
#define SLUICE_BPF_FIB_H

#include "api/dp/tables.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Nodes on the longest path through one half of an address: at bits 8, 16, ... 56, and from 64 on. */
#define FIB_DEPTH4     3
#define FIB_DEPTH_HIGH 7
#define FIB_DEPTH_LOW  8

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

/* What has been found so far. */
struct fib_found {
	__u32 before; /* word before which the other 16 bits of the results are, backwards */
	__u32 rank;   /* which of the results it is */
	__u32 result; /* its 32 bits */
	__u64 above;  /* all 48 of the longest match above, which counts if that is 0 */
};

/* Bits of `changes` up to the slot's own. */
static __always_inline __u32 fib_rank(__u64 changes, __u32 slot)
{
	return fib_popcount(changes & ((2ULL << (slot & 63)) - 1));
}

static __always_inline int fib_is_jump(__u32 result)
{
	return (__s32)result < 0;
}

/* Bits before the node that the jump leads to. */
static __always_inline __u32 fib_offset(__u32 jump)
{
	return jump >> DP_FIB_NODE_SHIFT << 3 & 127;
}

/* What the root has, and the result of the node that it leads to. */
static __always_inline void fib_enter(const __u64 *pool, const struct dp_fib_tree *tree, __u64 half,
				      struct fib_found *found)
{
	__u32 width = tree->width & 31, slot = half << width >> (64 - DP_FIB_TOP_BITS);
	/* Without a tree this is the pool's first word. */
	__u32 word = (tree->root + (__u32)(half >> 1 >> (63 - width))) & (DP_FIB_WORDS - 1);
	const struct dp_fib_root *root = (const void *)(pool + word);
	const struct dp_fib_top *top;

	found->result = 0;
	found->above = root->result | (__u64)root->more << 32;
	if (!fib_is_jump(root->result))
		return;
	found->before = root->result & (DP_FIB_WORDS - 1);
	top = (const void *)(pool + found->before);
	found->above = top->leaf;
	found->rank = fib_rank(top->changes, slot);
	found->result = ((const __u32 *)(top + 1))[found->rank];
}

/* The longer match, without a branch: `above` counts only where `result` is 0. */
static __always_inline __u64 fib_either(__u64 result, __u64 above)
{
	__u64 negative = -result;

	asm volatile("" : "+r"(negative)); /* else the compiler sees through it and makes a branch of it */
	return result | (above & (((result | negative) >> 63) - 1));
}

/* The result of the node that begins `shift` bits into the half; `bits` are those before it that must be its key. */
static __always_inline void fib_step(const __u64 *pool, __u64 bits, __u64 half, __u32 shift, struct fib_found *found)
{
	__u32 word = found->result & (DP_FIB_WORDS - 1), slot = half << (shift & 63) >> (64 - DP_FIB_NODE_BITS);
	const struct dp_fib_node *node = (const void *)(pool + word);
	__u32 part = slot >> 6 & 3;

	found->above = fib_either(node->leaf, found->above);
	found->result = 0;
	if (node->key != bits)
		return;
	found->before = word;
	found->rank = (node->rank[part] + fib_rank(node->changes[part], slot)) & 255;
	found->result = ((const __u32 *)(node + 1))[found->rank];
}

/* The bits of the half before `shift`, which is 1 to 63. */
static __always_inline __u64 fib_before(__u64 half, __u32 shift)
{
	return half >> ((64 - shift) & 63) << ((64 - shift) & 63);
}

static __always_inline struct dp_fib_leaf fib_result(const __u64 *pool, const struct fib_found *found)
{
	__u32 result = fib_either(found->result, found->above), more = found->above >> 32;
	struct dp_fib_leaf leaf;

	if (found->result)
		more = ((const __u16 *)pool)[(found->before * 4 - 1 - found->rank) & (DP_FIB_WORDS * 4 - 1)];
	leaf.group = result & DP_GROUP_LOCAL;
	leaf.route = result >> DP_FIB_GROUP_BITS | more >> DP_FIB_CODE_BITS << DP_FIB_ROUTE_LOW;
	return leaf;
}

static __always_inline struct dp_fib_leaf fib_walk4(const __u64 *pool, const struct dp_fib_tree *tree, __u32 address)
{
	__u64 half = (__u64)address << 32;
	struct fib_found found = {0, 0, 0, 0};

	fib_enter(pool, tree, half, &found);
	/* Nearly always in a wide tree: the way without a loop is kept short. */
	if (__builtin_expect(!fib_is_jump(found.result), 1))
		return fib_result(pool, &found);
	for (int i = 0; i < FIB_DEPTH4 && fib_is_jump(found.result); i++) {
		__u32 shift = fib_offset(found.result);

		fib_step(pool, fib_before(half, shift), half, shift, &found);
	}
	return fib_result(pool, &found);
}

static __always_inline struct dp_fib_leaf fib_walk6(const __u64 *pool, const struct dp_fib_tree *tree,
						    const struct dp_address *address)
{
	__u64 half = fib_host64(address->half[0]), low;
	struct fib_found found = {0, 0, 0, 0};

	fib_enter(pool, tree, half, &found);
	for (int i = 0; i < FIB_DEPTH_HIGH && fib_is_jump(found.result) && fib_offset(found.result) < 64; i++) {
		__u32 shift = fib_offset(found.result);

		fib_step(pool, fib_before(half, shift), half, shift, &found);
	}
	for (int i = 0; i < FIB_DEPTH_LOW && fib_is_jump(found.result); i++) {
		__u32 shift = fib_offset(found.result) & 63;

		low = fib_host64(address->half[1]);
		/* The node at bit 64 has all of the upper half for a key. */
		fib_step(pool, shift ? fib_before(low, shift) : half, low, shift, &found);
	}
	return fib_result(pool, &found);
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
