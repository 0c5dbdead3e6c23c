/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/ids.h"

#include <errno.h>
#include <stdlib.h>

int ids_init(struct ids *ids, uint32_t maximum)
{
	*ids = (struct ids){.maximum = maximum};
	ids->word = calloc(maximum / 64 + 1, sizeof(*ids->word));
	if (!ids->word)
		return -ENOMEM;
	ids->word[0] = 1; /* 0 is nobody's */
	return 0;
}

void ids_clear(struct ids *ids)
{
	free(ids->word);
	*ids = (struct ids){0};
}

uint32_t ids_take(struct ids *ids)
{
	uint32_t id;

	if (ids->used == ids->maximum)
		return 0;
	while (ids->word[ids->hint] == UINT64_MAX)
		ids->hint++;
	/* One is free, so this stays at or below the maximum: bits beyond it come last. */
	id = ids->hint * 64 + (uint32_t)__builtin_ctzll(~ids->word[ids->hint]);
	ids->word[ids->hint] |= 1ULL << (id % 64);
	ids->used++;
	return id;
}

uint32_t ids_take_this(struct ids *ids, uint32_t id)
{
	if (id < 1 || id > ids->maximum || ids->word[id / 64] >> (id % 64) & 1)
		return 0;
	ids->word[id / 64] |= 1ULL << (id % 64);
	ids->used++;
	return id;
}

void ids_give(struct ids *ids, uint32_t id)
{
	ids->word[id / 64] &= ~(1ULL << (id % 64));
	ids->used--;
	if (id / 64 < ids->hint)
		ids->hint = id / 64;
}
