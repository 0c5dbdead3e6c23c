/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the mirror of the kernel's routes to resources: follows the route sources that are configured, makes what they
 * hand out into routes, groups, next hops and tunnel endpoints of theirs, and commits that (learn.h). Control thread
 * only, but for sources_status.
 */
#ifndef SLUICE_CONTROL_SOURCES_H
#define SLUICE_CONTROL_SOURCES_H

#include "sluice/v1/state_service.pb-c.h"
#include "vnf/control/commit/committer.h"

struct sources;

/* Follows what commits say from now on, and becomes the committer's learner. Borrows it. NULL: out of memory. */
struct sources *sources_new(struct committer *committer);
void sources_free(struct sources *sources); /* NULL is fine */

/* Any thread: adds the route_source_status of a route source of a pinned snapshot. 0 or -ENOMEM. */
int sources_status(struct sources *sources, const struct resource *source, Sluice__V1__ResourceState *state);
/* Of the source's routes, those that protected prefixes keep out; looks at all that are below these. Any thread that
 * has the snapshot pinned. */
uint64_t sources_suppressed(const struct snapshot *snapshot, const struct resource *source);

#endif
