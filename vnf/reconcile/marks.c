/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_KEPT 4096 /* between runs */

static int make_room(struct marks *marks, uint32_t id)
{
	size_t words = marks->words ? marks->words : 8, capacity = marks->capacity ? marks->capacity * 2 : 16;
	uint64_t *bit;
	uint32_t *ids;

	while (words <= id / 64)
		words *= 2;
	if (words > marks->words) {
		bit = realloc(marks->bit, words * sizeof(*bit));
		if (!bit)
			return -ENOMEM;
		memset(bit + marks->words, 0, (words - marks->words) * sizeof(*bit));
		marks->bit = bit;
		marks->words = words;
	}
	if (marks->count < marks->capacity)
		return 0;
	ids = realloc(marks->id, capacity * sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	marks->id = ids;
	marks->capacity = capacity;
	return 0;
}

int marks_add(struct marks *marks, uint32_t id)
{
	int error = make_room(marks, id);

	if (error || marks->bit[id / 64] >> (id % 64) & 1)
		return error;
	marks->bit[id / 64] |= 1ULL << (id % 64);
	marks->id[marks->count++] = id;
	return 0;
}

void marks_clear(struct marks *marks)
{
	for (size_t i = 0; i < marks->count; i++)
		marks->bit[marks->id[i] / 64] = 0;
	marks->count = 0;
	if (marks->capacity <= COUNT_KEPT)
		return;
	free(marks->id);
	marks->id = NULL;
	marks->capacity = 0;
}

void marks_free(struct marks *marks)
{
	free(marks->bit);
	free(marks->id);
}
