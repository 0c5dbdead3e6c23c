/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roots: direct-indexed, wider as a tree grows. Prefixes of up to the width are pushed into every entry that they
 * cover.
 */
#include <errno.h>
#include <stdlib.h>

#include "vnf/dataplane/fib/tree.h"

int fib_root_create(struct fib *fib, struct fib_place at, unsigned int width)
{
	uint32_t *short_prefixes = calloc(2U << width, sizeof(*short_prefixes)), root;

	if (!short_prefixes)
		return -ENOMEM;
	root = fib_pool_alloc(fib->pool, 1U << (width - 1));
	if (!root) {
		free(short_prefixes);
		return -ENOSPC;
	}
	memset(fib->words + root, 0, sizeof(__u32) << width);
	at.tree->short_prefixes = short_prefixes;
	at.shared->root = root;
	at.shared->width = width;
	return 0;
}

static void release_below(struct fib *fib, const struct fib_level *level)
{
	struct fib_results results = fib_level_results(fib, level);

	for (uint32_t i = 0; i < results.count; i++) {
		__u64 result = fib_results_get(fib, &results, i);
		struct fib_level below = {.block = fib_jump_node(result)};

		if (result & DP_FIB_JUMP)
			release_below(fib, &below);
	}
	fib_level_release(fib, level);
}

void fib_root_destroy(struct fib *fib, struct fib_place at)
{
	for (uint32_t i = 0; i < 1U << at.shared->width; i++) {
		struct fib_level level = fib_root_holder(fib, at, i);

		release_below(fib, &level);
	}
	for (uint32_t i = 1; i < 2U << at.shared->width; i++)
		fib_pool_release(fib->pool, at.tree->short_prefixes[i]);
	fib_shortcuts_destroy(fib, at);
	fib_pool_release(fib->pool, at.shared->root);
	at.shared->root = 0;
	at.shared->width = 0;
	free(at.tree->short_prefixes);
	at.tree->short_prefixes = NULL;
}

/* Gives all entries under the prefix but those under a longer one of the short prefixes its result, at this word. */
static void push_down(struct fib *fib, struct fib_place at, uint32_t index, uint32_t word)
{
	uint32_t entries = 1U << at.shared->width;
	__u32 *entry;

	if (index >= entries) {
		entry = fib_entry(fib, at, index - entries);
		if (*entry & DP_FIB_TABLE)
			fib_put_at(fib, fib_entry_leaf(*entry), fib_get_at(fib, word * 8));
		else
			*entry = word;
		return;
	}
	for (uint32_t half = 2 * index; half <= 2 * index + 1; half++) {
		if (!at.tree->short_prefixes[half])
			push_down(fib, at, half, word);
	}
}

/* Word of the result of the longest prefix around this one; 0, where the pool has a 0: there is none. */
static uint32_t around(const struct fib_tree *tree, uint32_t index)
{
	while (index && !tree->short_prefixes[index])
		index /= 2;
	return index ? tree->short_prefixes[index] : 0;
}

void fib_root_restore(struct fib *fib, struct fib_place at, __u32 *entry)
{
	*entry = around(at.tree, (1U << at.shared->width) + (uint32_t)(entry - fib_entry(fib, at, 0)));
}

int fib_root_set(struct fib *fib, struct fib_place at, fib_key key, unsigned int length, struct dp_fib_leaf leaf)
{
	uint32_t index = 1U << length | fib_bits(key, 0, length);
	uint32_t before = at.tree->short_prefixes[index], word = before ? before : fib_pool_alloc(fib->pool, 1);

	if (!word)
		return -ENOSPC;
	fib_put_at(fib, word * 8, fib_pack(leaf, 0));
	at.tree->short_prefixes[index] = word;
	push_down(fib, at, index, word);
	return !before;
}

bool fib_root_unset(struct fib *fib, struct fib_place at, fib_key key, unsigned int length)
{
	uint32_t index = 1U << length | fib_bits(key, 0, length);
	uint32_t word = at.tree->short_prefixes[index];

	if (!word)
		return false;
	at.tree->short_prefixes[index] = 0;
	push_down(fib, at, index, around(at.tree, index));
	fib_pool_release(fib->pool, word);
	return true;
}
