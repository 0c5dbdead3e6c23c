/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/hop_list.h"

#include <stdlib.h>
#include <string.h>

#define MOST_WEIGHT 100

struct weighted_hop *hop_list_add(struct hop_list *list)
{
	struct weighted_hop *hop;

	if (list->hops == HOP_LIST) {
		list->cut = true;
		return NULL;
	}
	hop = &list->hop[list->hops++];
	memset(hop, 0, sizeof(*hop));
	return hop;
}

static int compare(const void *a, const void *b)
{
	const struct weighted_hop *one = a, *other = b;

	return memcmp(&one->hop, &other->hop, sizeof(one->hop));
}

size_t hop_list_write(struct hop_list *list, struct source_hop hop[SOURCE_HOPS])
{
	uint32_t most = 1;
	size_t hops = 0;

	qsort(list->hop, list->hops, sizeof(list->hop[0]), compare);
	for (size_t i = 0; i < list->hops; i++) {
		if (hops > 0 && compare(&list->hop[hops - 1], &list->hop[i]) == 0)
			list->hop[hops - 1].weight += list->hop[i].weight;
		else
			list->hop[hops++] = list->hop[i];
	}
	if (hops > SOURCE_HOPS) {
		hops = SOURCE_HOPS;
		list->cut = true;
	}
	for (size_t i = 0; i < hops; i++)
		most = list->hop[i].weight > most ? list->hop[i].weight : most;
	for (size_t i = 0; i < hops; i++) {
		uint64_t weight = list->hop[i].weight;

		if (most > MOST_WEIGHT)
			weight = (weight * MOST_WEIGHT + most / 2) / most;
		hop[i] = list->hop[i].hop;
		hop[i].weight = (uint8_t)(weight ? weight : 1);
	}
	return hops;
}
