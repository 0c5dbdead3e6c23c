/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing handles, unique keys and ids to a candidate's result, and back. */
#ifndef SLUICE_CONTROL_CANDIDATE_ENTER_H
#define SLUICE_CONTROL_CANDIDATE_ENTER_H

#include "vnf/control/commit/candidate.h"

/* 0, or -1 with faults: a table is full, a holding is taken, no memory. Take it back with candidate_leave. */
int candidate_enter(struct candidate *candidate, struct error *error);
/* However far candidate_enter came. */
void candidate_leave(struct candidate *candidate);
/* The candidate is not taken back any more: unique_keys that it has given up are free. */
void candidate_release(struct candidate *candidate);

#endif
