/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage of a chain: a namespace with the devices `in` and `out`, whose other ends are ports of the VNF, and
 * between them a bridge or the stage's command. The drivers bring the devices; all else is the same for them.
 */
#ifndef SLUICE_ORCHESTRATION_STAGE_H
#define SLUICE_ORCHESTRATION_STAGE_H

#include "orchestration/instance.h"

#define STAGE_GRACE_MS 2000

/* The namespace, without devices. All return 0, or -1 and *error. */
int stage_add(const struct spec *spec, const struct instance *instance, size_t index, struct error *error);

/* Joins the devices `in` and `out`, which are in its namespace, runs its setup and starts its command. */
int stage_start(const struct spec *spec, const struct instance *instance, size_t index, struct error *error);

/* Starts the command again if only that has ended; a stage that is up stays. -1: it has to be made anew. */
int stage_revive(const struct spec *spec, const struct instance *instance, size_t index, struct error *error);
int stage_revive_all(const struct spec *spec, const struct instance *instance, struct error *error);

/* Deletes it with its processes. It succeeds where there is none. */
int stage_delete(const struct instance *instance, const char *name, struct error *error);

/* Fills the stages of the instance in order, and whether each is up. */
int stage_find_all(struct instance *instance, struct error *error);
/* All of an instance's, whatever there is. */
int stage_delete_all(const struct instance *instance, struct error *error);

/* Does this machine have all that the spec's stages need? */
void stage_check(const struct spec *spec, struct error *error);

/* The port, from 1, that faces the stage's `in` (side 0) or `out` (side 1). */
size_t stage_port(const struct spec *spec, size_t index, unsigned int side);

#endif
