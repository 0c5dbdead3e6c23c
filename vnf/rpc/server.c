/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <grpc/grpc.h>
#include <grpc/support/time.h>

#include "vnf/core/log.h"
#include "vnf/core/rcu.h"
#include "vnf/rpc/connections.h"
#include "vnf/rpc/core.h"
#include "vnf/rpc/dispatch.h"
#include "vnf/rpc/listen.h"
#include "vnf/rpc/methods.h"

#define THREADS		2
#define ACCEPTS		32 /* calls that may arrive at once without one waiting for a thread */
#define DEFAULT_MESSAGE ((size_t)16 << 20)
#define CANCELLED_MS	300 /* for clients to hear that their calls were cancelled, before their connections are cut */
#define CUT_MS		500 /* for calls to end then: none waits for its client any more */
#define BUDGET_FACTOR	24  /* all unpacked requests together, in units of the largest message */

/* One outstanding grpc_server_request_call. */
struct accept {
	struct rpc_tag tag;
	struct rpc_server *server;
	grpc_call *call;
	grpc_call_details details;
	grpc_metadata_array metadata;
};

struct rpc_server {
	grpc_server *core;
	grpc_completion_queue *queue;
	pthread_t thread[THREADS];
	size_t threads; /* that run */
	bool started, stopped;
	struct rpc_shared shared;
	int *ports;
	struct server_tls **tls; /* by port; NULL: plain */
	size_t port_count;
	struct unix_listeners *unix_listeners;
	struct rpc_tag down_tag;
	struct accept accepts[ACCEPTS];
};

static void on_down(struct rpc_tag *tag, bool ok)
{
	struct rpc_server *server = (struct rpc_server *)((char *)tag - offsetof(struct rpc_server, down_tag));

	(void)ok;
	live_calls_set_down(&server->shared.live);
}

static rpc_done on_accept;

static void accept_next(struct accept *accept)
{
	grpc_call_details_init(&accept->details);
	grpc_metadata_array_init(&accept->metadata);
	rpc_tag_arm(&accept->tag, on_accept);
	if (grpc_server_request_call(accept->server->core, &accept->call, &accept->details, &accept->metadata,
				     accept->server->queue, accept->server->queue, &accept->tag) != GRPC_CALL_OK)
		live_calls_end(&accept->server->shared.live); /* core shuts down */
}

static void on_accept(struct rpc_tag *tag, bool ok)
{
	struct accept *accept = (struct accept *)tag;
	struct rpc_shared *shared = &accept->server->shared;

	if (ok && rpc_call_start(shared, accept->call, methods_find(shared->dispatch.methods, accept->details.method)))
		log_error("out of memory: a call was refused");
	grpc_call_details_destroy(&accept->details);
	grpc_metadata_array_destroy(&accept->metadata);
	if (ok)
		accept_next(accept);
	else
		live_calls_end(&accept->server->shared.live);
}

