/* SPDX-License-Identifier: Apache-2.0 */
/* The context of the table, which the handlers of all services share. */
#ifndef SLUICE_RPC_CONTEXT_H
#define SLUICE_RPC_CONTEXT_H

#include <pthread.h>

#include "vnf/core/loop.h"
#include "vnf/rpc/handler.h"

struct access;
struct control;
struct diagnostics_service;
struct health_service;
struct monitor_stream;

/* The one stream of HealthService; control thread, but for `stop`, by which any thread ends it. */
struct monitor_service {
	struct loop *loop; /* NULL: there is none */
	struct loop_work stop;
	struct monitor_stream *stream; /* NULL: nobody probes */
	bool stopping;
};

struct watcher;

/* The streams of WatchService. */
struct watch_service {
	pthread_mutex_t lock; /* guards the rest; taken before that of a call */
	struct watcher *first;
	bool stopping;
	pthread_t thread; /* looks for those who have heard nothing for long */
	bool runs, ended;
	pthread_cond_t changed;
};

struct services_context {
	struct control *control; /* set before the server starts */
	struct access *access;	 /* who may call what; NULL: everybody everything */
	struct health_service *health;
	struct monitor_service monitor;
	struct diagnostics_service *diagnostics;
	struct watch_service watch;
	const struct rpc_method *methods; /* the table itself, for health and reflection, which list the services */
};

/* The handler of a unary method, in its row's `answer`. */
typedef void rpc_answer(void *context, const ProtobufCMessage *request, ProtobufCMessage *response,
			struct error *error);
/* The handler of any other method, in its row's `handle`. */
typedef void rpc_handle(struct rpc_call *call, const ProtobufCMessage *message, void *context);

static inline struct control *services_control(void *context)
{
	return ((struct services_context *)context)->control;
}

#endif
