/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the observer's room. */
#ifndef SLUICE_OBSERVE_STATE_H
#define SLUICE_OBSERVE_STATE_H

#include <pthread.h>

#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/twins.h"
#include "vnf/observe/observer.h"
#include "vnf/observe/recent.h"
#include "vnf/observe/ring.h"

#define SAMPLE_TAKERS 4

struct observer_session {
	struct observer *observer; /* NULL: the place is free */
	struct observer_wish wish;
};

struct sample_taker {
	observer_take *take; /* NULL: the place is free */
	void *context;
};

struct observer {
	struct dataplane *dataplane; /* borrowed */
	struct twins explainers;     /* of the control thread */
	pthread_mutex_t lock; /* held while somebody is told, so that closing waits for it; of all that follows */
	struct twins twins;   /* TWINS_NONE: nobody has looked yet */
	struct ring ring;
	struct observer_session session[DP_OBSERVERS];
	struct sample_taker taker[SAMPLE_TAKERS];
	struct recent recent; /* samples */
	pthread_t thread;
	bool runs;
	int wake;	   /* an eventfd: the thread is to end; -1: none */
	uint64_t features; /* that are switched on */
	uint64_t lost;	   /* by sessions that are closed */
	uint64_t told, samples;
	struct observer_counts counts; /* whose words anybody may read */
	uint32_t next;		       /* place for a session */
};

/* Loads the twins and starts the thread, unless that has been done; by who holds the lock. 0, or -1 and *error. */
int observer_start(struct observer *observer, struct error *error);
void observer_stop(struct observer *observer);

/* As observer_explain; `by_xdp`: of a port that has that. */
int explain_by(struct observer *observer, const struct observer_packet *packet, bool by_xdp, bool steps,
	       struct explained *explained, struct error *error);

/* Both by who holds the lock. Hands over what is in the ring. */
void observer_drain(struct observer *observer);
/* Packets that fitted the session, and for which there was no room. */
uint64_t observer_lost(const struct observer *observer, const struct observer_session *session);
/* Switches on what sessions and samples need, and off what nothing needs any more. */
void observer_look(struct observer *observer);

#endif
