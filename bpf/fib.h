/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stage: longest prefix match in one VRF's tree of api/dp/fib.h. The same code runs in the XDP program and in the
 * daemon, whose unit tests therefore test what packets meet.
 *
 * Waiting for memory is nearly all that a lookup costs, so it reads few places, and branches on what it has read only
 * for whether a node follows and whether its key is right: a mispredicted branch would wait for that read. BPF has no
 * popcount instruction. Every index is masked to the pool (`mask`: its words, a power of two, less one), so that a
 * bad reference reads a wrong word of it or some behind its end, DP_FIB_SLACK, and nothing else.
 */
#ifndef SLUICE_BPF_FIB_H
#define SLUICE_BPF_FIB_H

#include "api/dp/bank.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Nodes on the longest path through one half of an address: at bits 8, 16, ... 56, and from 64 on. */
#define FIB_DEPTH4     3
#define FIB_DEPTH_HIGH 7
#define FIB_DEPTH_LOW  8

#define FIB_RESULT ((1ULL << DP_FIB_RESULT_BITS) - 1)

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

static __always_inline __u64 fib_little64(__u64 little_endian)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return little_endian;
#else
	return __builtin_bswap64(little_endian);
#endif
}

/* A result at any byte. Clang would read it byte by byte for BPF, which has no instruction that minds. */
static __always_inline __u64 fib_result_at(const void *at)
{
#ifdef __bpf__
	return fib_little64(*(const __u64 *)at) & FIB_RESULT;
#else
	__u64 result = 0;

	__builtin_memcpy(&result, at, DP_FIB_RESULT_BYTES);
	return fib_little64(result);
#endif
}

/* What has been found so far. */
struct fib_found {
	__u64 result;
	__u64 best_so_far; /* the longest match before it, which counts if that is 0 */
};

/* Bits of `changes` up to the slot's own. */
static __always_inline __u32 fib_rank(__u64 changes, __u32 slot)
{
	return fib_popcount(changes << (~slot & 63));
}

static __always_inline int fib_is_jump(__u64 result)
{
	return (__s32)result < 0;
}

/* Bits before the node that the jump leads to. */
static __always_inline __u32 fib_offset(__u64 jump)
{
	return jump >> DP_FIB_NODE_SHIFT << 3 & 127;
}

/* The longer match, without a branch: `best_so_far` counts only where `result` is 0. */
static __always_inline __u64 fib_longer_match(__u64 result, __u64 best_so_far)
{
	__s64 none = result - 1; /* negative only of 0 */

	asm volatile("" : "+r"(none)); /* else the compiler sees through it and makes a branch of it */
	return result | (best_so_far & (__u64)(none >> 63));
}

/* Reads a line of which nobody waits for the value: so it comes together with the one that is read next. */
static __always_inline void fib_touch(const void *at)
{
	__u64 word = *(const __u64 *)at;

	asm volatile("" : : "r"(word));
}

/* What the root's entry has, or its table. */
static __always_inline void fib_enter(const __u64 *pool, __u64 mask, const struct dp_fib_tree *tree, __u64 half,
				      struct fib_found *found)
{
	__u32 width = tree->width & 31, slot = half << width >> (64 - DP_FIB_TABLE_BITS), rank;
	/* Without a tree this is among the pool's first words, and so is the result without an entry. */
	__u64 index = (tree->root * 2 + (__u32)(half >> 1 >> (63 - width))) & (mask * 2 + 1);
	__u32 entry = ((const __u32 *)pool)[index];
	const char *table = (const char *)(pool + (entry & mask));

	found->best_so_far = 0;
	if (entry & DP_FIB_TABLE) {
		fib_touch(table + DP_FIB_LINE); /* which more than half of the Internet's results lie behind */
		rank = fib_rank(*(const __u64 *)table, slot) & 63;
		found->best_so_far = fib_result_at(table + DP_FIB_TABLE_LEAF);
		table += DP_FIB_TABLE_RESULTS + rank * DP_FIB_RESULT_BYTES;
	}
	found->result = fib_result_at(table);
}

/* The result of the node that begins `shift` bits into the half. Its key must be the first `shift` bits of the search
 * key, all 64 if that is 0. */
