/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The FIB engine: longest-prefix tables of all VRFs in one bank's word pool (api/dp/fib.h has the layout). The engine
 * of a bank is told every change of that bank; it keeps the pool's allocator outside the shared memory. One thread.
 */
#ifndef SLUICE_DATAPLANE_FIB_H
#define SLUICE_DATAPLANE_FIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/bank.h"
#include "vnf/core/address.h"

struct fib;
struct fib_pool;

/* `words` is the pool (`count` words, zeroed), `trees` the table that it keeps, of VRFs up to `vrfs`. Both
 * are borrowed. NULL: out of memory. */
struct fib *fib_new(__u64 *words, uint32_t count, struct dp_fib_trees *trees, uint32_t vrfs);
/* The same in words that others use as well: `pool`, borrowed, says which are free. */
struct fib *fib_new_in(struct fib_pool *pool, __u64 *words, uint32_t count, struct dp_fib_trees *trees, uint32_t vrfs);
void fib_free(struct fib *fib); /* NULL is fine; the words are left as they are */

/* Adds the prefix or changes its leaf: a group, or DP_GROUP_LOCAL, and a route of up to DP_MAX_ROUTES. 0, -EINVAL: no
 * such leaf or VRF, -ENOSPC: the pool is full, -ENOMEM; on failure nothing has changed. */
int fib_set(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf);

/* Takes the prefix out; false: it was not there. Never fails. */
bool fib_unset(struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix);

/* Exactly this prefix. */
bool fib_get(const struct fib *fib, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf *leaf);

/* What the XDP program would find for the address; group DP_GROUP_NONE: no route. */
struct dp_fib_leaf fib_lookup(const struct fib *fib, uint16_t vrf, const struct ip_address *address);

/*
 * The reserve of a VRF: words for as many prefixes, whatever they are, that prefixes of other VRFs do not take. It is
 * counted in words, of which the worst prefix takes FIB_PREFIX_WORDS; a reserve that is set always counts, whether
 * there is room for it or not.
 */
#define FIB_PREFIX_WORDS 32
void fib_reserve(struct fib *fib, uint16_t vrf, uint32_t prefixes);
bool fib_reserves_fit(const struct fib *fib); /* is there room for all of them? */
/* While it guards, fib_set is -ENOSPC where it would take what is kept for others. It does not at first. */
void fib_guard(struct fib *fib, bool guards);
uint64_t fib_words_kept(const struct fib *fib);	 /* of those that are free */
uint64_t fib_words_spare(const struct fib *fib); /* and besides, to begin pages for them */

struct fib_usage {
	uint64_t words_used; /* of the pool, in live blocks, each rounded up to its size class */
	uint64_t words_free; /* in freed blocks and never used */
	uint64_t words_held; /* in pages that hold a live block: used, and free only for the same size class */
	uint64_t prefixes;
};
void fib_usage(const struct fib *fib, struct fib_usage *usage);
uint64_t fib_words_held(const struct fib *fib); /* of those alone */

#endif
