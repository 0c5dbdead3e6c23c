/* SPDX-License-Identifier: Apache-2.0 */
/* Where a node's results are: half a word each behind it, a quarter before it. How many follows from the block's size.
 */
#include "vnf/dataplane/fib_tree.h"

/* Words of the node itself. */
static uint32_t header_of(const struct fib_holder *holder)
{
	return holder->root ? DP_FIB_TOP_WORDS : DP_FIB_NODE_WORDS;
}

/* Words that `count` results take before it, and all of the block. */
static uint32_t words_before(uint32_t count)
{
	return (count + 3) / 4;
}

static uint32_t words_for(const struct fib_holder *holder, uint32_t count)
{
	return words_before(count) + header_of(holder) + (count + 1) / 2;
}

/* How many results a block of this size takes. */
static uint32_t room_in(const struct fib_holder *holder, uint32_t words)
{
	uint32_t count = (words - header_of(holder)) * 4 / 3;

	while (words_for(holder, count) > words)
		count--;
	return count;
}

static uint32_t room_of(const struct fib *fib, const struct fib_holder *holder)
{
	return room_in(holder, fib_pool_capacity(fib->pool, holder->node));
}

struct fib_results fib_holder_results_at(const struct fib *fib, const struct fib_holder *holder, uint32_t word)
{
	return (struct fib_results){
		.result = (void *)(fib->words + word + header_of(holder)),
		.more = (void *)(fib->words + word),
	};
}

struct fib_results fib_holder_results(const struct fib *fib, const struct fib_holder *holder)
{
	struct fib_results results = {0};

	if (!holder->node)
		return results;
	results = fib_holder_results_at(fib, holder, holder->node);
	results.count = 1;
	for (uint32_t i = 0; i < fib_holder_parts(holder); i++)
		results.count += __builtin_popcountll(fib_holder_changes(fib, holder)[i]);
	results.room = room_of(fib, holder);
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

__u32 *fib_holder_at(const struct fib *fib, const struct fib_holder *holder, uint32_t slot)
{
	if (!holder->node)
		return NULL;
	return fib_holder_results_at(fib, holder, holder->node).result + fib_holder_rank(fib, holder, slot);
}

void fib_holder_release(struct fib *fib, const struct fib_holder *holder)
{
	if (holder->node)
		fib_pool_release(fib->pool, holder->node - words_before(room_of(fib, holder)));
}

uint32_t fib_holder_place(struct fib *fib, const struct fib_holder *holder, uint32_t count)
{
	uint32_t capacity = holder->node ? fib_pool_capacity(fib->pool, holder->node) : 0;
	uint32_t words = words_for(holder, count), block;

	if (capacity == fib_pool_round(fib->pool, words))
		return holder->node;
	block = fib_pool_alloc(fib->pool, words);
	if (block)
		return block + words_before(room_in(holder, fib_pool_capacity(fib->pool, block)));
	return words <= capacity ? holder->node : 0;
}
