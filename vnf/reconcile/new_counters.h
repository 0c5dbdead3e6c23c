/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of what a commit creates. Internal to reconciler.c. */
#ifndef SLUICE_RECONCILE_NEW_COUNTERS_H
#define SLUICE_RECONCILE_NEW_COUNTERS_H

#include "vnf/reconcile/reconciler.h"

/* What is new counts from zero. `counted`: a bit per route id that has had a counter. */
void new_counters_reset(struct dataplane *dataplane, uint32_t *counted, const struct delta *delta);

#endif
