/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/candidate_order.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/key.h"
#include "vnf/control/kinds/kinds.h"

/* The first bytes of what tells the keys of one VRF, or names, apart. Several VRFs, or kinds, share the ranks: each has
 * its own part of a map, or its own map, which is gone through in order as well. */
static uint64_t rank_of(const struct resource *resource)
{
	const struct resource_key key = resource_key(resource);
	uint64_t first = 0;

	if (key.prefix)
		memcpy(&first, key.prefix->address.byte, sizeof(first));
	else
		memcpy(&first, key.text, strnlen(key.text, sizeof(first)));
	return be64toh(first);
}

static int compare(const void *a, const void *b)
{
	const struct candidate_place *one = a, *other = b;

	return one->rank < other->rank ? -1 : one->rank > other->rank;
}

struct candidate_place *candidate_order(const struct delta *delta)
{
	struct candidate_place *order;
	bool in_order = true;

	if (delta->count < CANDIDATE_ORDER_LEAST)
		return NULL;
	order = malloc(delta->count * sizeof(*order));
	if (!order)
		return NULL;
	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];

		order[i] = (struct candidate_place){rank_of(entry->after ? entry->after : entry->before), (uint32_t)i};
		in_order = in_order && (!i || order[i].rank >= order[i - 1].rank);
	}
	if (in_order) {
		free(order);
		return NULL;
	}
	qsort(order, delta->count, sizeof(*order), compare);
	return order;
}