static __always_inline void fib_step(const __u64 *pool, __u64 mask, __u64 search_key, __u64 half, __u32 shift,
				     struct fib_found *found)
{
	__u32 slot = half << (shift & 63) >> (64 - DP_FIB_NODE_BITS), rank;
	const struct dp_fib_node *node = (const void *)(pool + (found->result & mask));
	__u32 part = slot >> 6 & 3;
	__u64 leaf = node->leaf;

	found->best_so_far = fib_longer_match(leaf & FIB_RESULT, found->best_so_far);
	found->result = 0;
	if ((node->key ^ search_key) >> (-shift & 63))
		return;
	rank = leaf >> DP_FIB_RESULT_BITS << 8 >> part * 8;
	rank = (rank + fib_rank(node->changes[part], slot)) & 255;
	found->result = fib_result_at((const char *)(node + 1) + rank * DP_FIB_RESULT_BYTES);
}

static __always_inline struct dp_fib_leaf fib_leaf_of(__u64 result)
{
	__u32 high = result >> 32 & ((1U << DP_FIB_ROUTE_HIGH) - 1);
	struct dp_fib_leaf leaf;

	leaf.group = result & DP_GROUP_LOCAL;
	leaf.route = (result >> DP_FIB_GROUP_BITS & ((1U << DP_FIB_ROUTE_LOW) - 1)) | high << DP_FIB_ROUTE_LOW;
	return leaf;
}

static __always_inline struct dp_fib_leaf fib_longest(const struct fib_found *found)
{
	return fib_leaf_of(fib_longer_match(found->result, found->best_so_far));
}

static __always_inline struct dp_fib_leaf fib_walk4(const __u64 *pool, __u64 mask, const struct dp_fib_tree *tree,
						    __u32 address)
{
	__u64 half = (__u64)address << 32;
	struct fib_found found = {0, 0};

	fib_enter(pool, mask, tree, half, &found);
	/* Nearly always in a wide tree: the path without a loop is kept short. */
	if (__builtin_expect(!fib_is_jump(found.result), 1))
		return fib_longest(&found);
	for (int i = 0; i < FIB_DEPTH4 && fib_is_jump(found.result); i++) {
		__u32 shift = fib_offset(found.result);

		fib_step(pool, mask, half, half, shift, &found);
	}
	return fib_longest(&found);
}

/* The jump to the first node behind 32 bits; 0: there is none, or it is not known. Without a branch. */
static __always_inline __u64 fib_shortcut(const __u64 *pool, __u64 mask, const struct dp_fib_tree6 *tree, __u32 bits)
{
	const __u64 *slot = pool + (dp_fib_shortcut_bucket(tree->shortcuts, bits) & mask);
	__u64 jump = 0;

	for (int i = 0; i < DP_FIB_SHORTCUT_BUCKET; i++) {
		__s64 other = (slot[i] >> 32) ^ bits;

		jump |= slot[i] & (__u64)((other - 1) >> 63);
	}
	return (__u32)jump;
}

/* On from a jump, if it is one. */
static __always_inline void fib_descend6(const __u64 *pool, __u64 mask, __u64 half, const struct dp_address *address,
					 struct fib_found *found)
{
	__u64 low;

	for (int i = 0; i < FIB_DEPTH_HIGH && fib_is_jump(found->result) && fib_offset(found->result) < 64; i++) {
		__u32 shift = fib_offset(found->result);

		fib_step(pool, mask, half, half, shift, found);
	}
	for (int i = 0; i < FIB_DEPTH_LOW && fib_is_jump(found->result); i++) {
		__u32 shift = fib_offset(found->result) & 63;

		low = fib_host64(address->half[1]);
		/* The node at bit 64 has all of the upper half for a key. */
		fib_step(pool, mask, shift ? low : half, low, shift, found);
	}
}

static __always_inline struct dp_fib_leaf fib_walk6(const __u64 *pool, __u64 mask, const struct dp_fib_tree6 *tree,
						    const struct dp_address *address)
{
	__u64 half = fib_host64(address->half[0]);
	struct fib_found found = {0, 0};
	__u64 shortcut = fib_shortcut(pool, mask, tree, half >> (64 - DP_FIB_SHORTCUT_BITS));

	found.result = shortcut;
	for (int i = 0; i < 2; i++) {
		if (!found.result)
			fib_enter(pool, mask, &tree->tree, half, &found);
		fib_descend6(pool, mask, half, address, &found);
		if (!shortcut || found.result || found.best_so_far)
			break;
		shortcut = 0;
	}
	return fib_longest(&found);
}

#endif
