/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sFlow agent (sFlow.org, "sFlow Version 5"): it makes flow samples of what the observer has seen, and counter
 * samples of the router's ports, and sends both to the collectors. Samples are encoded on the observer's thread, which
 * never waits for a collector; a thread of the agent's own polls counters and sends what has been waiting.
 */
#ifndef SLUICE_SFLOW_AGENT_H
#define SLUICE_SFLOW_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/error.h"
#include "vnf/sflow/collectors.h"
#include "vnf/sflow/samples.h"

struct observed;
struct observer;
struct sflow_agent;

struct sflow_options {
	struct ip_address agent; /* its address; family 0: that from which the first collector is reached */
	uint32_t sampling;	 /* the observer's: one packet in so many */
	uint32_t polling_ms;	 /* for the counters of all interfaces; 0: none are sent */
	uint16_t header_bytes;	 /* of each sampled packet */
	bool no_tunnels;	 /* nothing is said about tunnels */
};

/* What the router knows of a packet's way; what it does not know stays as it is. */
struct sflow_way {
	uint16_t out_vlan; /* 0: none */
	struct ip_address next_hop;
	uint8_t destination_mask;
	struct sflow_tunnel tunnel; /* all but the length */
};

/* Whom the agent asks. The first two are asked on the agent's thread, the third on the observer's: none may block. */
struct sflow_router {
	void *context;
	/* The n-th port's ifindex; 0: there are no more. */
	uint32_t (*port)(void *context, size_t n);
	/* About once a second: what `way` looks up may be brought up to date. May be NULL. */
	void (*refresh)(void *context);
	void (*way)(void *context, const struct observed *observed, struct sflow_way *way);
};

/* Borrows the sockets, whose counts are the agent's from then on, and `router`. NULL: out of memory. */
struct sflow_agent *sflow_agent_new(const struct sflow_options *options, const struct sflow_router *router,
				    struct sflow_sockets *sockets);
/* Begins: its thread is of the network namespace and has the privileges of the caller. 0, or -1 and *error. Borrows the
 * observer. */
int sflow_agent_start(struct sflow_agent *agent, struct observer *observer, struct error *error);
void sflow_agent_free(struct sflow_agent *agent); /* ends it; NULL is fine */

struct sflow_counts {
	uint64_t flows, counters; /* samples */
	uint64_t no_memory;	  /* flow samples that were not made: there was no memory */
	uint64_t sent, lost;	  /* datagrams, those to each collector */
};
void sflow_agent_counts(struct sflow_agent *agent, struct sflow_counts *counts); /* any thread */

#endif
