/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of packets, by the revision that they met: at each commit the control thread notes the counters of all
 * reasons, and of rules that it changes. The difference of two notes is what happened while one revision was what
 * packets met. Any thread may read.
 */
#ifndef SLUICE_CONTROL_VERDICT_NOTES_H
#define SLUICE_CONTROL_VERDICT_NOTES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "api/dp/counters.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/control/state/events.h"

#define VERDICT_NOTES	 1024
#define VERDICT_PAUSE_MS 10 /* commits that follow each other sooner have one note */

struct dataplane;
struct dp_limits;

/* From its time on packets met these revisions. */
struct verdict_note {
	atomic_uint references;
	uint64_t revision;
	_Atomic uint64_t last_revision; /* of those that followed without a note of their own */
	int64_t unix_ms;
	struct dp_counter counter[DP_REASON_COUNT]; /* then */
};

/* A counter as it was when its rule became what it is. */
struct verdict_mark {
	_Atomic uint64_t packets, bytes;
};

struct verdict_notes {
	struct subscriber subscriber;
	struct dataplane *dataplane; /* borrowed */
	uint64_t noted_ms;	     /* monotonic */
	_Atomic uint64_t begun;	     /* the first revision of this daemon */
	/* By id; an empty list: nothing is known, for want of memory. */
	struct verdict_mark *rule, *limiter;
	uint32_t rules, limiters;
	pthread_mutex_t lock;			  /* guards these, for moments */
	struct verdict_note *note[VERDICT_NOTES]; /* a ring */
	size_t first, count;
};

/* 0 or -ENOMEM. */
int verdict_notes_init(struct verdict_notes *notes, struct events *events, struct dataplane *dataplane);
void verdict_notes_clear(struct verdict_notes *notes); /* a zeroed one is fine */

/* References to all, the oldest first. */
struct verdict_list {
	struct verdict_note *note[VERDICT_NOTES];
	size_t count;
};
void verdict_notes_list(struct verdict_notes *notes, struct verdict_list *list);
void verdict_list_clear(struct verdict_list *list);

/* What a policy rule or a rate limiter has counted since it is what it is, and since this daemon runs; false: it is of
 * another kind, or not known. */
bool verdict_notes_since(const struct verdict_notes *notes, const struct resource *resource, struct dp_counter *since);

#endif
