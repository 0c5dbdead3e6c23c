/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of what a commit creates. Internal to reconciler.c. */
#ifndef SLUICE_RECONCILE_NEW_COUNTERS_H
#define SLUICE_RECONCILE_NEW_COUNTERS_H

#include <stdbool.h>

#include "vnf/reconcile/reconciler.h"

struct new_counters;

/* Where the dataplane's counters are those of the daemon before, any id may have counted. NULL: out of memory. */
struct new_counters *new_counters_new(struct dataplane *dataplane);
void new_counters_free(struct new_counters *counters); /* NULL is fine */

/* Until it is called with false: what is new is what the daemon before had, and its counters go on if they are there.
 */
void new_counters_resume(struct new_counters *counters, bool resuming);

/* What is new counts from zero. */
void new_counters_reset(struct new_counters *counters, const struct delta *delta);

#endif
