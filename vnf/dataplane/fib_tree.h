/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the FIB engine: one tree, its words and its blocks. Only fib*.c include this. */
#ifndef SLUICE_DATAPLANE_FIB_TREE_H
#define SLUICE_DATAPLANE_FIB_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "api/dp/tables.h"
#include "vnf/dataplane/fib_pool.h"

/* Of a root: nodes begin 6 bits behind it, at a whole byte. */
#define FIB_WIDTH_LEAST 2
#define FIB_WIDTH_STEP	8
#define FIB_WIDTH_MOST	18

#define FIB_NODE_PARTS (1 << DP_FIB_NODE_BITS >> 6)

/* The address from its first bit on; IPv4 has the upper 32. */
typedef unsigned __int128 fib_key;

struct fib_tree {
	/* The prefixes of up to the root's width: [2^length + their bits] is the word of their result or 0. What the
	 * root's entries have of them is derived from it. NULL: the tree is empty. */
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

/*
 * A node on the way to a prefix. The code of a prefix within it, 1 << l | its last l bits, halves to that of the prefix
 * around it.
 */
struct fib_holder {
	struct dp_fib_root *root; /* of the one under a root; NULL: any other */
	uint32_t node;		  /* its word; 0: yet to be made */
	uint32_t offset;	  /* of its first bit in the address */
	__u32 *link;		  /* the jump that leads to it from a node */
};

static inline struct dp_fib_node *fib_node(const struct fib *fib, uint32_t word)
{
	return (void *)(fib->words + word);
}

static inline struct dp_fib_top *fib_top(const struct fib *fib, uint32_t word)
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

/* A result of 48 bits: the 32 for packets, above them the 16. */
static inline __u64 fib_pack(struct dp_fib_leaf leaf, uint32_t code)
{
	__u32 result = (leaf.group & DP_GROUP_LOCAL) | leaf.route << DP_FIB_GROUP_BITS;
	__u32 more = code | leaf.route >> DP_FIB_ROUTE_LOW << DP_FIB_CODE_BITS;

	return (result & ~DP_FIB_JUMP) | (__u64)(more & 0xffff) << 32;
}

static inline struct dp_fib_leaf fib_unpack(__u64 result)
{
	return (struct dp_fib_leaf){
		.group = (uint32_t)result & DP_GROUP_LOCAL,
		.route = (uint32_t)result >> DP_FIB_GROUP_BITS |
			 (uint32_t)(result >> 32) >> DP_FIB_CODE_BITS << DP_FIB_ROUTE_LOW,
	};
}

/* 0 of a result that is none, a jump, or of a prefix of up to the root's width. */
static inline uint32_t fib_code(__u64 result)
{
	return result >> 32 & ((1U << DP_FIB_CODE_BITS) - 1);
}

static inline __u32 fib_jump(uint32_t node, uint32_t offset)
{
	return DP_FIB_JUMP | offset / 8 << DP_FIB_NODE_SHIFT | node;
}

static inline uint32_t fib_jump_node(__u32 jump)
{
	return jump & ((1U << DP_FIB_NODE_SHIFT) - 1);
}

static inline uint32_t fib_jump_offset(__u32 jump)
{
	return (jump >> DP_FIB_NODE_SHIFT & 15) * 8;
}

/* The address's bits before the node that the jump leads to; `key` has the upper half of those beyond bit 64. */
static inline fib_key fib_jump_key(const struct fib *fib, __u32 jump, fib_key key)
{
	fib_key half = fib_node(fib, fib_jump_node(jump))->key;

	return fib_jump_offset(jump) > 64 ? key >> 64 << 64 | half : half << 64;
}

static inline unsigned int fib_holder_bits(const struct fib_holder *holder)
{
	return holder->root ? DP_FIB_TOP_BITS : DP_FIB_NODE_BITS;
}

static inline uint32_t fib_holder_code(const struct fib_holder *holder, fib_key key, unsigned int length)
{
	unsigned int l = length - holder->offset;

	return 1U << l | fib_bits(key, holder->offset, l);
}

static inline uint32_t fib_holder_slot(const struct fib_holder *holder, fib_key key)
{
	return fib_bits(key, holder->offset, fib_holder_bits(holder));
}

/* How many words `changes` has. */
static inline uint32_t fib_holder_parts(const struct fib_holder *holder)
{
	return holder->root ? 1 : FIB_NODE_PARTS;
}

static inline const __u64 *fib_holder_changes(const struct fib *fib, const struct fib_holder *holder)
{
	return holder->root ? &fib_top(fib, holder->node)->changes : fib_node(fib, holder->node)->changes;
}

/* The results of a holder: `count` that slots show and behind them up to `room` those of covered prefixes. */
struct fib_results {
	__u32 *result; /* NULL: there is no node */
	__u16 *more;   /* [-1 - i] belongs to result[i] */
	uint32_t count, room;
};
struct fib_results fib_holder_results(const struct fib *fib, const struct fib_holder *holder);
/* Of a node at another word; count and room are not filled in. */
struct fib_results fib_holder_results_at(const struct fib *fib, const struct fib_holder *holder, uint32_t word);
/* Which of the results is the slot's. */
uint32_t fib_holder_rank(const struct fib *fib, const struct fib_holder *holder, uint32_t slot);
/* The word of a node for this many results: its own if that has the right size. 0: the pool is full. */
uint32_t fib_holder_place(struct fib *fib, const struct fib_holder *holder, uint32_t count);

static inline __u64 fib_results_get(const struct fib_results *results, uint32_t i)
{
	return results->result[i] | (__u64)results->more[-1 - (int32_t)i] << 32;
}

static inline void fib_results_put(const struct fib_results *results, uint32_t i, __u64 result)
{
	results->result[i] = (__u32)result;
	results->more[-1 - (int32_t)i] = result >> 32;
}

/* What packets find for the slot, the first 32 bits. NULL: there is no node. */
__u32 *fib_holder_at(const struct fib *fib, const struct fib_holder *holder, uint32_t slot);
/* Gives back its block. */
void fib_holder_release(struct fib *fib, const struct fib_holder *holder);

/* The prefix's result, or 0. */
__u64 fib_holder_get(const struct fib *fib, const struct fib_holder *holder, uint32_t code);
/* 1: added, 0: was there and is changed, -ENOSPC and nothing has changed. */
int fib_holder_set(struct fib *fib, struct fib_holder *holder, uint32_t code, struct dp_fib_leaf leaf);
bool fib_holder_unset(struct fib *fib, struct fib_holder *holder, uint32_t code);

/* Makes the slot, which has no node, lead to this one. false: the pool is full. */
bool fib_holder_link(struct fib *fib, struct fib_holder *holder, uint32_t slot, uint32_t node, uint32_t offset);
/* Takes the slot's node, which is the caller's, out again. */
void fib_holder_unlink(struct fib *fib, struct fib_holder *holder, uint32_t slot);

/* A node with one prefix, or with one node below it. 0: the pool is full. */
uint32_t fib_node_with_prefix(struct fib *fib, fib_key key, unsigned int length, struct dp_fib_leaf leaf);
uint32_t fib_node_with_node(struct fib *fib, fib_key key, unsigned int offset, uint32_t node, unsigned int below);

static inline __u64 fib_root_get(const struct dp_fib_root *root)
{
	return root->result | (__u64)root->more << 32;
}

static inline void fib_root_put(struct dp_fib_root *root, __u64 result)
{
	root->result = (__u32)result;
	root->more = result >> 32;
}

/* What the root's entry leads to. */
static inline struct fib_holder fib_root_holder(const struct fib *fib, struct fib_place at, uint32_t index)
{
	struct dp_fib_root *root = fib_root(fib, at.shared->root) + index;

	return (struct fib_holder){
		.root = root,
		.node = root->result & DP_FIB_JUMP ? fib_jump_node(root->result) : 0,
		.offset = at.shared->width,
	};
}

/* A root of this width, all empty. 0, -ENOSPC or -ENOMEM. */
int fib_root_create(struct fib *fib, struct fib_place at, unsigned int width);
/* Gives all of a tree back. */
void fib_root_destroy(struct fib *fib, struct fib_place at);

/* Gives the tree another root where the number of prefixes asks for it and the pool has room; else all stays as it is.
 */
void fib_root_resize(struct fib *fib, struct fib_place at);

/* Prefixes of up to the root's width. set: 1: added, 0: was there and is changed, -ENOSPC. unset: it was there. */
int fib_root_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf);
bool fib_root_unset(struct fib *fib, struct fib_place at, fib_key key, unsigned int length);

/* Longer prefixes. As above. */
int fib_node_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf);
bool fib_node_unset(struct fib *fib, struct fib_place at, fib_key key, unsigned int length);
/* The prefix's result, or 0. */
__u64 fib_node_get(const struct fib *fib, struct fib_place at, fib_key key, unsigned int length);

/* Any prefix. 1: added, 0: was there and is changed, -ENOSPC. */
int fib_tree_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf);

#endif
