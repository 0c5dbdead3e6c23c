/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A commit's changes to the FIB, done to the engine of one bank (and undone, if one fails), later to the other's. What
 * they are is read from the delta itself each time: a whole table's commit has no second list of it. Internal to
 * tables.c and reconciler.c.
 */
#ifndef SLUICE_RECONCILE_ROUTE_CHANGES_H
#define SLUICE_RECONCILE_ROUTE_CHANGES_H

#include <stdbool.h>

#include "vnf/dataplane/fib/fib.h"
#include "vnf/reconcile/local_routes.h"
#include "vnf/reconcile/reconciler.h"

/* An address of the router that comes or goes. */
struct local_change {
	struct local_route local_route;
	const struct resource *route; /* its prefix's of the snapshot; NULL: none */
	bool comes;
	bool was_present; /* what undoing leads back to */
	struct dp_fib_leaf old_leaf;
};

struct route_changes {
	struct delta delta;			 /* its entries are borrowed until both banks have them */
	const struct local_routes *local_routes; /* borrowed; as the run of this commit made them */
	struct local_change *local_change;	 /* array */
	size_t local_count;
	size_t done; /* steps, by the engine at hand */
	bool any;
};

/* What leads from the routes and local routes before to those of `next`. Addresses of the router win over routes. 0 or
 * -ENOMEM; *changes is then empty. */
int route_changes_make(struct route_changes *changes, const struct snapshot *next, const struct delta *delta,
		       const struct local_routes *local_routes);
void route_changes_free(struct route_changes *changes); /* an empty one is fine */

/* From `done` on. 0; -ENOSPC, -ENOMEM: stopped there. */
int route_changes_apply(struct route_changes *changes, struct fib *fib);
/* Fills *error for a cause that route_changes_apply returned, and returns that. */
int route_changes_explain(const struct fib *fib, int cause, struct error *error);
/* Visits every prefix whose route may be another one. */
void route_changes_visit(const struct route_changes *changes,
			 void (*visit)(void *context, const struct handle *vrf, const struct ip_prefix *prefix),
			 void *context);
/* Takes back what route_changes_apply has done. Cannot fail: what was added goes, and leaves change in place. */
void route_changes_undo(struct route_changes *changes, struct fib *fib);

#endif
