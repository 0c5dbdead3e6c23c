/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the FIB engine: one tree, its words and its blocks. Only fib*.c include this. */
#ifndef SLUICE_DATAPLANE_FIB_TREE_H
#define SLUICE_DATAPLANE_FIB_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "api/dp/tables.h"
#include "vnf/dataplane/fib_pool.h"

/* The address from its first bit on; IPv4 has the upper 32. */
typedef unsigned __int128 fib_key;

struct fib_tree {
	/* The prefixes shorter than the root's width: [2^length + their bits] is the leaf's word or 0. What the root's
	 * entries hold is derived from it. NULL: the tree is empty. */
	uint32_t *shorts;
	uint32_t prefixes;
	uint32_t holdoff; /* changes to let pass until the root's width is looked at again */
};

struct fib {
	__u64 *words;
	struct fib_pool *pool;
	struct dp_vrf *vrfs;
	uint64_t prefixes;
	struct fib_tree tree[DP_MAX_VRFS + 1][2]; /* IPv4, IPv6 */
};

/* The tree's own part and the one that packets see. */
struct fib_place {
	struct fib_tree *tree;
	struct dp_fib_tree *shared;
};

static inline struct dp_fib_node *fib_node(const struct fib *fib, uint32_t word)
{
	return (void *)(fib->words + word);
}

static inline struct dp_fib_leaf *fib_leaf(const struct fib *fib, uint32_t word)
{
	return (void *)(fib->words + word);
}

static inline struct dp_fib_root *fib_root(const struct fib *fib, uint32_t word)
{
	return (void *)(fib->words + word);
}

/* `count` bits of the key from `offset` on; bits beyond the key's end read as 0. */
static inline uint32_t fib_bits(fib_key key, unsigned int offset, unsigned int count)
{
	return count ? (uint32_t)(key << offset >> (128 - count)) : 0;
}

/* The prefix's bit in dp_fib_node.prefixes of the node at `offset`; length is offset .. offset + 5. */
static inline unsigned int fib_prefix_bit(fib_key key, unsigned int offset, unsigned int length)
{
	unsigned int l = length - offset;

	return (1U << l) - 1 + fib_bits(key, offset, l);
}

/* How many of the bits below `bit` are set. */
static inline unsigned int fib_rank(uint64_t bits, unsigned int bit)
{
	return __builtin_popcountll(bits & ((1ULL << bit) - 1));
}

/* A root of the least width, all empty. 0, -ENOSPC or -ENOMEM. */
int fib_root_create(struct fib *fib, struct fib_place at);
/* Gives the root of a tree without prefixes back. */
void fib_root_destroy(struct fib *fib, struct fib_place at);

/* Prefixes shorter than the root's width. set: 1: added, 0: was there and is changed, -ENOSPC. unset: it was there. */
int fib_root_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf);
bool fib_root_unset(struct fib *fib, struct fib_place at, fib_key key, unsigned int length);

/* Widens or narrows the root where the number of prefixes asks for it and the pool has room; else all stays as it is.
 */
void fib_root_resize(struct fib *fib, struct fib_place at);

/* Prefixes of the root's width or longer. As above. */
int fib_node_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf);
bool fib_node_unset(struct fib *fib, struct fib_place at, fib_key key, unsigned int length);
/* A block for a root's entry: the node with a copy of its leaves behind it. 0: the pool is full. */
uint32_t fib_top_new(struct fib *fib, const struct dp_fib_node *node);
/* The leaf's word or 0. */
uint32_t fib_node_get(const struct fib *fib, struct fib_place at, fib_key key, unsigned int length);

#endif
