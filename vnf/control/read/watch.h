/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching the state: what a watcher has been told is a snapshot, which is pinned, and a place behind it; what comes
 * next is found from there when the watcher has room for it. So no events are queued, and one that does not read costs
 * what its snapshot and those behind it hold. The control thread only says that there is something new, and lets go of
 * a snapshot that holds too much.
 */
#ifndef SLUICE_CONTROL_WATCH_H
#define SLUICE_CONTROL_WATCH_H

#include <pthread.h>

#include "sluice/v1/watch_service.pb-c.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/control/state/events.h"
#include "vnf/core/error.h"

#define WATCHERS      64
#define WATCH_BYTES   ((size_t)4 << 20)	  /* that snapshots which nobody else needs may hold for a watcher */
#define WATCH_EVENTS  256		  /* of one message */
#define WATCH_MESSAGE ((size_t)256 << 10) /* bytes, about, behind which a message ends */

struct reader;
struct watch;

/* All watchers. */
struct watches {
	struct subscriber subscriber;
	struct reader *reader; /* borrowed */
	pthread_mutex_t lock;  /* guards the rest; held for moments */
	struct watch *first;
	size_t count;
};

void watches_init(struct watches *watches, struct events *events, struct reader *reader);
void watches_clear(struct watches *watches); /* nobody watches any more */

/* Begins one. `changed` is called on the control thread when there may be something to be told, until watch_close has
 * returned. NULL and *error: INVALID_ARGUMENT, or RESOURCE_EXHAUSTED. Any thread that RCU knows, as the next ones. */
struct watch *watch_open(struct watches *watches, const Sluice__V1__WatchRequest *request,
			 void (*changed)(void *context), void *context, struct error *error);
void watch_close(struct watch *watch); /* NULL is fine */

/* Adds to the empty response what is to be told next; nothing: there is nothing new. One thread at a time. 0, or -1: no
 * memory, and the watcher's picture is void. */
int watch_fill(struct watch *watch, Sluice__V1__WatchResponse *response);
/* The last revision that was told whole. */
uint64_t watch_revision(struct watch *watch);

#endif
