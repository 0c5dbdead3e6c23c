/* SPDX-License-Identifier: Apache-2.0 */
/* May the caller of a write (vnf/access) write what it wants to? What the router does by itself has no caller, and may
 * do everything. */
#ifndef SLUICE_CONTROL_PERMISSION_H
#define SLUICE_CONTROL_PERMISSION_H

#include "vnf/control/commit/candidate.h"

struct access_caller;
struct access_change;
struct snapshot;

/* May the one on whose behalf the control thread works write as the owner? 0, or -1 and PERMISSION_DENIED at the field.
 */
int permission_for_owner(const char *owner, const char *field, struct error *error);

/*
 * May the caller make each difference of the candidate? The VRFs of a resource are those that it names, itself where it
 * is one, and those of the interfaces that it names; before and after the change. 0, or -1 and PERMISSION_DENIED at
 * each change that it may not make.
 */
int permission_for_candidate(struct access_caller *caller, const struct candidate *candidate, struct error *error);

/* Adds what the resource touches, as the snapshot has it; NULL: as the state that is being built has it. */
void permission_touch(struct access_change *change, const struct snapshot *snapshot, const struct resource *resource);

#endif
