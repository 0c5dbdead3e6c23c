/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A prefix's candidates: all resources that forward (kind_ops->forwards) for it, of whichever owner. Those count that
 * have a group, are not withheld, and not kept out by a prefix that is protected; of these the one with the lowest
 * preference forwards, of equals the one of the kind with the lower number, then of the owner whose name comes first.
 * What follows is a function of the snapshot alone, so readers and the dataplane agree. Any thread.
 */
#ifndef SLUICE_CONTROL_CANDIDATES_H
#define SLUICE_CONTROL_CANDIDATES_H

#include "sluice/v1/state_service.pb-c.h"
#include "vnf/control/state/delta.h"
#include "vnf/control/state/snapshot.h"

/* The one that forwards; NULL: none. `but` is left out of it; NULL: nothing is. */
const struct resource *candidates_best(const struct snapshot *snapshot, const struct vrf_key *key,
				       const struct resource *but);

/* May a prefix have several candidates, or one that does not count? */
bool candidates_vie(const struct snapshot *snapshot);
/* Does one of several candidates leave its prefix to the others? They take its place even where none can vie any more.
 */
bool candidates_leave(const struct delta *delta);
/* May a prefix have several entries? Not so in what one client routes, or one source has learned. */
bool candidates_mixed(const struct delta *delta);
/* Does nothing else forward for the prefix of this one, which need not be part of the snapshot, and is nothing
 * protected?
 */
bool candidate_is_alone(const struct snapshot *snapshot, const struct resource *resource);

/* Does it count but for the others? */
bool candidate_counts(const struct snapshot *snapshot, const struct resource *resource);
/* The protected prefix that keeps it out; NULL: none. */
const struct resource *candidate_protected(const struct snapshot *snapshot, const struct resource *resource);

/* Visits every candidate at or below the prefix. */
void candidates_below(const struct snapshot *snapshot, const struct vrf_key *key,
		      void (*visit)(const struct resource *candidate, void *context), void *context);

/* Adds the state's candidate_status; `withheld` is the reason where the resource is. 0 or -ENOMEM. */
int candidate_status(const struct snapshot *snapshot, const struct resource *resource, const char *withheld,
		     Sluice__V1__ResourceState *state);

#endif
