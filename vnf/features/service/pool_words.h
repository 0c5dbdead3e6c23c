/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which words of service_words[] are whose: one allocator for both banks. A block is at the same place in both, and a
 * bank's rows refer to the bank's own words. So a run may write anew what packets read by the other bank; only the
 * allocator has to wait with what is given back until the run is over, since it may be undone.
 */
#ifndef SLUICE_FEATURES_SERVICE_POOL_WORDS_H
#define SLUICE_FEATURES_SERVICE_POOL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fib_pool;

struct pool_words {
	struct fib_pool *pool;	 /* NULL until the first block */
	uint32_t *taken, *given; /* blocks, in this run */
	size_t taken_count, given_count, taken_room, given_room;
};

/* So many more calls of take and of give in this run succeed as far as memory goes; `size` is that of the table. 0 or
 * -ENOMEM. */
int pool_words_prepare(struct pool_words *words, uint32_t size, size_t takes, size_t gives);
/* A block of so many words, 1 or more; 0: there is no room. */
uint32_t pool_words_take(struct pool_words *words, uint32_t count);
void pool_words_give(struct pool_words *words, uint32_t block); /* 0 is fine */
/* Is the block one that `count` words would get? */
bool pool_words_fit(const struct pool_words *words, uint32_t block, uint32_t count);
void pool_words_finish(struct pool_words *words, bool undone); /* the run is over */
void pool_words_close(struct pool_words *words);	       /* frees what it points to */

#endif
