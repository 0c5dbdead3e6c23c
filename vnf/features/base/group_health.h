/* SPDX-License-Identifier: Apache-2.0 */
/* Which next hops of a group its health monitor says to be up. All are where the group has no monitor. */
#ifndef SLUICE_FEATURES_BASE_GROUP_HEALTH_H
#define SLUICE_FEATURES_BASE_GROUP_HEALTH_H

#include "vnf/features/base/base.h"
#include "vnf/reconcile/health.h"
#include "vnf/reconcile/table.h"

struct next_hop_health {
	const struct health_targets *health; /* NULL: the group has no monitor */
	const char *group;
};

/* NULL is fine. */
struct next_hop_health next_hop_health(const struct tables *tables, const struct next_hop_group *group);
bool next_hop_is_up(const struct next_hop_health *health, const struct handle *next_hop);

#endif
