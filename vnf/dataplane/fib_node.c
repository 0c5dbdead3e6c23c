/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes below a root. A change touches the node that holds the prefix, and above it only what must appear or
 * vanish. A node lies in its parent's block of children, so it moves when that block does; the one of a root's entry
 * has a block of its own, in which its leaves follow it.
 */
#include <errno.h>

#include "vnf/dataplane/fib_tree.h"

#define LAST_LENGTH (DP_FIB_STRIDE - 1) /* longest that a node holds, from its offset */
#define DEPTH	    22

/* The word of the child in this slot, or 0. */
static uint32_t child_of(const struct dp_fib_node *node, unsigned int slot)
{
	if (!(node->children >> slot & 1))
		return 0;
	return node->child_base + DP_FIB_NODE_WORDS * fib_rank(node->children, slot);
}

/* Opens a gap of `size` words at `at` in a block of `used` words. The block's new word; 0: the pool is full. */
static uint32_t block_insert(struct fib *fib, uint32_t block, uint32_t used, uint32_t at, uint32_t size)
{
	uint32_t wider = block;

	if (!block || fib_pool_capacity(fib->pool, block) < used + size) {
		wider = fib_pool_alloc(fib->pool, used + size);
		if (!wider)
			return 0;
		memcpy(fib->words + wider, fib->words + block, at * sizeof(*fib->words));
	}
	memmove(fib->words + wider + at + size, fib->words + block + at, (used - at) * sizeof(*fib->words));
	if (wider != block)
		fib_pool_release(fib->pool, block);
	return wider;
}

/* Closes the gap. Moves to a smaller block where there is one to be had. */
static uint32_t block_remove(struct fib *fib, uint32_t block, uint32_t used, uint32_t at, uint32_t size)
{
	uint32_t left = used - size, narrower;
	__u64 *words = fib->words + block;

	if (!left) {
		fib_pool_release(fib->pool, block);
		return 0;
	}
	memmove(words + at, words + at + size, (left - at) * sizeof(*words));
	if (fib_pool_round(fib->pool, left) == fib_pool_capacity(fib->pool, block))
		return block;
	narrower = fib_pool_alloc(fib->pool, left);
	if (!narrower)
		return block;
	memcpy(fib->words + narrower, words, left * sizeof(*words));
	fib_pool_release(fib->pool, block);
	return narrower;
}

static bool insert_leaf(struct fib *fib, struct dp_fib_node *node, unsigned int bit, struct dp_fib_leaf leaf)
{
	uint32_t rank = fib_rank(node->prefixes, bit);
	uint32_t block = block_insert(fib, node->leaf_base, __builtin_popcountll(node->prefixes), rank, 1);

	if (!block)
		return false;
	*fib_leaf(fib, block + rank) = leaf;
	node->leaf_base = block;
	node->prefixes |= 1ULL << bit;
	return true;
}

/* The same for the node of a root's entry, which moves. */
static bool top_insert_leaf(struct fib *fib, uint32_t *top, unsigned int bit, struct dp_fib_leaf leaf)
{
	const struct dp_fib_node *node = fib_node(fib, *top);
	uint32_t rank = fib_rank(node->prefixes, bit);
	uint32_t block = block_insert(fib, *top, DP_FIB_NODE_WORDS + __builtin_popcountll(node->prefixes),
				      DP_FIB_NODE_WORDS + rank, 1);

	if (!block)
		return false;
	*top = block;
	*fib_leaf(fib, block + DP_FIB_NODE_WORDS + rank) = leaf;
	fib_node(fib, block)->leaf_base = block + DP_FIB_NODE_WORDS;
	fib_node(fib, block)->prefixes |= 1ULL << bit;
	return true;
}

static void top_remove_leaf(struct fib *fib, uint32_t *top, unsigned int bit)
{
	const struct dp_fib_node *node = fib_node(fib, *top);
	uint32_t block = block_remove(fib, *top, DP_FIB_NODE_WORDS + __builtin_popcountll(node->prefixes),
				      DP_FIB_NODE_WORDS + fib_rank(node->prefixes, bit), 1);

	*top = block;
	fib_node(fib, block)->leaf_base = block + DP_FIB_NODE_WORDS;
	fib_node(fib, block)->prefixes &= ~(1ULL << bit);
}

static bool insert_child(struct fib *fib, struct dp_fib_node *node, unsigned int slot, const struct dp_fib_node *child)
{
	uint32_t used = __builtin_popcountll(node->children) * DP_FIB_NODE_WORDS;
	uint32_t at = fib_rank(node->children, slot) * DP_FIB_NODE_WORDS;
	uint32_t block = block_insert(fib, node->child_base, used, at, DP_FIB_NODE_WORDS);

	if (!block)
		return false;
	*fib_node(fib, block + at) = *child;
	node->child_base = block;
	node->children |= 1ULL << slot;
	return true;
}

static void remove_leaf(struct fib *fib, struct dp_fib_node *node, unsigned int bit)
{
	node->leaf_base = block_remove(fib, node->leaf_base, __builtin_popcountll(node->prefixes),
				       fib_rank(node->prefixes, bit), 1);
	node->prefixes &= ~(1ULL << bit);
}

static void remove_child(struct fib *fib, struct dp_fib_node *node, unsigned int slot)
{
	node->child_base = block_remove(fib, node->child_base, __builtin_popcountll(node->children) * DP_FIB_NODE_WORDS,
					fib_rank(node->children, slot) * DP_FIB_NODE_WORDS, DP_FIB_NODE_WORDS);
	node->children &= ~(1ULL << slot);
}

