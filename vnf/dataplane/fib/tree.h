/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the FIB engine: one tree, its words and its blocks. Only this folder includes it. */
#ifndef SLUICE_DATAPLANE_FIB_TREE_H
#define SLUICE_DATAPLANE_FIB_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bpf/fib.h"
#include "vnf/dataplane/fib/pool.h"

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
	uint32_t *short_prefixes;
	uint32_t prefixes;
	uint32_t holdoff;   /* changes to let pass until the root's width is looked at again */
	uint32_t shortcuts; /* how many there are */
};

/* reserve.c */
struct fib_reserve {
	uint64_t words;		 /* of the VRF's blocks */
	uint64_t promised, kept; /* and of these, what its prefixes have not taken yet */
};

struct fib {
	__u64 *words;
	/* For each result in the pool the lower 8 bits of its prefix's code (below), 0 of a jump: [its byte /
	 * DP_FIB_RESULT_BYTES]. Packets have no use for them, so they are not in their memory. */
	uint8_t *codes;
	struct fib_pool *pool, *own_pool; /* that of fib_new, which goes with it */
	struct dp_fib_trees *trees;
	uint64_t prefixes;
	uint32_t vrfs;		     /* the highest VRF */
	struct fib_reserve *reserve; /* of each VRF */
	uint64_t kept;		     /* of all of them */
	bool guards;
	struct fib_tree (*tree)[2]; /* of each VRF: IPv4, IPv6 */
};

/* The tree's own part and the one that packets see. */
struct fib_place {
	struct fib_tree *tree;
	struct dp_fib_tree *shared;
	__u32 *shortcuts; /* struct dp_fib_tree6; NULL: IPv4 */
};

/*
 * A level is a node, or the table of an entry of the root, on the path to a prefix. The code of a prefix within it, 1
 * << l | its last l bits, halves to that of the prefix around it.
 */
struct fib_level {
	__u32 *entry;	 /* the table's; NULL: a node */
	uint32_t block;	 /* its word; 0: yet to be made */
	uint32_t offset; /* of its first bit in the address */
	uint32_t link;	 /* byte of the jump that leads to it from a node or table; 0: none does */
};

static inline struct dp_fib_node *fib_node(const struct fib *fib, uint32_t word)
{
	return (void *)(fib->words + word);
}

static inline __u32 *fib_entry(const struct fib *fib, struct fib_place at, uint32_t index)
{
	return (__u32 *)(fib->words + at.shared->root) + index;
}

/* Of its table or result. */
static inline uint32_t fib_entry_word(__u32 entry)
{
	return entry & ~DP_FIB_TABLE;
}

/* `count` bits of the key from `offset` on; bits beyond the key's end read as 0. */
static inline uint32_t fib_bits(fib_key key, unsigned int offset, unsigned int count)
{
	return count ? (uint32_t)(key << offset >> (128 - count)) : 0;
}

/* Results in the daemon's hands: the packets' bits, the code above. */
#define FIB_CODE_SHIFT 48
#define FIB_CODE_BIT   (1ULL << (DP_FIB_RESULT_BITS - 1)) /* in the pool: its ninth bit */

static inline __u64 fib_pack(struct dp_fib_leaf leaf, uint32_t code)
{
	__u64 low = leaf.route & ((1U << DP_FIB_ROUTE_LOW) - 1);

	return leaf.group | low << DP_FIB_GROUP_BITS | (__u64)(leaf.route >> DP_FIB_ROUTE_LOW) << 32 |
	       (__u64)code << FIB_CODE_SHIFT;
}

/* 0 of a result that is none, a jump, or of a prefix of up to the root's width. */
static inline uint32_t fib_code(__u64 result)
{
	return result >> FIB_CODE_SHIFT;
}

/* The result at a byte of the pool. */
static inline __u64 fib_get_at(const struct fib *fib, uint32_t byte)
{
	__u64 result = fib_result_at((const char *)fib->words + byte);
	__u64 code = fib->codes[byte / DP_FIB_RESULT_BYTES] | (result & FIB_CODE_BIT ? 256 : 0);

	return (result & ~FIB_CODE_BIT) | code << FIB_CODE_SHIFT;
}

static inline void fib_put_at(struct fib *fib, uint32_t byte, __u64 result)
{
	__u64 little = fib_little64(result | (fib_code(result) & 256 ? FIB_CODE_BIT : 0));

	memcpy((char *)fib->words + byte, &little, DP_FIB_RESULT_BYTES);
	fib->codes[byte / DP_FIB_RESULT_BYTES] = (uint8_t)fib_code(result);
}

static inline __u64 fib_jump(uint32_t node, uint32_t offset)
{
	return DP_FIB_JUMP | offset / 8 << DP_FIB_NODE_SHIFT | node;
}

static inline uint32_t fib_jump_node(__u64 jump)
{
	return jump & ((1U << DP_FIB_NODE_SHIFT) - 1);
}

static inline uint32_t fib_jump_offset(__u64 jump)
{
	return (jump >> DP_FIB_NODE_SHIFT & 15) * 8;
}

/* The address's bits before the node that the jump leads to; `key` has the upper half of those beyond bit 64. */
static inline fib_key fib_jump_key(const struct fib *fib, __u64 jump, fib_key key)
{
	fib_key half = fib_node(fib, fib_jump_node(jump))->key;

	return fib_jump_offset(jump) > 64 ? key >> 64 << 64 | half : half << 64;
}

/* The leaf of the node at this word: what is above its result stays. */
static inline __u64 fib_leaf_get(const struct fib *fib, uint32_t node)
{
	return fib_get_at(fib, node * 8 + offsetof(struct dp_fib_node, leaf));
}

