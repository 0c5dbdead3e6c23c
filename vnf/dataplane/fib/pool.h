/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which words of a bank's FIB are in use. Blocks of up to FIB_POOL_BLOCK words come from pages of one size class;
 * larger ones, the roots, take whole pages. A page that empties goes back to all, and the lowest place is always taken
 * first, so that churn cannot scatter the pool. Kept in the daemon's own memory; the pool's words are never touched.
 */
#ifndef SLUICE_DATAPLANE_FIB_POOL_H
#define SLUICE_DATAPLANE_FIB_POOL_H

#include <stdint.h>

#define FIB_POOL_PAGE	 1024 /* words */
#define FIB_POOL_BLOCK	 1024
#define FIB_POOL_CLASSES 39 /* sizes of blocks */

struct fib_pool;

/* For `count` words, of which the first page stays unused: reference 0 means none. NULL: out of memory. */
struct fib_pool *fib_pool_new(uint32_t count);
void fib_pool_free(struct fib_pool *pool); /* NULL is fine */

/* Index of the first of at least `words` words (1 or more), contents left as they are. 0: the pool is full. */
uint32_t fib_pool_alloc(struct fib_pool *pool, uint32_t words);
/* What blocks that are taken from now on leave: of the words that no block has, `kept`; of those in free pages, and
 * unless it is 0, `spare` besides. */
void fib_pool_keep(struct fib_pool *pool, uint64_t kept, uint64_t spare);
void fib_pool_release(struct fib_pool *pool, uint32_t block); /* 0 is fine */

/* Words that the block really has, and that a new one of `words` (1 to FIB_POOL_BLOCK) would have. */
uint32_t fib_pool_capacity(const struct fib_pool *pool, uint32_t block);
uint32_t fib_pool_round(const struct fib_pool *pool, uint32_t words);

struct fib_pool_usage {
	uint64_t words; /* that can be had at all */
	uint64_t live;	/* in blocks that are in use, rounded up to their class */
	uint64_t held;	/* in pages that hold a block */
};
void fib_pool_usage(const struct fib_pool *pool, struct fib_pool_usage *usage);

#endif
