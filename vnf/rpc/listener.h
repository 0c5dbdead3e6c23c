/* SPDX-License-Identifier: Apache-2.0 */
/* One address that is served: a server of core's own, so that it can be opened anew while the others go on. */
#ifndef SLUICE_RPC_LISTENER_H
#define SLUICE_RPC_LISTENER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <grpc/grpc.h>

#include "vnf/rpc/call.h"
#include "vnf/rpc/server.h"

#define ACCEPTS 32 /* calls that may arrive at once without one waiting for a thread */

struct listener;

/* One outstanding grpc_server_request_call. */
struct accept {
	struct rpc_tag tag;
	struct listener *listener;
	grpc_call *call;
	grpc_call_details details;
	grpc_metadata_array metadata;
};

struct listener {
	/* Borrowed; set by who owns it. */
	struct rpc_shared *shared;
	grpc_completion_queue *queue;
	const struct rpc_options *options;
	const char *address; /* NULL: the relay's socket */

	grpc_server *core;	      /* NULL: closed */
	struct server_tls *tls;	      /* NULL: plain */
	struct unix_listeners *local; /* accepts for core; NULL: core does it by itself */
	int port;
	struct rpc_tag down_tag;
	struct accept accepts[ACCEPTS];
	atomic_uint outstanding; /* accepts and the end of a shutdown that core has still to report */

	/* Of who looks after it: */
	unsigned int failures;	/* in a row: it did not answer */
	uint64_t dead_since_ms; /* monotonic; 0: it is not */
	bool going_down;	/* to be opened anew */
};

/* Opens it: what comes waits until listener_start. 0, or -1 and *error, and it is closed. */
int listener_open(struct listener *listener, struct error *error);
void listener_start(struct listener *listener);

/* Takes no new calls, ends when those that run have ended; listener_is_down tells, if the queue is served. */
void listener_shut_down(struct listener *listener);
void listener_cancel_calls(struct listener *listener);
bool listener_is_down(const struct listener *listener);
void listener_close(struct listener *listener); /* down, or open and never started and shut down */

/* REFUSES: nobody listens there. */
enum listener_state { LISTENER_ANSWERS, LISTENER_SILENT, LISTENER_REFUSES };

/* Does somebody accept connections there and answer? Waits up to so long, unless *stop. One that takes connections from
 * a device alone cannot be asked: ANSWERS. */
enum listener_state listener_ask(const struct listener *listener, unsigned int milliseconds, const atomic_bool *stop);

#endif