static inline void fib_leaf_put(struct fib *fib, uint32_t node, __u64 result)
{
	fib_put_at(fib, node * 8 + offsetof(struct dp_fib_node, leaf), result);
}

/* Byte of the result of the longest prefix that the root has for all of the entry. */
static inline uint32_t fib_entry_leaf(__u32 entry)
{
	return fib_entry_word(entry) * 8 + (entry & DP_FIB_TABLE ? DP_FIB_TABLE_LEAF : 0);
}

static inline unsigned int fib_level_bits(const struct fib_level *level)
{
	return level->entry ? DP_FIB_TABLE_BITS : DP_FIB_NODE_BITS;
}

static inline uint32_t fib_level_code(const struct fib_level *level, fib_key key, unsigned int length)
{
	unsigned int l = length - level->offset;

	return 1U << l | fib_bits(key, level->offset, l);
}

static inline uint32_t fib_level_slot(const struct fib_level *level, fib_key key)
{
	return fib_bits(key, level->offset, fib_level_bits(level));
}

/* How many words `changes` has. */
static inline uint32_t fib_level_parts(const struct fib_level *level)
{
	return level->entry ? 1 : FIB_NODE_PARTS;
}

static inline const __u64 *fib_level_changes(const struct fib *fib, const struct fib_level *level)
{
	return level->entry ? &fib->words[level->block] : fib_node(fib, level->block)->changes;
}

/* The results of a level: `count` that slots show and behind them up to `room` those of covered prefixes. */
struct fib_results {
	uint32_t first; /* byte of the first */
	uint32_t count, room;
};
struct fib_results fib_level_results(const struct fib *fib, const struct fib_level *level);

static inline __u64 fib_results_get(const struct fib *fib, const struct fib_results *results, uint32_t i)
{
	return fib_get_at(fib, results->first + i * DP_FIB_RESULT_BYTES);
}

static inline void fib_results_put(struct fib *fib, const struct fib_results *results, uint32_t i, __u64 result)
{
	fib_put_at(fib, results->first + i * DP_FIB_RESULT_BYTES, result);
}

/* Which of the results is the slot's. */
uint32_t fib_level_rank(const struct fib *fib, const struct fib_level *level, uint32_t slot);
/* Byte of the result that packets find for the slot. 0: there is none. */
uint32_t fib_level_at(const struct fib *fib, const struct fib_level *level, uint32_t slot);

/* A block for so many results: the level's own if that has the right size. 0: the pool is full. */
uint32_t fib_level_place(struct fib *fib, const struct fib_level *level, uint32_t count);

/* Gives back its block. */
void fib_level_release(struct fib *fib, const struct fib_level *level);

/* The prefix's result, or 0. */
__u64 fib_level_get(const struct fib *fib, const struct fib_level *level, uint32_t code);
/* 1: added, 0: was there and is changed, -ENOSPC and nothing has changed. */
int fib_level_set(struct fib *fib, struct fib_level *level, uint32_t code, struct dp_fib_leaf leaf);
bool fib_level_unset(struct fib *fib, struct fib_level *level, uint32_t code);

/* Makes the slot, which has no node, lead to this one. false: the pool is full. */
bool fib_level_link(struct fib *fib, struct fib_level *level, uint32_t slot, uint32_t node, uint32_t offset);
/* Takes the slot's node, which is the caller's, out again. */
void fib_level_unlink(struct fib *fib, struct fib_level *level, uint32_t slot);

/* A node with one prefix, or with one node below it. 0: the pool is full. */
uint32_t fib_node_with_prefix(struct fib *fib, fib_key key, unsigned int length, struct dp_fib_leaf leaf);
uint32_t fib_node_with_node(struct fib *fib, fib_key key, unsigned int offset, uint32_t node, unsigned int below);

/* The level of the entry's longer prefixes. */
static inline struct fib_level fib_root_holder(const struct fib *fib, struct fib_place at, uint32_t index)
{
	__u32 *entry = fib_entry(fib, at, index);

	return (struct fib_level){
		.entry = entry,
		.block = *entry & DP_FIB_TABLE ? fib_entry_word(*entry) : 0,
		.offset = at.shared->width,
	};
}

/* The entry has a table no more. */
void fib_root_restore(struct fib *fib, struct fib_place at, __u32 *entry);

/* A root of this width, all empty. 0, -ENOSPC or -ENOMEM. */
int fib_root_create(struct fib *fib, struct fib_place at, unsigned int width);
/* Gives all of a tree back. */
void fib_root_destroy(struct fib *fib, struct fib_place at);

/* Is there so much room that speed for one VRF does not cost the others their routes? */
static inline bool fib_has_plenty(const struct fib *fib, uint32_t words)
{
	struct fib_pool_usage usage;

	fib_pool_usage(fib->pool, &usage);
	return (usage.words - usage.live) / 4 >= words;
}

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

/* After a change of a prefix of more than DP_FIB_SHORTCUT_BITS: the shortcut on its path leads where the walk does. */
void fib_shortcut_update(struct fib *fib, struct fib_place at, fib_key key);
uint32_t fib_shortcuts_words(__u32 shortcuts);
void fib_shortcuts_destroy(struct fib *fib, struct fib_place at);

/* Around a change of the VRF's trees, which may take its own reserve; end wants what begin returned. */
uint64_t fib_reserve_begin(struct fib *fib, uint16_t vrf, bool adds);
void fib_reserve_end(struct fib *fib, uint16_t vrf, uint64_t before);
/* What follows, up to the end, takes nobody's. */
void fib_reserve_for_speed(struct fib *fib);

/* Any prefix. 1: added, 0: was there and is changed, -ENOSPC. */
int fib_tree_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf);

#endif
