/* SPDX-License-Identifier: Apache-2.0 */
/* The control thread: one libevent loop that owns every mutation. Other threads hand it work with loop_post. */
#ifndef SLUICE_CORE_LOOP_H
#define SLUICE_CORE_LOOP_H

#include <stdint.h>

struct event_base;
struct loop;

/* NULL: out of memory or descriptors. */
struct loop *loop_new(void);
void loop_free(struct loop *loop); /* NULL is fine; work that was posted and not run is dropped: stop posters first */

/* The base, for modules that have events of their own (sockets, timers, signals). */
struct event_base *loop_base(struct loop *loop);

/* Runs until loop_stop; 0 or -errno. */
int loop_run(struct loop *loop);

/* Any thread may call it. */
void loop_stop(struct loop *loop);

/* Work that runs once on the control thread, in the order of posting. Embed it; it is the caller's until run() is
 * called, and not touched after. */
struct loop_work {
	void (*run)(struct loop_work *work);
	struct loop_work *next;
};

struct event;
struct timeval;
/* Starts the timer, or starts it anew, to fire so long after this call. event_add alone counts from when the loop last
 * woke up: a timer that a long callback starts would fire too early, by as long as that has run. 0 or -1. */
int loop_start_timer(struct event *timer, const struct timeval *pause);

/* Any thread may call it. It never fails and never blocks for long. */
void loop_post(struct loop *loop, struct loop_work *work);

#endif
