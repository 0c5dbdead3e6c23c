/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A commit's changes to the FIB, done to the engine of one bank (and undone, if one fails), later to the other's. Plain
 * routes are read from the delta itself each time: a whole table's commit has no second list of it. Prefixes about
 * which more than their route decides are in a list. Internal to tables.c and reconciler.c.
 */
#ifndef SLUICE_RECONCILE_ROUTE_CHANGES_H
#define SLUICE_RECONCILE_ROUTE_CHANGES_H

#include <stdbool.h>

#include "vnf/dataplane/fib/fib.h"
#include "vnf/reconcile/group_routes.h"
#include "vnf/reconcile/local_routes.h"
#include "vnf/reconcile/reconciler.h"

/* A prefix that a local route, or the group of a route that yields, may have given or taken. */
struct prefix_change {
	struct local_route key;
	struct dp_fib_leaf route; /* of the best candidate; of DP_GROUP_NONE: there is none, */
	struct dp_fib_leaf other; /* and where that one yields, of the next best */
	struct dp_fib_leaf leaf, old_leaf;
	bool yields;		   /* the route is in the FIB only while its group is not dead */
	bool present, was_present; /* the leaf counts; what undoing leads back to */
};

struct route_changes {
	struct delta delta;			 /* its entries are borrowed until both banks have them */
	const struct local_routes *local_routes; /* borrowed; as the run of this commit made them */
	struct group_routes *group_routes;	 /* likewise */
	const struct snapshot *next;		 /* likewise */
	struct prefix_change *change;		 /* array */
	size_t count, capacity;
	size_t added, removed; /* steps, by the engine at hand */
	bool mixed;	       /* prefixes may have several entries, or entries that do not count: none is plain */
	bool vie;	       /* candidates may (candidates.h) */
	bool known;	       /* what becomes of each prefix: one engine has it */
	bool removes;	       /* maybe */
	bool reserves;	       /* VRFs reserve another number of routes (route_reserves.h) */
	bool any;
};

/* What leads from the routes, local routes and states of groups before to those of `next`. 0 or -ENOMEM; *changes is
 * then empty. */
int route_changes_make(struct route_changes *changes, const struct snapshot *next, const struct delta *delta,
		       const struct local_routes *local_routes, struct group_routes *group_routes);
/* Groups have got another state since. 0 or -ENOMEM. */
int route_changes_follow_groups(struct route_changes *changes);
void route_changes_free(struct route_changes *changes); /* an empty one is fine */

/*
 * What adds is done first, from `added` on: 0; -ENOSPC, -ENOMEM: stopped there. What takes out is done when nothing can
 * fail any more: so nothing that was taken out ever has to be put back, which could fail.
 */
int route_changes_add(struct route_changes *changes, struct fib *fib);
void route_changes_remove(struct route_changes *changes, struct fib *fib);
/* Begins anew, with the other engine. */
void route_changes_rewind(struct route_changes *changes);
/* Fills *error for a cause that route_changes_add returned, and returns that. */
int route_changes_explain(const struct fib *fib, int cause, struct error *error);
/* Visits every prefix whose route may be another one. */
void route_changes_visit(const struct route_changes *changes,
			 void (*visit)(void *context, const struct handle *vrf, const struct ip_prefix *prefix),
			 void *context);
/* Takes back what route_changes_add has done. Cannot fail: what was added goes, and leaves change in place. */
void route_changes_undo(struct route_changes *changes, struct fib *fib);

/*
 * What packets to the address will meet, of the routes as `changes` leaves them; but routes into tunnels
 * count even while they are left out, so that whether a tunnel is programmed never depends on whether one is.
 */
struct dp_fib_leaf route_changes_lookup(const struct route_changes *changes, const struct fib *fib,
					const struct handle *vrf, const struct ip_address *address);

#endif
