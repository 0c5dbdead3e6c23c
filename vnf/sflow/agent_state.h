/* SPDX-License-Identifier: Apache-2.0 */
/* How the agent is put together. Internal to this folder and its test. */
#ifndef SLUICE_SFLOW_AGENT_STATE_H
#define SLUICE_SFLOW_AGENT_STATE_H

#include <pthread.h>

#include "vnf/sflow/agent.h"
#include "vnf/sflow/datagram.h"
#include "vnf/sflow/sources.h"

#define SFLOW_TICK_MS 250 /* a sample waits no longer, and "sFlow Version 5" allows a second */

struct sflow_agent {
	struct sflow_options options;
	const struct sflow_router *router;
	struct observer *observer; /* NULL: it has not begun */

	pthread_mutex_t lock; /* of what follows, until the thread's; held for as long as it takes to encode a sample */
	struct sflow_datagram datagram;
	struct sflow_sources sources;
	struct sflow_sockets *sockets;
	uint64_t started_ms;
	uint64_t lost; /* samples that the observer has lost, as it said last */
	struct sflow_counts counts;

	pthread_t thread;
	bool runs;
	bool ends; /* guarded by the lock, as the signal for it */
	pthread_cond_t changed;

	/* The thread's alone. */
	int links;	      /* descriptor; -1: it cannot be opened */
	size_t next_port;     /* that is polled next, */
	size_t ports;	      /* of so many that there were when this round began */
	uint64_t polling_due; /* for how many of them it is time, in ms of polling_ms */
	uint64_t ticked_ms, refreshed_ms;
	bool warned;
};

/* The observer_take of flow samples. */
void sflow_agent_take(void *context, const struct observed *observed, uint64_t lost);

/* Adds the sample, sending what is in its way. Under the lock. */
void sflow_agent_add(struct sflow_agent *agent, void (*put)(struct xdr *xdr, const void *sample), const void *sample);
/* Sends what waits. Under the lock. */
void sflow_agent_flush(struct sflow_agent *agent);

/* What the thread does every SFLOW_TICK_MS. */
void sflow_agent_tick(struct sflow_agent *agent, uint64_t now_ms);

#endif
