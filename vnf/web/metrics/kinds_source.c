/* SPDX-License-Identifier: Apache-2.0 */
/* Route sources. */
#include "vnf/web/metrics/kind_metrics.h"

static void label_source(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"source", state->key};
	label[1] = (struct label){"vrf", state->resource->route_source->vrf};
}

/* One of the status's numbers. */
#define STATUS_VALUE(field)                                                                                            \
	static bool field(const Sluice__V1__ResourceState *state, uint64_t *value)                                     \
	{                                                                                                              \
		*value = state->route_source_status ? state->route_source_status->field : 0;                           \
		return state->route_source_status;                                                                     \
	}
STATUS_VALUE(routes)
STATUS_VALUE(unusable)
STATUS_VALUE(updates)
STATUS_VALUE(resyncs)
STATUS_VALUE(lag_us)
STATUS_VALUE(lag_most_us)
#undef STATUS_VALUE

static bool is_following(const Sluice__V1__ResourceState *state, uint64_t *value)
{
	*value = state->route_source_status &&
		 state->route_source_status->state == SLUICE__V1__SOURCE_STATE__SOURCE_STATE_FOLLOWING;
	return true;
}

static const struct kind_family source_families[] = {
	{{"sluice_route_source_following", METRIC_GAUGE, NULL,
	  "1: the table is followed; 0: it starts, is read again, is frozen, or cannot be read"},
	 is_following,
	 0},
	{{"sluice_route_source_routes", METRIC_GAUGE, NULL, "Routes that the source has"}, routes, 0},
	{{"sluice_route_source_unusable_routes", METRIC_GAUGE, NULL, "Routes of the source that cannot be used"},
	 unusable,
	 0},
	{{"sluice_route_source_updates", METRIC_COUNTER, NULL, "Messages about routes that the source has sent"},
	 updates,
	 0},
	{{"sluice_route_source_resyncs", METRIC_COUNTER, NULL, "Times that the source's table was read whole"},
	 resyncs,
	 0},
	{{"sluice_route_source_lag_seconds", METRIC_GAUGE, "seconds",
	  "From the kernel's message until packets met the last batch of routes"},
	 lag_us,
	 1000000},
	{{"sluice_route_source_lag_max_seconds", METRIC_GAUGE, "seconds", "The longest lag of the last 60 s"},
	 lag_most_us,
	 1000000},
};

const struct kind_metrics source_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE_SOURCE, "route_source",
					    label_source, source_families, KIND_FAMILY_COUNT(source_families)};
