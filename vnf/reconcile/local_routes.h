/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The router's own addresses: host routes to itself, each for as long as somebody in its VRF holds it, which is an
 * interface or the VRF itself. Of a run the state before it is known, too, until local_routes_finish. Internal to
 * vnf/reconcile and the tables of addresses.
 */
#ifndef SLUICE_RECONCILE_LOCAL_ROUTES_H
#define SLUICE_RECONCILE_LOCAL_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/limits.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/reconcile/id_array.h"

struct local_route {
	struct handle *vrf;
	struct ip_prefix prefix;
};

struct local_routes {
	struct id_pool entry;	  /* struct local_route_entry */
	struct id_index by_route; /* entries by VRF and prefix */
	struct id_pool use;	  /* of an entry by a holder */
	struct id_array first;	  /* uint32_t use by holder */

	/* Entries that this run began or ceased to use. */
	uint32_t *touched;
	size_t touched_count, touched_capacity;

	/* Of the holder at hand. */
	uint32_t holder, old_first, new_first;
};

void local_routes_open(struct local_routes *local_routes); /* all zeros before */
void local_routes_close(struct local_routes *local_routes);

/* Holders' numbers: an interface's is its id. */
static inline uint32_t local_routes_vrf_holder(uint32_t vrf)
{
	return DP_MAX_INTERFACES + vrf;
}

/* Begins to say anew which routes the holder has, and ends it. */
void local_routes_begin(struct local_routes *local_routes, uint32_t holder);
void local_routes_add(struct local_routes *local_routes, struct undo_log *log, const struct local_route *local_route);
void local_routes_end(struct local_routes *local_routes, struct undo_log *log);
/* The run is over; `undone`: and was undone. */
void local_routes_finish(struct local_routes *local_routes, bool undone);

enum local_routes_when { LOCAL_ROUTES_BEFORE, LOCAL_ROUTES_NOW }; /* before the run, or by what it made */
bool local_routes_contain(const struct local_routes *local_routes, enum local_routes_when when,
			  const struct local_route *local_route);

/* At most so many have come or gone in the run; the n-th of them: false, it is as before. */
size_t local_routes_touched(const struct local_routes *local_routes);
bool local_routes_changed(const struct local_routes *local_routes, size_t n, struct local_route *local_route,
			  bool *comes);

#endif
