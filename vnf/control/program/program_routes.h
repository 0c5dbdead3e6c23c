/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A commit's changes to the FIB: worked out and allocated first, then done to the engine of one bank (and undone, if
 * one fails), later to the other's. Internal to program.c.
 */
#ifndef SLUICE_CONTROL_PROGRAM_ROUTES_H
#define SLUICE_CONTROL_PROGRAM_ROUTES_H

#include <stdbool.h>

#include "vnf/control/program/compile.h"
#include "vnf/control/program/program.h"
#include "vnf/dataplane/fib.h"

struct route_change {
	uint16_t vrf;
	bool present, was_present;
	struct ip_prefix prefix;
	struct dp_fib_leaf leaf, old_leaf;
};

struct route_changes {
	struct route_change *change; /* what adds comes first, what takes out last */
	size_t count;
	size_t done; /* of them, by the engine at hand */
};

/* What leads from the routes and locals before to those of `next`. Addresses of the router win over routes. 0 or
 * -ENOMEM; *changes is then empty. */
int route_changes_make(struct route_changes *changes, const struct snapshot *next, const struct delta *delta,
		       const struct locals *before, const struct locals *after);
void route_changes_free(struct route_changes *changes); /* an empty one is fine */

/* From `done` on. 0; -ENOSPC, -ENOMEM: stopped there. */
int route_changes_apply(struct route_changes *changes, struct fib *fib);
/* Takes back what route_changes_apply has done. Cannot fail: what was added goes, and leaves change in place. */
void route_changes_undo(struct route_changes *changes, struct fib *fib);

#endif
