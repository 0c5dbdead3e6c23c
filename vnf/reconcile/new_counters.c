/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/new_counters.h"

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

		if (after && after->kind == RESOURCE_ROUTE && (!before || before->id != after->id))
			reset_route_counter(dataplane, counted, after->id);
		if (!after || before)
			continue;
		switch (after->kind) {
		case RESOURCE_INTERFACE:
			dataplane_counter_reset(dataplane, DP_COUNTER_RX + after->self->id);
			dataplane_counter_reset(dataplane, DP_COUNTER_TX + after->self->id);
			break;
		case RESOURCE_TUNNEL_ENDPOINT:
			dataplane_counter_reset(dataplane, DP_COUNTER_DECAP + after->self->id);
			dataplane_counter_reset(dataplane, DP_COUNTER_ENCAP + after->self->id);
			break;
		case RESOURCE_PORT_PAIR_GROUP:
			dataplane_counter_reset(dataplane, DP_COUNTER_STAGES + after->self->id);
			break;
		case RESOURCE_FLOW_CLASSIFIER:
			dataplane_counter_reset(dataplane, DP_COUNTER_CLASSIFIERS + after->self->id);
			break;
		default:
			break;
		}
	}
}
