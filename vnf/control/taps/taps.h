/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tap services and tap flows at work: follows what commits say of them, opens a socket for each service and sessions of
 * the observer for each flow. Control thread only, but for taps_status.
 */
#ifndef SLUICE_CONTROL_TAPS_H
#define SLUICE_CONTROL_TAPS_H

#include "sluice/v1/state_service.pb-c.h"
#include "vnf/control/commit/committer.h"

struct taps;
struct observer;

/* Follows what commits say from now on. Borrows the committer. NULL: out of memory. */
struct taps *taps_new(struct committer *committer);
void taps_free(struct taps *taps); /* NULL is fine */

/* Who observes the packets, borrowed; NULL: nobody, which it is at first. */
void taps_set_observer(struct taps *taps, struct observer *observer);

/* Any thread: adds the tap_flow_status of a tap flow of a pinned snapshot. 0 or -ENOMEM. */
int taps_status(struct taps *taps, const struct resource *flow, Sluice__V1__ResourceState *state);

#endif
