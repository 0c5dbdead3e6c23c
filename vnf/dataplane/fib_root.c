/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roots: direct-indexed, wider as a tree grows. Widening turns the first level of nodes into root entries, six bits
 * at a time; all that hangs below stays where it is. Prefixes shorter than the width are pushed into every entry that
 * they cover.
 */
#include <errno.h>
#include <stdlib.h>

#include "vnf/dataplane/fib_tree.h"

#define WIDTH_LEAST 1
#define WIDTH_MOST  19
#define HOLDOFF	    4096

/* The number of prefixes from which on a root of this width is too narrow; it is too wide at a quarter of what the next
 * narrower one bears, so that a tree at the border does not swing. A root then costs at most some eight words a prefix.
 */
static uint32_t most_prefixes(unsigned int width)
{
	return width == 1 ? 16 : width == 7 ? 1024 : width == 13 ? 65536 : UINT32_MAX;
}

int fib_root_create(struct fib *fib, struct fib_place at)
{
	uint32_t *shorts = calloc(1U << WIDTH_LEAST, sizeof(*shorts)), root;

	if (!shorts)
		return -ENOMEM;
	root = fib_pool_alloc(fib->pool, 1U << WIDTH_LEAST);
	if (!root) {
		free(shorts);
		return -ENOSPC;
	}
	memset(fib_root(fib, root), 0, sizeof(struct dp_fib_root) << WIDTH_LEAST);
	at.tree->shorts = shorts;
	at.tree->holdoff = 0;
	at.shared->root = root;
	at.shared->width = WIDTH_LEAST;
	return 0;
}

void fib_root_destroy(struct fib *fib, struct fib_place at)
{
	fib_pool_release(fib->pool, at.shared->root);
	at.shared->root = 0;
	at.shared->width = 0;
	free(at.tree->shorts);
	at.tree->shorts = NULL;
}

/* Gives the entries under the prefix that have the leaf `from` the leaf `to`. Each prefix has a leaf of its own, so the
 * entries that belong to a longer prefix are known by theirs. */
static void push_down(struct fib *fib, const struct dp_fib_tree *shared, uint32_t index, uint32_t from, uint32_t to)
{
	unsigned int length = 31 - __builtin_clz(index), rest = shared->width - length;
	struct dp_fib_root *entry = fib_root(fib, shared->root) + ((index ^ 1U << length) << rest);

	for (uint32_t i = 0; i < 1U << rest; i++) {
		if (entry[i].leaf == from)
			entry[i].leaf = to;
	}
}

/* The leaf of the longest shorter prefix around this one, or 0. */
static uint32_t covering(const struct fib_tree *tree, uint32_t index)
{
	for (index /= 2; index; index /= 2) {
		if (tree->shorts[index])
			return tree->shorts[index];
	}
	return 0;
}

int fib_root_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf)
{
	uint32_t index = 1U << length | fib_bits(key, 0, length);
	uint32_t *word = &at.tree->shorts[index];
	int added = 0;

	if (!*word) {
		*word = fib_pool_alloc(fib->pool, 1);
		if (!*word)
			return -ENOSPC;
		push_down(fib, at.shared, index, covering(at.tree, index), *word);
		added = 1;
	}
	*fib_leaf(fib, *word) = leaf;
	return added;
}

bool fib_root_unset(struct fib *fib, struct fib_place at, fib_key key, unsigned int length)
{
	uint32_t index = 1U << length | fib_bits(key, 0, length);
	uint32_t word = at.tree->shorts[index];

	if (!word)
		return false;
	push_down(fib, at.shared, index, word, covering(at.tree, index));
	at.tree->shorts[index] = 0;
	fib_pool_release(fib->pool, word);
	return true;
}

/* A root in the making: the old one stays whole until this one is. */
struct draft {
	uint32_t *shorts;
	struct dp_fib_tree shared;
};

static bool draft_begin(struct fib *fib, struct draft *draft, unsigned int width)
{
	draft->shared.width = width;
	draft->shorts = calloc(1U << width, sizeof(*draft->shorts));
	draft->shared.root = draft->shorts ? fib_pool_alloc(fib->pool, 1U << width) : 0;
	if (!draft->shared.root) {
		free(draft->shorts);
		return false;
	}
	memset(fib_root(fib, draft->shared.root), 0, sizeof(struct dp_fib_root) << width);
	return true;
}