static void *serve(void *data)
{
	struct rpc_server *server = data;
	grpc_event event;

	rcu_thread_enter();
	for (;;) {
		event = grpc_completion_queue_next(server->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
		if (event.type == GRPC_QUEUE_SHUTDOWN)
			break;
		if (event.type == GRPC_OP_COMPLETE)
			rpc_tag_done(event.tag, event.success);
	}
	rcu_thread_leave();
	return NULL;
}

static int listen_all(struct rpc_server *server, const struct rpc_options *options, struct error *error)
{
	size_t count = 0;

	while (options->listen[count])
		count++;
	server->ports = calloc(count + 1, sizeof(*server->ports));
	server->tls = calloc(count + 1, sizeof(*server->tls));
	server->unix_listeners = unix_listeners_new();
	if (!server->ports || !server->tls || !server->unix_listeners) {
		error_no_memory(error, NULL);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		server->port_count++;
		server->ports[i] = listen_add(server->core, server->unix_listeners, options->listen[i], options,
					      &server->tls[i], error);
		if (server->ports[i] < 0)
			return -1;
	}
	if (!options->relayed)
		return 0;
	server->port_count++;
	server->ports[count] = listen_add_relayed(server->core, options, &server->tls[count], error);
	return server->ports[count] < 0 ? -1 : 0;
}

struct rpc_server *rpc_server_new(const struct rpc_options *options, const struct rpc_dispatch *dispatch,
				  struct error *error)
{
	struct rpc_server *server = calloc(1, sizeof(*server));

	if (!server) {
		error_no_memory(error, NULL);
		return NULL;
	}
	live_calls_init(&server->shared.live);
	connections_begin(options->relayed);
	core_log_quiet();
	grpc_init();
	server->shared.dispatch = *dispatch;
	server->shared.max_message = options->max_message ? options->max_message : DEFAULT_MESSAGE;
	atomic_init(&server->shared.budget.left, server->shared.max_message * BUDGET_FACTOR);
	rpc_tag_arm(&server->down_tag, on_down);
	server->queue = grpc_completion_queue_create_for_next(NULL);
	server->core = core_server_create(server->shared.max_message);
	grpc_server_register_completion_queue(server->core, server->queue, NULL);
	if (methods_check(dispatch, error) || listen_all(server, options, error)) {
		rpc_server_free(server);
		return NULL;
	}
	return server;
}

int rpc_server_port(const struct rpc_server *server, size_t index)
{
	return index < server->port_count ? server->ports[index] : -EINVAL;
}

int rpc_server_start(struct rpc_server *server)
{
	sigset_t all, before;
	size_t threads = 0;
	int failed = 0;

	/* signals are the control thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (; threads < THREADS && !failed; threads += !failed)
		failed = pthread_create(&server->thread[threads], NULL, serve, server);
	if (!failed) {
		grpc_server_start(server->core);
		failed = -unix_listeners_start(server->unix_listeners, server->core);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	server->threads = threads;
	if (failed) {
		log_error("cannot start the RPC threads: %s", strerror(failed));
		return -failed;
	}
	server->started = true;
	core_log_start();
	for (size_t n = 0; n < ACCEPTS; n++) {
		server->accepts[n] = (struct accept){.server = server};
		live_calls_begin(&server->shared.live);
		accept_next(&server->accepts[n]);
	}
	return 0;
}

static void begin_stop(struct rpc_server *server)
{
	server->stopped = true;
	if (server->shared.dispatch.stopping)
		server->shared.dispatch.stopping(server->shared.dispatch.context);
	unix_listeners_free(server->unix_listeners);
	server->unix_listeners = NULL;
	/* No calls are taken any more; outstanding accepts fail, so that only calls are counted as live. */
	grpc_server_shutdown_and_notify(server->core, server->queue, &server->down_tag);
}

int rpc_server_stop(struct rpc_server *server, unsigned int grace_ms)
{
	if (!server->started)
		return 0;
	if (!server->stopped)
		begin_stop(server);
	live_calls_wait(&server->shared.live, grace_ms);
	/* also where none is left: it closes the connections of clients that sit idle and read no goodbye */
	grpc_server_cancel_all_calls(server->core);
	if (live_calls_wait_down_for(&server->shared.live, CANCELLED_MS))
		return 0;
	/* core closes a connection only behind what it is writing there, and the client does not read */
	connections_shut_down();
	return live_calls_wait_down_for(&server->shared.live, CUT_MS) ? 0 : -ETIMEDOUT;
}

/* Core wants a shutdown also of a server that never started. */
static void stop_unstarted(struct rpc_server *server)
{
	grpc_event event;

	grpc_server_shutdown_and_notify(server->core, server->queue, &server->down_tag);
	if (server->threads) {
		live_calls_wait_down(&server->shared.live);
		return;
	}
	event = grpc_completion_queue_next(server->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
	if (event.type == GRPC_OP_COMPLETE)
		on_down(event.tag, event.success);
}

static void drain(struct rpc_server *server)
{
	while (grpc_completion_queue_next(server->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
	       GRPC_QUEUE_SHUTDOWN)
		continue;
}

void rpc_server_free(struct rpc_server *server)
{
	if (!server)
		return;
	if (!server->started)
		stop_unstarted(server);
	else if (rpc_server_stop(server, 0))
		live_calls_wait_down(&server->shared.live);
	unix_listeners_free(server->unix_listeners);
	/* only now: core aborts where a batch meets a queue that is shut down */
	grpc_completion_queue_shutdown(server->queue);
	for (size_t n = 0; n < server->threads; n++)
		pthread_join(server->thread[n], NULL);
	if (!server->threads)
		drain(server);
	grpc_server_destroy(server->core);
	grpc_completion_queue_destroy(server->queue);
	grpc_shutdown();
	connections_end();
	live_calls_destroy(&server->shared.live);
	for (size_t i = 0; i < server->port_count; i++)
		server_tls_free(server->tls[i]);
	free(server->tls);
	free(server->ports);
	free(server);
}
