/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long durable commits wait for each other before their group is synced. Clients that wait for their answers fall
 * into two halves otherwise: one is synced while the other is on its way, and each sync serves half of them. So a group
 * waits until as many are there as went together before, but no longer than a sync takes. Where that was in vain, the
 * next waits for no more than came; now and then one more is waited for. One client alone never waits.
 * Control thread only.
 */
#ifndef SLUICE_CONTROL_GATHER_H
#define SLUICE_CONTROL_GATHER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

#define GATHER_PAUSE   16   /* groups between waits for one more that does not come */
#define GATHER_LONGEST 5000 /* microseconds, however slow the disk is */

struct gather {
	int fd;		     /* of the timer: the loop's own count milliseconds */
	struct event *timer; /* NULL: not in use, nobody waits */
	size_t want;	     /* commits that a group waits for */
	unsigned int pause;  /* groups until one more is waited for */
	bool waiting;	     /* the timer runs */
};

/* Calls `expired` when a group has waited long enough. 0 or -errno; gather_clear in both cases. */
int gather_init(struct gather *gather, struct loop *loop, event_callback_fn expired, void *context);
void gather_clear(struct gather *gather); /* a zeroed one is fine */

/* Is a group of so many durable commits to wait? `expired` is called then, unless gather_done is before. */
bool gather_wait(struct gather *gather, size_t count, uint64_t sync_us);
/* A group of so many goes. */
void gather_done(struct gather *gather, size_t count);

#endif
