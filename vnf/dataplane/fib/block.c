/* SPDX-License-Identifier: Apache-2.0 */
/* Where a level's results are in its block. How many there is room for follows from its size. */
#include "vnf/dataplane/fib/tree.h"

#define LINE_WORDS 8 /* of the processor's caches; blocks of up to four lines begin with one */

/* Bytes before the results. */
static uint32_t header_of(const struct fib_level *level)
{
	return level->entry ? DP_FIB_TABLE_RESULTS : DP_FIB_NODE_WORDS * 8;
}

struct fib_results fib_level_results(const struct fib *fib, const struct fib_level *level)
{
	uint32_t header = header_of(level);
	struct fib_results results = {0};

	if (!level->block)
		return results;
	results.first = level->block * 8 + header;
	results.count = 1;
	for (uint32_t i = 0; i < fib_level_parts(level); i++)
		results.count += __builtin_popcountll(fib_level_changes(fib, level)[i]);
	results.room = (fib_pool_capacity(fib->pool, level->block) * 8 - header) / DP_FIB_RESULT_BYTES;
	return results;
}

uint32_t fib_level_rank(const struct fib *fib, const struct fib_level *level, uint32_t slot)
{
	const __u64 *changes = fib_level_changes(fib, level);
	uint32_t rank = 0;

	for (uint32_t i = 0; i < slot / 64; i++)
		rank += __builtin_popcountll(changes[i]);
	return rank + __builtin_popcountll(changes[slot / 64] & ((2ULL << slot % 64) - 1));
}

uint32_t fib_level_at(const struct fib *fib, const struct fib_level *level, uint32_t slot)
{
	if (!level->block)
		return 0;
	return level->block * 8 + header_of(level) + fib_level_rank(fib, level, slot) * DP_FIB_RESULT_BYTES;
}

void fib_level_release(struct fib *fib, const struct fib_level *level)
{
	fib_pool_release(fib->pool, level->block);
}

static uint32_t words_for(const struct fib_level *level, uint32_t count)
{
	uint32_t words = (header_of(level) + count * DP_FIB_RESULT_BYTES + 7) / 8;

	if (level->entry && words <= LINE_WORDS / 2) /* two tables a line */
		return LINE_WORDS / 2;
	return words <= 4 * LINE_WORDS ? (words + LINE_WORDS - 1) / LINE_WORDS * LINE_WORDS : words;
}

uint32_t fib_level_place(struct fib *fib, const struct fib_level *level, uint32_t count)
{
	uint32_t capacity = level->block ? fib_pool_capacity(fib->pool, level->block) : 0;
	uint32_t words = words_for(level, count), block;

	if (capacity == fib_pool_round(fib->pool, words))
		return level->block;
	block = fib_pool_alloc(fib->pool, words);
	return block ? block : words <= capacity ? level->block : 0;
}
