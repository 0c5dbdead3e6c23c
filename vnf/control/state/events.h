/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells subscribers inside the daemon which revisions were published and which resources became programmed, or stopped
 * being it. Control thread only: a subscriber is called while that happens and must not publish anything itself.
 */
#ifndef SLUICE_CONTROL_EVENTS_H
#define SLUICE_CONTROL_EVENTS_H

#include "vnf/control/kinds/resource.h"

struct delta;
struct snapshot;

struct subscriber {
	/* Packets meet the revision from now on; the delta leads to it from the one before. NULL: not wanted. */
	void (*published)(struct subscriber *subscriber, const struct snapshot *snapshot, const struct delta *delta);
	/* The handle's pending reason is another than before. NULL: not wanted. */
	void (*programmed)(struct subscriber *subscriber, const struct handle *handle, enum pending_reason reason);
	struct subscriber *next;
};

/* Empty when zeroed. */
struct events {
	struct subscriber *first;
};

/* The subscriber is called after those that subscribed before it, until it unsubscribes. */
void events_subscribe(struct events *events, struct subscriber *subscriber);
void events_unsubscribe(struct events *events, struct subscriber *subscriber); /* one that never did is fine */

void events_published(const struct events *events, const struct snapshot *snapshot, const struct delta *delta);
void events_programmed(const struct events *events, const struct handle *handle, enum pending_reason reason);

#endif