/* Gives back the wider of two roots: the nodes of its entries, with the leaves in their blocks, and the leaves of the
 * prefixes of `from` bits or more, which are what the narrower one holds in nodes. What hangs below those nodes stays.
 */
static void release_wide(struct fib *fib, const struct dp_fib_tree *shared, uint32_t *shorts, unsigned int from)
{
	for (uint32_t i = 0; i < 1U << shared->width; i++)
		fib_pool_release(fib->pool, fib_root(fib, shared->root)[i].node);
	for (uint32_t i = 1U << from; i < 1U << shared->width; i++)
		fib_pool_release(fib->pool, shorts[i]);
	fib_pool_release(fib->pool, shared->root);
	free(shorts);
}

/* Gives back the narrower one: the nodes of its entries, and their children with their leaves. */
static void release_narrow(struct fib *fib, const struct dp_fib_tree *shared, uint32_t *shorts)
{
	for (uint32_t i = 0; i < 1U << shared->width; i++) {
		uint32_t word = fib_root(fib, shared->root)[i].node, child;

		if (!word)
			continue;
		child = fib_node(fib, word)->child_base;
		for (uint64_t left = fib_node(fib, word)->children; left; left &= left - 1, child += DP_FIB_NODE_WORDS)
			fib_pool_release(fib->pool, fib_node(fib, child)->leaf_base);
		fib_pool_release(fib->pool, fib_node(fib, word)->child_base);
		fib_pool_release(fib->pool, word);
	}
	fib_pool_release(fib->pool, shared->root);
	free(shorts);
}

/* Copies `words` words to a block of their own. 0: the pool is full. */
static uint32_t copy_block(struct fib *fib, uint32_t from, uint32_t words)
{
	uint32_t block = fib_pool_alloc(fib->pool, words);

	if (block)
		memcpy(fib->words + block, fib->words + from, words * sizeof(*fib->words));
	return block;
}

/* Index in shorts of the prefix that is bit `bit` in the node of root entry `entry`. */
static uint32_t short_index(unsigned int width, uint32_t entry, unsigned int bit)
{
	unsigned int l = 31 - __builtin_clz(bit + 1);

	return (1U << width | entry) << l | ((bit + 1) ^ 1U << l);
}

/* The draft's entries and short prefixes from one node of the level that goes. */
static bool spread_node(struct fib *fib, const struct draft *draft, const struct dp_fib_node *node, uint32_t entry)
{
	struct dp_fib_root *root = fib_root(fib, draft->shared.root) + ((uint64_t)entry << DP_FIB_STRIDE);
	unsigned int width = draft->shared.width - DP_FIB_STRIDE;
	uint32_t from = node->child_base;

	for (uint64_t left = node->children; left; left &= left - 1, from += DP_FIB_NODE_WORDS) {
		uint32_t block = fib_top_new(fib, fib_node(fib, from));

		if (!block)
			return false;
		root[__builtin_ctzll(left)].node = block;
	}
	from = node->leaf_base;
	for (uint64_t left = node->prefixes; left; left &= left - 1, from++) {
		uint32_t block = copy_block(fib, from, 1);

		if (!block)
			return false;
		draft->shorts[short_index(width, entry, __builtin_ctzll(left))] = block;
	}
	return true;
}

static bool widen(struct fib *fib, struct fib_place at)
{
	unsigned int width = at.shared->width;
	struct draft draft;

	if (!draft_begin(fib, &draft, width + DP_FIB_STRIDE))
		return false;
	for (uint32_t i = 0; i < 1U << width; i++) {
		uint32_t word = fib_root(fib, at.shared->root)[i].node;

		if (word && !spread_node(fib, &draft, fib_node(fib, word), i)) {
			release_wide(fib, &draft.shared, draft.shorts, width);
			return false;
		}
	}
	memcpy(draft.shorts, at.tree->shorts, sizeof(*draft.shorts) << width);
	release_narrow(fib, at.shared, at.tree->shorts);
	at.tree->shorts = draft.shorts;
	*at.shared = draft.shared;
	/* Shorter ones first, so that each finds its covering prefix's leaf in its entries. */
	for (uint32_t i = 1; i < 1U << draft.shared.width; i++) {
		if (draft.shorts[i])
			push_down(fib, at.shared, i, covering(at.tree, i), draft.shorts[i]);
	}
	return true;
}

