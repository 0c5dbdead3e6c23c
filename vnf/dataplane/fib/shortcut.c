/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shortcuts (api/dp/fib.h). Only a prefix longer than their 32 bits can make, move or end the node that one leads to,
 * and only on its own path: so each such change looks at one. Where there is no room for another, it is left out.
 */
#include "vnf/dataplane/fib/tree.h"

uint32_t fib_shortcuts_words(__u32 shortcuts)
{
	return shortcuts ? DP_FIB_SHORTCUT_BUCKET << (shortcuts >> DP_FIB_SHORTCUT_SHIFT) : 0;
}

static uint32_t block(__u32 shortcuts)
{
	return shortcuts & ((1U << DP_FIB_SHORTCUT_SHIFT) - 1);
}

/* The slot of these bits, else a free one of their bucket, else NULL. */
static __u64 *slot_for(const struct fib *fib, __u32 shortcuts, uint32_t bits)
{
	__u64 *slot = fib->words + dp_fib_shortcut_bucket(shortcuts, bits), *unused = NULL;

	if (!shortcuts)
		return NULL;
	for (unsigned int i = 0; i < DP_FIB_SHORTCUT_BUCKET; i++) {
		if (!slot[i])
			unused = &slot[i];
		else if (slot[i] >> 32 == bits)
			return &slot[i];
	}
	return unused;
}

/* Another number of slots, a power of two; without room for them all stays. What finds its bucket full is left out. */
static void resize(struct fib *fib, struct fib_place at, uint32_t count)
{
	uint32_t before = *at.shortcuts, after;

	fib_reserve_for_speed(fib);
	after = fib_has_plenty(fib, count) ? fib_pool_alloc(fib->pool, count) : 0;
	if (!after)
		return;
	memset(fib->words + after, 0, count * sizeof(__u64));
	after |= __builtin_ctz(count / DP_FIB_SHORTCUT_BUCKET) << DP_FIB_SHORTCUT_SHIFT;
	at.tree->shortcuts = 0;
	for (uint32_t i = 0; i < fib_shortcuts_words(before); i++) {
		__u64 shortcut = fib->words[block(before) + i];
		__u64 *slot = shortcut ? slot_for(fib, after, shortcut >> 32) : NULL;

		if (slot) {
			*slot = shortcut;
			at.tree->shortcuts++;
		}
	}
	fib_pool_release(fib->pool, block(before));
	*at.shortcuts = after;
}

void fib_shortcuts_destroy(struct fib *fib, struct fib_place at)
{
	if (!at.shortcuts)
		return;
	fib_pool_release(fib->pool, block(*at.shortcuts));
	*at.shortcuts = 0;
	at.tree->shortcuts = 0;
}

/* Room for one more: half of the slots stay free, so that few buckets are full. */
static void grow(struct fib *fib, struct fib_place at)
{
	uint32_t have = fib_shortcuts_words(*at.shortcuts);

	if (!have)
		resize(fib, at, DP_FIB_SHORTCUT_BUCKET);
	else if (at.tree->shortcuts * 2 >= have)
		resize(fib, at, have * 2);
}

/* At least an eighth is used. */
static void shrink(struct fib *fib, struct fib_place at)
{
	uint32_t have = fib_shortcuts_words(*at.shortcuts);

	if (!at.tree->shortcuts)
		fib_shortcuts_destroy(fib, at);
	else if (have > DP_FIB_SHORTCUT_BUCKET && at.tree->shortcuts * 8 < have)
		resize(fib, at, have / 2);
}

/* To the first node behind the shortcut's bits on the path of the key; 0: there is none. */
static __u64 walk(const struct fib *fib, struct fib_place at, fib_key key)
{
	struct fib_level level = fib_root_holder(fib, at, fib_bits(key, 0, at.shared->width));
	__u64 jump;

	do {
		uint32_t link = fib_level_at(fib, &level, fib_level_slot(&level, key));

		jump = link ? fib_get_at(fib, link) : 0;
		if (!(jump & DP_FIB_JUMP))
			return 0;
		level = (struct fib_level){.block = fib_jump_node(jump), .offset = fib_jump_offset(jump)};
	} while (level.offset < DP_FIB_SHORTCUT_BITS);
	/* Bits that a jump skips may be others than the key's. */
	return fib_bits(fib_jump_key(fib, jump, key) ^ key, 0, DP_FIB_SHORTCUT_BITS) ? 0 : jump;
}

void fib_shortcut_update(struct fib *fib, struct fib_place at, fib_key key)
{
	uint32_t bits = fib_bits(key, 0, DP_FIB_SHORTCUT_BITS);
	__u64 jump = walk(fib, at, key) & UINT32_MAX, *slot = slot_for(fib, *at.shortcuts, bits);

	if (jump && !(slot && *slot)) {
		grow(fib, at);
		slot = slot_for(fib, *at.shortcuts, bits);
		at.tree->shortcuts += slot != NULL;
	}
	if (jump && slot) {
		*slot = (__u64)bits << 32 | jump;
	} else if (slot && *slot) {
		*slot = 0;
		at.tree->shortcuts--;
		shrink(fib, at);
	}
}
