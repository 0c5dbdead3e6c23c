/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage of a chain: a namespace with the devices `in` and `out`, whose other ends are ports of the VNF, and between
 * them a bridge or the stage's command. Drivers bring the devices, the rest is the same for all.
 */
#ifndef SLUICE_ORCHESTRATION_STAGE_H
#define SLUICE_ORCHESTRATION_STAGE_H

#include "orchestration/instance.h"

#define STAGE_GRACE_MS 2000

/* The namespace, without devices. All return 0, or -1 and *error. */
int stage_add(const struct spec *spec, const struct instance *instance, size_t index, struct error *error);

/* Once `in` and `out` are in it: joins them, runs its setup, starts its command. */
int stage_start(const struct spec *spec, const struct instance *instance, size_t index, struct error *error);

/* Where only its command has ended, starts that again; one that is up stays. -1: there is more amiss. */
int stage_revive(const struct spec *spec, const struct instance *instance, size_t index, struct error *error);
int stage_revive_all(const struct spec *spec, const struct instance *instance, struct error *error);

/* With its processes; what is not there is fine. */
int stage_delete(const struct instance *instance, const char *name, struct error *error);

/* Of the instance as it is: what stages it has, in order, and whether they are up. */
int stage_find_all(struct instance *instance, struct error *error);
/* All of an instance's, whatever there is. */
int stage_delete_all(const struct instance *instance, struct error *error);

/* What the spec's stages need of this machine. */
void stage_check(const struct spec *spec, struct error *error);

/* The port, from 1, that faces the stage's `in` (side 0) or `out` (side 1). */
size_t stage_port(const struct spec *spec, size_t index, unsigned int side);

#endif
