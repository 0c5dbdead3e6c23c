/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of what a commit creates. Internal to program.c. */
#ifndef SLUICE_CONTROL_PROGRAM_COUNTERS_H
#define SLUICE_CONTROL_PROGRAM_COUNTERS_H

#include "vnf/control/program/program.h"

/* What is new counts from zero. `counted`: a bit per route id that has had a counter. */
void program_counters_reset(struct dataplane *dataplane, uint32_t *counted, const struct delta *delta);

#endif