/* A chain of nodes, each the only child of the one before, from the bottom up. */
static void release_chain(struct fib *fib, struct dp_fib_node node)
{
	while (node.child_base) {
		uint32_t block = node.child_base;

		node = *fib_node(fib, block);
		fib_pool_release(fib->pool, block);
	}
	fib_pool_release(fib->pool, node.leaf_base);
}

static bool build_chain(struct fib *fib, fib_key key, unsigned int offset, unsigned int length, struct dp_fib_leaf leaf,
			struct dp_fib_node *top)
{
	unsigned int at = length - (length - offset) % DP_FIB_STRIDE;

	*top = (struct dp_fib_node){0};
	if (!insert_leaf(fib, top, fib_prefix_bit(key, at, length), leaf))
		return false;
	while (at > offset) {
		struct dp_fib_node above = {0};

		at -= DP_FIB_STRIDE;
		if (!insert_child(fib, &above, fib_bits(key, at, DP_FIB_STRIDE), top)) {
			release_chain(fib, *top);
			return false;
		}
		*top = above;
	}
	return true;
}

uint32_t fib_top_new(struct fib *fib, const struct dp_fib_node *node)
{
	uint32_t leaves = __builtin_popcountll(node->prefixes);
	uint32_t block = fib_pool_alloc(fib->pool, DP_FIB_NODE_WORDS + leaves);

	if (!block)
		return 0;
	*fib_node(fib, block) = *node;
	fib_node(fib, block)->leaf_base = block + DP_FIB_NODE_WORDS;
	memcpy(fib->words + block + DP_FIB_NODE_WORDS, fib->words + node->leaf_base, leaves * sizeof(*fib->words));
	return block;
}

/* Where a prefix is, or how far the tree goes towards it. */
struct path {
	unsigned int count;  /* nodes on the way; 0: the root's entry has none */
	unsigned int offset; /* of the last */
	uint32_t word[DEPTH];
};

static void walk(const struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct path *path)
{
	unsigned int width = at.shared->width;
	uint32_t word = fib_root(fib, at.shared->root)[fib_bits(key, 0, width)].node;

	path->count = 0;
	for (path->offset = width; word; path->offset += DP_FIB_STRIDE) {
		path->word[path->count++] = word;
		if (length <= path->offset + LAST_LENGTH)
			return;
		word = child_of(fib_node(fib, word), fib_bits(key, path->offset, DP_FIB_STRIDE));
	}
	if (path->count)
		path->offset -= DP_FIB_STRIDE;
}

/* The prefix's node, if the path has come to it. */
static struct dp_fib_node *node_of(const struct fib *fib, const struct path *path, unsigned int length)
{
	if (!path->count || length > path->offset + LAST_LENGTH)
		return NULL;
	return fib_node(fib, path->word[path->count - 1]);
}

static uint32_t leaf_of(const struct dp_fib_node *node, unsigned int bit)
{
	return node->prefixes >> bit & 1 ? node->leaf_base + fib_rank(node->prefixes, bit) : 0;
}

uint32_t fib_node_get(const struct fib *fib, struct fib_place at, fib_key key, unsigned int length)
{
	const struct dp_fib_node *node;
	struct path path;

	walk(fib, at, key, length, &path);
	node = node_of(fib, &path, length);
	return node ? leaf_of(node, fib_prefix_bit(key, path.offset, length)) : 0;
}

int fib_node_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf)
{
	struct dp_fib_root *entry = fib_root(fib, at.shared->root) + fib_bits(key, 0, at.shared->width);
	struct dp_fib_node *node, top;
	struct path path;
	bool linked;

	walk(fib, at, key, length, &path);
	node = node_of(fib, &path, length);
	if (node) {
		unsigned int bit = fib_prefix_bit(key, path.offset, length);
		uint32_t word = leaf_of(node, bit);

		if (word) {
			*fib_leaf(fib, word) = leaf;
			return 0;
		}
		if (path.count == 1)
			return top_insert_leaf(fib, &entry->node, bit, leaf) ? 1 : -ENOSPC;
		return insert_leaf(fib, node, bit, leaf) ? 1 : -ENOSPC;
	}
	if (!build_chain(fib, key, path.offset + (path.count ? DP_FIB_STRIDE : 0), length, leaf, &top))
		return -ENOSPC;
	if (path.count) {
		node = fib_node(fib, path.word[path.count - 1]);
		linked = insert_child(fib, node, fib_bits(key, path.offset, DP_FIB_STRIDE), &top);
	} else {
		entry->node = fib_top_new(fib, &top);
		linked = entry->node != 0;
		if (linked)
			fib_pool_release(fib->pool, top.leaf_base);
	}
	if (!linked)
		release_chain(fib, top);
	return linked ? 1 : -ENOSPC;
}

bool fib_node_unset(struct fib *fib, struct fib_place at, fib_key key, unsigned int length)
{
	struct dp_fib_root *entry = fib_root(fib, at.shared->root) + fib_bits(key, 0, at.shared->width);
	struct dp_fib_node *node;
	struct path path;
	unsigned int bit;

	walk(fib, at, key, length, &path);
	node = node_of(fib, &path, length);
	if (!node)
		return false;
	bit = fib_prefix_bit(key, path.offset, length);
	if (!leaf_of(node, bit))
		return false;
	if (path.count == 1)
		top_remove_leaf(fib, &entry->node, bit);
	else
		remove_leaf(fib, node, bit);
	node = fib_node(fib, path.count == 1 ? entry->node : path.word[path.count - 1]);
	while (!node->prefixes && !node->children && --path.count) {
		path.offset -= DP_FIB_STRIDE;
		node = fib_node(fib, path.word[path.count - 1]);
		remove_child(fib, node, fib_bits(key, path.offset, DP_FIB_STRIDE));
	}
	if (!path.count) {
		fib_pool_release(fib->pool, entry->node);
		entry->node = 0;
	}
	return true;
}
