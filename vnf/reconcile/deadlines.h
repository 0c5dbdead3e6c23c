/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times at which rows of tables are to be looked at again, whatever changes until then. Who owns the tables asks from
 * time to time, and gets a FACT_TIME for each that has come. Control thread.
 */
#ifndef SLUICE_RECONCILE_DEADLINES_H
#define SLUICE_RECONCILE_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/reconcile/facts.h"

struct deadline {
	uint64_t ms; /* monotonic */
	uint32_t table, id;
};

struct deadlines {
	struct deadline *deadline; /* in no order */
	size_t count, capacity;
	size_t kept;	   /* those of runs that are over */
	uint64_t first_ms; /* none comes before */
};

/* 0 or -ENOMEM. */
int deadlines_add(struct deadlines *deadlines, uint64_t ms, uint32_t table, uint32_t id);
/* The run is over; `undone`: what it has added is taken back. */
void deadlines_finish(struct deadlines *deadlines, bool undone);
/* Pushes a fact for each that has come, and forgets it. Was there any? Not within a run. */
bool deadlines_look(struct deadlines *deadlines, uint64_t now_ms, struct facts *facts);
void deadlines_free(struct deadlines *deadlines); /* frees what it points to */

#endif
