/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a run's policy into the engine, and says what its VRFs then cost. Internal to vnf/reconcile. */
#ifndef SLUICE_RECONCILE_POLICY_COSTS_H
#define SLUICE_RECONCILE_POLICY_COSTS_H

#include <stddef.h>
#include <stdint.h>

#include "vnf/dataplane/policy/policy.h"

struct handle;
struct tables;

struct vrf_cost {
	const struct handle *vrf;
	struct policy_cost cost;
};

/* Of the VRFs whose rules or members the last run changed, and that are there. */
struct policy_costs {
	struct vrf_cost *vrf;
	size_t count, room;
};

void policy_costs_free(struct policy_costs *costs); /* an empty one is fine */

/* Does what the run lists to the idle bank's engine. 0, or -errno with the tables' error filled: a table is full, or a
 * packet may have to look into too many tuples. */
int policy_costs_update(struct tables *tables);

/* For texts; "?": there is none. A rule by its id of policy_ids(): that of a policy rule, or of a security group or its
 * rule, of those that the run takes away as well. */
const char *policy_rule_name(const struct tables *tables, uint32_t id);
const char *policy_vrf_name(const struct tables *tables, uint16_t id);

#endif