/* A block of children from those of the 64 entries that have a node. Their leaves move into blocks of their own. */
static bool gather_children(struct fib *fib, const struct dp_fib_root *root, struct dp_fib_node *node,
			    uint64_t children)
{
	uint32_t word = fib_pool_alloc(fib->pool, DP_FIB_NODE_WORDS * __builtin_popcountll(children));

	if (!word)
		return false;
	node->child_base = word;
	for (uint64_t left = children; left; left &= left - 1, word += DP_FIB_NODE_WORDS) {
		struct dp_fib_node *child = fib_node(fib, word);

		/* One by one into the bitmap, so that a failure can release it like any other. */
		*child = *fib_node(fib, root[__builtin_ctzll(left)].node);
		node->children |= left & -left;
		child->leaf_base =
			child->prefixes ? copy_block(fib, child->leaf_base, __builtin_popcountll(child->prefixes)) : 0;
		if (child->prefixes && !child->leaf_base)
			return false;
	}
	return true;
}

/* The draft's node of one entry from the 64 entries and the short prefixes that it replaces. */
static bool gather_node(struct fib *fib, struct fib_place at, const struct draft *draft, uint32_t entry)
{
	const struct dp_fib_root *root = fib_root(fib, at.shared->root) + ((uint64_t)entry << DP_FIB_STRIDE);
	unsigned int width = draft->shared.width;
	uint64_t children = 0, prefixes = 0;
	struct dp_fib_node *node;
	uint32_t word, leaf;

	for (unsigned int slot = 0; slot < 64; slot++)
		children |= (uint64_t)(root[slot].node != 0) << slot;
	for (unsigned int bit = 0; bit < 63; bit++)
		prefixes |= (uint64_t)(at.tree->shorts[short_index(width, entry, bit)] != 0) << bit;
	if (!children && !prefixes)
		return true;
	word = fib_pool_alloc(fib->pool, DP_FIB_NODE_WORDS + __builtin_popcountll(prefixes));
	if (!word)
		return false;
	leaf = word + DP_FIB_NODE_WORDS;
	node = fib_node(fib, word);
	*node = (struct dp_fib_node){.prefixes = prefixes, .leaf_base = leaf};
	for (uint64_t left = prefixes; left; left &= left - 1)
		*fib_leaf(fib, leaf++) =
			*fib_leaf(fib, at.tree->shorts[short_index(width, entry, __builtin_ctzll(left))]);
	fib_root(fib, draft->shared.root)[entry].node = word;
	return !children || gather_children(fib, root, node, children);
}

static bool narrow(struct fib *fib, struct fib_place at)
{
	unsigned int width = at.shared->width - DP_FIB_STRIDE;
	struct draft draft;

	if (!draft_begin(fib, &draft, width))
		return false;
	for (uint32_t i = 0; i < 1U << width; i++) {
		if (!gather_node(fib, at, &draft, i)) {
			release_narrow(fib, &draft.shared, draft.shorts);
			return false;
		}
	}
	memcpy(draft.shorts, at.tree->shorts, sizeof(*draft.shorts) << width);
	release_wide(fib, at.shared, at.tree->shorts, width);
	at.tree->shorts = draft.shorts;
	*at.shared = draft.shared;
	for (uint32_t i = 1; i < 1U << width; i++) {
		if (draft.shorts[i])
			push_down(fib, at.shared, i, covering(at.tree, i), draft.shorts[i]);
	}
	return true;
}

void fib_root_resize(struct fib *fib, struct fib_place at)
{
	unsigned int width = at.shared->width;
	struct fib_pool_usage usage;
	bool done = true;

	if (at.tree->holdoff) {
		at.tree->holdoff--;
		return;
	}
	if (width < WIDTH_MOST && at.tree->prefixes > most_prefixes(width)) {
		/* Speed for one VRF must not cost the others their routes: only from plenty. */
		fib_pool_usage(fib->pool, &usage);
		done = (usage.words - usage.live) / 4 >= 1U << (width + DP_FIB_STRIDE) && widen(fib, at);
	} else if (width > WIDTH_LEAST && at.tree->prefixes < most_prefixes(width - DP_FIB_STRIDE) / 4) {
		done = narrow(fib, at);
	}
	if (!done)
		at.tree->holdoff = HOLDOFF;
}
