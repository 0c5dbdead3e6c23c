/* SPDX-License-Identifier: Apache-2.0 */
/* Routes, of clients and of route sources. */
#include "vnf/ctl/columns.h"

/* What makes two candidates of a prefix comparable comes first. */
const struct column route_columns[] = {
	{"VRF", "resource.*.vrf", 0, NULL},
	{"PREFIX", "resource.*.prefix", 0, NULL},
	{"SOURCE", "resource.*.source|owner", 0, NULL},
	{"PROTOCOL", "resource.*.protocol", OPTIONAL | PROTOCOL, NULL},
	{"PREFERENCE", "resource.*.preference", RIGHT, NULL},
	{"METRIC", "resource.*.metric", RIGHT | WIDE | NO_ZERO, NULL},
	{"GROUP", "resource.*.next_hop_group", 0, NULL},
	{"ON-DEAD", "resource.*.on_dead", WIDE, NULL},
	{"IS", "candidate_status.state", STATUS, NULL},
	{"AGE", "candidate_status.since_unix_ms", RIGHT | OPTIONAL | NO_ZERO | SINCE, NULL},
	{"PACKETS", "counters.packets", RIGHT, NULL},
	{"BYTES", "counters.bytes", RIGHT, NULL},
	{"OWNER", "owner", WIDE, NULL},
	{"REVISION", "revision", RIGHT | WIDE, NULL},
	{"STATE", "programmed", STATUS, NULL},
	{"REASON", "candidate_status.reason|reason", OPTIONAL, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column route_source_columns[] = {
	{"NAME", "key", 0, NULL},
	{"VRF", "resource.*.vrf", 0, NULL},
	{"TABLE", "resource.*.table", RIGHT, NULL},
	{"PREFERENCE", "resource.*.preference", RIGHT | WIDE, NULL},
	{"IS", "route_source_status.state", STATUS, NULL},
	{"ROUTES", "route_source_status.routes", RIGHT, NULL},
	{"SUPPRESSED", "route_source_status.suppressed", RIGHT, NULL},
	{"UNUSABLE", "route_source_status.unusable", RIGHT, NULL},
	{"GROUPS", "route_source_status.groups", RIGHT, NULL},
	{"UPDATES", "route_source_status.updates", RIGHT | WIDE, NULL},
	{"LAG-US", "route_source_status.lag_us", RIGHT, NULL},
	{"MOST-US", "route_source_status.lag_most_us", RIGHT | WIDE, NULL},
	{"RESYNCS", "route_source_status.resyncs", RIGHT, NULL},
	{"LAST-RESYNC", "route_source_status.last_resync", OPTIONAL, NULL},
	{"AGO", "route_source_status.last_resync_ms_ago", RIGHT | OPTIONAL | WIDE | NO_ZERO | AGE, NULL},
	{"ACKNOWLEDGED", "route_source_status.acknowledged", RIGHT | OPTIONAL | NO_ZERO, NULL},
	{"OWNER", "owner", WIDE, NULL},
	{"REVISION", "revision", RIGHT | WIDE, NULL},
	{"REASON", "route_source_status.reason|reason", OPTIONAL, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column protected_prefix_columns[] = {
	{"VRF", "resource.*.vrf", 0, NULL},	      {"PREFIX", "resource.*.prefix", 0, NULL},
	{"OWNERS", "resource.*.owners", 0, NULL},     {"OWNER", "owner", WIDE, NULL},
	{"REVISION", "revision", RIGHT | WIDE, NULL}, {NULL, NULL, 0, NULL},
};
