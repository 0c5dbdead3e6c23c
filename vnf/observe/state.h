/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the observer's room. */
#ifndef SLUICE_OBSERVE_STATE_H
#define SLUICE_OBSERVE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

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

struct observer_loaded {
	atomic_bool ready; /* and stays so */
	int status;	   /* -errno: the last time failed */
	uint64_t tried_ms;
};

struct observer {
	struct dataplane *dataplane; /* borrowed */
	pthread_mutex_t loading;     /* one load at a time; taken before `lock` */
	struct observer_loaded loaded[OBSERVER_USES];
	struct twins explainers; /* of the control thread, once they are loaded */
	pthread_t preparer;
	atomic_bool prepares; /* it is at work */
	bool has_prepared;    /* and is to be joined: of the control thread */
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

/* Takes the twins, hands packets to them and starts the thread. 0, or -errno and they are closed. */
int observer_start(struct observer *observer, const struct twins *twins);
void observer_stop(struct observer *observer);
/* The end of who prepares. */
void observer_join(struct observer *observer);

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
