/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes that are in the FIB only while their group has a programmed member (kind_ops->yields): where it has none,
 * packets take the less specific route. A list of them for each group, so that a group that dies costs what it has of
 * them, and routes that stay whatever becomes of their group cost nothing. Internal to vnf/reconcile and the tables of
 * groups.
 */
#ifndef SLUICE_RECONCILE_GROUP_ROUTES_H
#define SLUICE_RECONCILE_GROUP_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/fib.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/reconcile/id_array.h"

/* Of one group. */
struct group_state {
	uint8_t tunnels; /* a member leads into a tunnel: whether that is programmed, the FIB itself decides */
	uint8_t dead;	 /* no member is programmed */
};

struct group_routes {
	struct id_array route; /* struct group_route by the route's id */
	struct id_array first; /* uint32_t route's id by group */
	struct id_array state; /* struct group_state by group */
	uint32_t count;	       /* routes */

	/* Groups of this run whose state became another one. */
	uint32_t *touched;
	size_t touched_count, touched_capacity;
};

void group_routes_open(struct group_routes *routes); /* all zeros before */
void group_routes_close(struct group_routes *routes);

/* The route becomes `after` (NULL: it is gone); either may be one that does not yield, which is not kept. */
void group_routes_change(struct group_routes *routes, struct undo_log *log, const struct resource *before,
			 const struct resource *after);

struct group_state group_routes_state(const struct group_routes *routes, uint32_t group);
/* Notes the group as touched where that is a change. */
void group_routes_set_state(struct group_routes *routes, struct undo_log *log, uint32_t group,
			    struct group_state state);
/* Is the route left out of the FIB? */
bool group_routes_withhold(const struct group_routes *routes, const struct resource *route);

/* Visits the routes of all groups that were touched, and forgets which these were. */
void group_routes_visit_touched(struct group_routes *routes, void (*visit)(void *context, const struct vrf_key *key),
				void *context);
void group_routes_forget_touched(struct group_routes *routes);

#endif
