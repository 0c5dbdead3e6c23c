/* SPDX-License-Identifier: Apache-2.0 */
/* Internal to vnf/control/taps. */
#ifndef SLUICE_CONTROL_TAPS_STATE_H
#define SLUICE_CONTROL_TAPS_STATE_H

#include "vnf/control/taps/taps.h"
#include "vnf/features/tap/tap.h"
#include "vnf/copies/flow.h"

struct observer_session;

#define COPY_SESSIONS 2 /* of a flow: both directions of an interface */

/* A tap service whose socket is open. */
struct open_service {
	struct open_service *next;
	struct handle *service; /* with a reference */
	struct copy_target target;
	struct copy_destination *destination;
};

/* A tap flow whose packets are copied. */
struct open_flow {
	struct open_flow *next;
	struct handle *flow; /* with a reference */
	struct copy_flow copy[COPY_SESSIONS];
	struct observer_session *session[COPY_SESSIONS]; /* NULL: not needed */
};

struct taps {
	struct committer *committer;
	struct subscriber subscriber;
	struct event *update; /* resources or devices have changed, or it is tried again */
	struct observer *observer;
	bool loading; /* the observer cannot look yet */
	struct open_service *service;
	struct open_flow *flow;
	struct copy_target *target; /* of all services; no flow is open while it changes */
	size_t targets;
	struct copy_counts *counts; /* by ids of tap flows */
	uint32_t counted;	    /* of so many */
};

/* Opens what the snapshot has, and says of each why it is not: 0, or -1 where it is worth another try. Nothing is open
 * before. */
int taps_open(struct taps *taps, const struct snapshot *snapshot);
/* Closes all, flows first. */
void taps_close(struct taps *taps);

/* The packets that a session of the flow is for; `direction` is TAP_IN or TAP_OUT, or for a VRF both. */
struct dp_observe_filter;
void taps_filter(const struct tap_flow *flow, uint8_t direction, struct dp_observe_filter *filter);

#endif
