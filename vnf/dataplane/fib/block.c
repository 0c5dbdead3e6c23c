/* SPDX-License-Identifier: Apache-2.0 */
/* Where a holder's results are in its block. How many there is room for follows from its size. */
#include "vnf/dataplane/fib/tree.h"

#define LINE_WORDS 8 /* of the processor's caches; blocks of up to four lines begin with one */

/* Bytes before the results. */
static uint32_t header_of(const struct fib_holder *holder)
{
	return holder->entry ? DP_FIB_TABLE_RESULTS : DP_FIB_NODE_WORDS * 8;
}

struct fib_results fib_holder_results(const struct fib *fib, const struct fib_holder *holder)
{
	uint32_t header = header_of(holder);
	struct fib_results results = {0};

	if (!holder->block)
		return results;
	results.first = holder->block * 8 + header;
	results.count = 1;
	for (uint32_t i = 0; i < fib_holder_parts(holder); i++)
		results.count += __builtin_popcountll(fib_holder_changes(fib, holder)[i]);
	results.room = (fib_pool_capacity(fib->pool, holder->block) * 8 - header) / DP_FIB_RESULT_BYTES;
	return results;
}

uint32_t fib_holder_rank(const struct fib *fib, const struct fib_holder *holder, uint32_t slot)
{
	const __u64 *changes = fib_holder_changes(fib, holder);
	uint32_t rank = 0;

	for (uint32_t i = 0; i < slot / 64; i++)
		rank += __builtin_popcountll(changes[i]);
	return rank + __builtin_popcountll(changes[slot / 64] & ((2ULL << slot % 64) - 1));
}

uint32_t fib_holder_at(const struct fib *fib, const struct fib_holder *holder, uint32_t slot)
{
	if (!holder->block)
		return 0;
	return holder->block * 8 + header_of(holder) + fib_holder_rank(fib, holder, slot) * DP_FIB_RESULT_BYTES;
}

void fib_holder_release(struct fib *fib, const struct fib_holder *holder)
{
	fib_pool_release(fib->pool, holder->block);
}

static uint32_t words_for(const struct fib_holder *holder, uint32_t count)
{
	uint32_t words = (header_of(holder) + count * DP_FIB_RESULT_BYTES + 7) / 8;

	if (holder->entry && words <= LINE_WORDS / 2) /* two tables a line */
		return LINE_WORDS / 2;
	return words <= 4 * LINE_WORDS ? (words + LINE_WORDS - 1) / LINE_WORDS * LINE_WORDS : words;
}

uint32_t fib_holder_place(struct fib *fib, const struct fib_holder *holder, uint32_t count)
{
	uint32_t capacity = holder->block ? fib_pool_capacity(fib->pool, holder->block) : 0;
	uint32_t words = words_for(holder, count), block;

	if (capacity == fib_pool_round(fib->pool, words))
		return holder->block;
	block = fib_pool_alloc(fib->pool, words);
	return block ? block : words <= capacity ? holder->block : 0;
}
