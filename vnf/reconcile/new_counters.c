/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/new_counters.h"

#include "vnf/control/kinds/kinds.h"
#include "vnf/dataplane/dataplane.h"

/* A route id that counted for another route before starts from zero. */
static void reset_route_counter(struct dataplane *dataplane, uint32_t *counted, uint32_t id)
{
	uint32_t bit = 1U << (id % 32), *word = &counted[id / 32];

	if (id > dataplane_limits(dataplane)->routes)
		return; /* it has no counter */
	if (*word & bit)
		dataplane_counter_reset(dataplane, DP_COUNTER_ROUTES + id);
	*word |= bit;
}

void new_counters_reset(struct dataplane *dataplane, uint32_t *counted, const struct delta *delta)
{
	for (size_t i = 0; i < delta->count; i++) {
		const struct resource *before = delta->entry[i].before, *after = delta->entry[i].after;
		const struct kind_counter *counter;

		if (!after || (before && resource_id(before) == resource_id(after)))
			continue;
		counter = kind_ops(after->kind)->counters;
		for (int j = 0; j < KIND_COUNTERS && counter[j].field; j++) {
			if (counter[j].first == DP_COUNTER_ROUTES)
				reset_route_counter(dataplane, counted, after->id);
			else
				dataplane_counter_reset(dataplane, counter[j].first + resource_id(after));
		}
	}
}
