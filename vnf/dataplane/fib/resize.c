/* SPDX-License-Identifier: Apache-2.0 */
/* A tree with many prefixes has a wide root. To change its width, a second tree is made and takes the first one's
 * place. */
#include <stdlib.h>

#include "vnf/dataplane/fib/tree.h"

#define HOLDOFF 4096
#define FEW	512 /* prefixes of a tree that is small beside its wider root */

/*
 * The number of prefixes from which on a root of this width is too narrow; it is too wide at a quarter of what the next
 * narrower one bears, so that a tree at the border does not swing. The narrowest is for trees of next to nothing: every
 * look-up in it takes a node more, a wait for memory that depends on the one before, and the next root costs 4 KiB. The
 * widest costs some eight words a prefix.
 */
static uint32_t most_prefixes(unsigned int width)
{
	return width == FIB_WIDTH_LEAST ? 8 : width == FIB_WIDTH_MOST ? UINT32_MAX : 65536;
}

/* The prefixes of the level and of the nodes below it; one that several runs of slots show is set as often. */
static int copy_below(struct fib *fib, const struct fib_level *level, fib_key key, struct fib_place to)
{
	struct fib_results results = fib_level_results(fib, level);
	int status = 0;

	for (uint32_t i = 0; i < results.room && status >= 0; i++) {
		__u64 result = fib_results_get(fib, &results, i);
		uint32_t code = fib_code(result);
		unsigned int length;

		if (!result && i >= results.count)
			break;
		if (result & DP_FIB_JUMP) {
			struct fib_level below = {.block = fib_jump_node(result), .offset = fib_jump_offset(result)};

			status = copy_below(fib, &below, fib_jump_key(fib, result, key), to);
		} else if (result) {
			length = 31 - __builtin_clz(code);
			status = fib_tree_set(fib, to,
					      key | (fib_key)(code ^ 1U << length) << (128 - level->offset - length),
					      level->offset + length, fib_leaf_of(result));
		}
	}
	return status;
}

static int copy(struct fib *fib, struct fib_place from, struct fib_place to)
{
	unsigned int width = from.shared->width;
	int status = 0;

	for (unsigned int length = 0; length <= width; length++) {
		for (uint32_t i = 0; i < 1U << length && status >= 0; i++) {
			uint32_t word = from.tree->short_prefixes[1U << length | i];

			/* A shift by 128 would be none. */
			if (word)
				status = fib_tree_set(fib, to, length ? (fib_key)i << (128 - length) : 0, length,
						      fib_leaf_of(fib_get_at(fib, word * 8)));
		}
	}
	for (uint32_t i = 0; i < 1U << width && status >= 0; i++) {
		struct fib_level level = fib_root_holder(fib, from, i);

		status = copy_below(fib, &level, (fib_key)i << (128 - width), to);
	}
	return status;
}

static bool resize(struct fib *fib, struct fib_place at, unsigned int width)
{
	struct fib_tree tree = {.prefixes = at.tree->prefixes};
	struct dp_fib_tree shared = {0};
	__u32 shortcuts = 0;
	struct fib_place draft = {&tree, &shared, at.shortcuts ? &shortcuts : NULL};

	if (fib_root_create(fib, draft, width))
		return false;
	if (copy(fib, at, draft) < 0) {
		fib_root_destroy(fib, draft);
		return false;
	}
	fib_root_destroy(fib, at);
	*at.tree = tree;
	*at.shared = shared;
	if (at.shortcuts)
		*at.shortcuts = shortcuts;
	return true;
}

/* A small tree gets its wider root only while most of the pool is free: a VRF's speed must not cost others their
 * routes.
 */
static bool may_widen(const struct fib *fib, uint32_t prefixes)
{
	struct fib_pool_usage usage;

	fib_pool_usage(fib->pool, &usage);
	return prefixes > FEW || usage.live < usage.words / 4;
}

void fib_root_resize(struct fib *fib, struct fib_place at)
{
	unsigned int width = at.shared->width;
	bool done = true;

	if (at.tree->holdoff) {
		at.tree->holdoff--;
		return;
	}
	if (width < FIB_WIDTH_MOST && at.tree->prefixes > most_prefixes(width)) {
		if (!may_widen(fib, at.tree->prefixes))
			return;
		width += FIB_WIDTH_STEP;
		done = fib_has_plenty(fib, 1U << width) && resize(fib, at, width);
	} else if (width > FIB_WIDTH_LEAST && at.tree->prefixes < most_prefixes(width - FIB_WIDTH_STEP) / 4) {
		done = resize(fib, at, width - FIB_WIDTH_STEP);
	}
	if (!done)
		at.tree->holdoff = HOLDOFF;
}
