/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/policy/pairs.h"

#include <errno.h>
#include <stdlib.h>

#define LEAST 64

static uint32_t home(const struct pairs *pairs, uint32_t key)
{
	return (key * 0x9e3779b97f4a7c15ULL >> 32) & (pairs->slots - 1);
}

/* The key's slot, or the free one where it would be. */
static struct pair *find(const struct pairs *pairs, uint32_t key)
{
	uint32_t i = home(pairs, key);

	while (pairs->slot[i].count && pairs->slot[i].key != key)
		i = (i + 1) & (pairs->slots - 1);
	return &pairs->slot[i];
}

void pairs_free(struct pairs *pairs)
{
	free(pairs->slot);
	*pairs = (struct pairs){0};
}

int pairs_reserve(struct pairs *pairs, uint32_t keys)
{
	struct pairs more = {.slots = pairs->slots ? pairs->slots : LEAST, .used = pairs->used};

	while (more.slots < keys * 2)
		more.slots *= 2;
	if (more.slots == pairs->slots)
		return 0;
	more.slot = calloc(more.slots, sizeof(*more.slot));
	if (!more.slot)
		return -ENOMEM;
	for (uint32_t i = 0; i < pairs->slots; i++)
		if (pairs->slot[i].count)
			*find(&more, pairs->slot[i].key) = pairs->slot[i];
	free(pairs->slot);
	*pairs = more;
	return 0;
}

int64_t pairs_add(struct pairs *pairs, uint32_t key)
{
	struct pair *pair;
	int status = pairs_reserve(pairs, pairs->used + 1);

	if (status)
		return status;
	pair = find(pairs, key);
	pairs->used += !pair->count;
	pair->key = key;
	return ++pair->count;
}

/* Moves what a search would no longer reach into the gap. */
static void close_gap(struct pairs *pairs, uint32_t gap)
{
	uint32_t mask = pairs->slots - 1;

	for (uint32_t i = (gap + 1) & mask; pairs->slot[i].count; i = (i + 1) & mask) {
		if (((i - home(pairs, pairs->slot[i].key)) & mask) < ((i - gap) & mask))
			continue;
		pairs->slot[gap] = pairs->slot[i];
		pairs->slot[i].count = 0;
		gap = i;
	}
}

uint32_t pairs_take(struct pairs *pairs, uint32_t key)
{
	struct pair *pair = find(pairs, key);
	uint32_t count = --pair->count;

	if (!count) {
		pairs->used--;
		close_gap(pairs, (uint32_t)(pair - pairs->slot));
	}
	return count;
}
