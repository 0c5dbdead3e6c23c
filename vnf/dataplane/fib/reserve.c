/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reserves. A VRF is promised words for as many prefixes as it has reserved; those that its tree has taken are no
 * longer kept for it, and those that it gives back are again. What only makes look-ups faster, a wide root and
 * shortcuts, comes out of no promise.
 */
#include "vnf/dataplane/fib/fib.h"
#include "vnf/dataplane/fib/tree.h"

/* A page a size class may be begun for a promise, and be used for nothing else. */
#define SPARE (FIB_POOL_CLASSES * FIB_POOL_PAGE)

static uint64_t live(const struct fib *fib)
{
	struct fib_pool_usage usage;

	fib_pool_usage(fib->pool, &usage);
	return usage.live;
}

/* Words of the root beyond those of the narrowest one. */
static uint32_t wide(const struct fib *fib, const struct dp_fib_tree *tree)
{
	return tree->root ? fib_pool_capacity(fib->pool, tree->root) - (1U << (FIB_WIDTH_LEAST - 1)) : 0;
}

static void update(struct fib *fib, uint16_t vrf)
{
	const struct dp_fib_trees *trees = &fib->trees[vrf];
	struct fib_reserve *reserve = &fib->reserve[vrf];
	uint64_t used = reserve->words, kept;

	if (!reserve->promised && !reserve->kept)
		return;
	used -= wide(fib, &trees->ipv4) + wide(fib, &trees->ipv6.tree) + fib_shortcuts_words(trees->ipv6.shortcuts);
	kept = reserve->promised > used ? reserve->promised - used : 0;
	fib->kept += kept - reserve->kept;
	reserve->kept = kept;
}

uint64_t fib_reserve_begin(struct fib *fib, uint16_t vrf, bool adds)
{
	const struct fib_reserve *own = &fib->reserve[vrf];

	if (fib->guards && adds)
		fib_pool_keep(fib->pool, fib->kept - own->kept, own->kept ? 0 : SPARE);
	return live(fib);
}

void fib_reserve_for_speed(struct fib *fib)
{
	if (fib->guards)
		fib_pool_keep(fib->pool, fib->kept, SPARE);
}

void fib_reserve_end(struct fib *fib, uint16_t vrf, uint64_t before)
{
	fib_pool_keep(fib->pool, 0, 0);
	fib->reserve[vrf].words += live(fib) - before;
	update(fib, vrf);
}

void fib_reserve(struct fib *fib, uint16_t vrf, uint32_t prefixes)
{
	if (vrf > fib->vrfs)
		return;
	fib->reserve[vrf].promised = (uint64_t)prefixes * FIB_PREFIX_WORDS;
	update(fib, vrf);
}

bool fib_reserves_fit(const struct fib *fib)
{
	struct fib_pool_usage usage;

	fib_pool_usage(fib->pool, &usage);
	return !fib->kept || usage.held + fib->kept + SPARE <= usage.words;
}

void fib_guard(struct fib *fib, bool guards)
{
	fib->guards = guards;
}

uint64_t fib_words_spare(const struct fib *fib)
{
	return fib->kept ? SPARE : 0;
}

uint64_t fib_words_kept(const struct fib *fib)
{
	return fib->kept;
}
