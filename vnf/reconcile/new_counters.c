/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/new_counters.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/dataplane/dataplane.h"

struct new_counters {
	struct dataplane *dataplane;
	bool resuming;
	uint32_t counted[]; /* bit per route id that has had a counter */
};

struct new_counters *new_counters_new(struct dataplane *dataplane)
{
	size_t words = dataplane_limits(dataplane)->routes / 32 + 1;
	struct new_counters *counters = calloc(1, sizeof(*counters) + words * sizeof(*counters->counted));

	if (!counters)
		return NULL;
	counters->dataplane = dataplane;
	if (dataplane_counters_adopted(dataplane))
		memset(counters->counted, 0xff, words * sizeof(*counters->counted));
	return counters;
}

void new_counters_free(struct new_counters *counters)
{
	free(counters);
}

void new_counters_resume(struct new_counters *counters, bool resuming)
{
	counters->resuming = resuming && dataplane_counters_adopted(counters->dataplane);
}

/* A route id that counted for another route before starts from zero. */
static void reset_route_counter(struct new_counters *counters, uint32_t id)
{
	uint32_t bit = 1U << (id % 32), *word = &counters->counted[id / 32];

	if (id > dataplane_limits(counters->dataplane)->routes)
		return; /* it has no counter */
	if (*word & bit)
		dataplane_counter_reset(counters->dataplane, DP_COUNTER_ROUTES + id);
	*word |= bit;
}

void new_counters_reset(struct new_counters *counters, const struct delta *delta)
{
	const struct dp_limits *limits = dataplane_limits(counters->dataplane);

	for (size_t i = 0; i < delta->count && !counters->resuming; i++) {
		const struct resource *before = delta->entry[i].before, *after = delta->entry[i].after;
		const struct kind_ops *ops;

		if (!after || (before && resource_id(before) == resource_id(after)))
			continue;
		ops = kind_ops(after->kind);
		for (size_t j = 0; j < KIND_COUNTERS && ops->counters[j].field; j++) {
			if (ops->counters[j].first == DP_COUNTER_ROUTES)
				reset_route_counter(counters, after->id);
			else
				dataplane_counter_reset(counters->dataplane,
							kind_counter_first(ops, j, limits) + resource_id(after));
		}
		if (after->kind == RESOURCE_MEMBER)
			dataplane_member_load_reset(counters->dataplane, resource_id(after));
	}
}
