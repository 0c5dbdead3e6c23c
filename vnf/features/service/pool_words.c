/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/service/pool_words.h"

#include <errno.h>
#include <stdlib.h>

#include "vnf/dataplane/fib/pool.h"

static int make_room(uint32_t **list, size_t *room, size_t wanted)
{
	size_t more = *room ? *room : 16;
	uint32_t *grown;

	if (wanted <= *room)
		return 0;
	while (more < wanted)
		more *= 2;
	grown = realloc(*list, more * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*list = grown;
	*room = more;
	return 0;
}

int pool_words_prepare(struct pool_words *words, uint32_t size, size_t takes, size_t gives)
{
	if (!words->pool)
		words->pool = fib_pool_new(size);
	if (!words->pool || make_room(&words->taken, &words->taken_room, words->taken_count + takes) ||
	    make_room(&words->given, &words->given_room, words->given_count + gives))
		return -ENOMEM;
	return 0;
}

bool pool_words_fit(const struct pool_words *words, uint32_t block, uint32_t count)
{
	uint32_t capacity = block ? fib_pool_capacity(words->pool, block) : 0;

	if (count <= FIB_POOL_BLOCK)
		return capacity == fib_pool_round(words->pool, count);
	return capacity == (count + FIB_POOL_PAGE - 1) / FIB_POOL_PAGE * FIB_POOL_PAGE;
}

/* One that this run has given back and that has just this size; 0: none. */
static uint32_t take_given(struct pool_words *words, uint32_t count)
{
	for (size_t i = words->given_count; i > 0; i--) {
		uint32_t block = words->given[i - 1];

		if (!pool_words_fit(words, block, count))
			continue;
		words->given[i - 1] = words->given[--words->given_count];
		return block;
	}
	return 0;
}

uint32_t pool_words_take(struct pool_words *words, uint32_t count)
{
	uint32_t block = fib_pool_alloc(words->pool, count);

	if (!block)
		return take_given(words, count);
	words->taken[words->taken_count++] = block;
	return block;
}

void pool_words_give(struct pool_words *words, uint32_t block)
{
	if (block)
		words->given[words->given_count++] = block;
}

void pool_words_finish(struct pool_words *words, bool undone)
{
	size_t count = undone ? words->taken_count : words->given_count;
	const uint32_t *back = undone ? words->taken : words->given;

	for (size_t i = 0; i < count; i++)
		fib_pool_release(words->pool, back[i]);
	words->taken_count = words->given_count = 0;
}

void pool_words_close(struct pool_words *words)
{
	fib_pool_free(words->pool);
	free(words->taken);
	free(words->given);
}
