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
#include "vnf/rpc/listen_device.h"
#include "vnf/rpc/listen_unix.h"
#include "vnf/rpc/listener.h"
#include "vnf/rpc/listener_watch.h"
#include "vnf/rpc/methods.h"
#include "vnf/rpc/readers.h"

#define THREADS		2
#define CANCELLED_MS	300 /* for clients to hear that their calls were cancelled, before their connections are cut */
#define CUT_MS		500 /* for calls to end then: none waits for its client any more */
#define DEFAULT_MESSAGE ((size_t)16 << 20)
#define BUDGET_FACTOR	24 /* all unpacked requests together, in units of the largest message */

struct rpc_server {
	grpc_completion_queue *queue;
	pthread_t thread[THREADS];
	size_t threads; /* that run */
	bool started, stopped;
	struct rpc_options options;
	struct rpc_shared shared;
	struct listener *listener;
	size_t listeners;
	struct listener_watch *watch;
};

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

static int listen_all(struct rpc_server *server, struct error *error)
{
	const struct rpc_options *options = &server->options;
	size_t count = 0;

	while (options->listen[count])
		count++;
	server->listener = calloc(count + 1, sizeof(*server->listener));
	if (!server->listener) {
		error_no_memory(error, NULL);
		return -1;
	}
	for (size_t i = 0; i < count + (options->relayed != NULL); i++) {
		struct listener *listener = &server->listener[server->listeners++];

		listener->shared = &server->shared;
		listener->queue = server->queue;
		listener->options = options;
		listener->address = options->listen[i]; /* NULL behind the last: the relay's */
		if (listener_open(listener, error))
			return -1;
	}
	return 0;
}

struct rpc_server *rpc_server_new(const struct rpc_options *options, const struct rpc_dispatch *dispatch,
				  struct error *error)
{
	struct rpc_server *server = calloc(1, sizeof(*server));

	if (!server) {
		error_no_memory(error, NULL);
		return NULL;
	}
	server->options = *options;
	live_calls_init(&server->shared.live);
	connections_begin(options->relayed);
	turns_init(&server->shared.turns, dispatch->loop);
	core_log_quiet();
	grpc_init();
	server->shared.dispatch = *dispatch;
	server->shared.max_message = options->max_message ? options->max_message : DEFAULT_MESSAGE;
	atomic_init(&server->shared.budget.left, server->shared.max_message * BUDGET_FACTOR);
	server->queue = grpc_completion_queue_create_for_next(NULL);
	if (methods_check(dispatch, error) || listen_all(server, error)) {
		rpc_server_free(server);
		return NULL;
	}
	server->options.listen = NULL; /* the list was the caller's; the names are not */
	server->watch = listener_watch_new(server->listener, server->listeners, error);
	if (!server->watch) {
		rpc_server_free(server);
		return NULL;
	}
	return server;
}

int rpc_server_port(const struct rpc_server *server, size_t index)
{
	return index < server->listeners ? server->listener[index].port : -EINVAL;
}

int rpc_server_take_names(struct rpc_server *server)
{
	int status = 0;

	for (size_t i = 0; i < server->listeners && !status; i++)
		if (server->listener[i].local)
			status = unix_listeners_take_names(server->listener[i].local);
	rpc_server_share_ports(server, false);
	server->options.beside = false;
	return status;
}

static bool is_tcp(const struct listener *listener)
{
	return listener->address && !listener->local && listener->port > 0;
}

void rpc_server_share_ports(struct rpc_server *server, bool share)
{
	for (size_t i = 0; i < server->listeners; i++)
		if (is_tcp(&server->listener[i]))
			listen_share_port(server->listener[i].port, share);
}

void rpc_server_refuse(const struct rpc_server *server)
{
	for (size_t i = 0; i < server->listeners; i++)
		if (is_tcp(&server->listener[i]))
			listen_end(server->listener[i].port);
}

bool rpc_server_listens(const struct rpc_server *server)
{
	return listener_watch_is_well(server->watch);
}

int rpc_server_start(struct rpc_server *server)
{
	sigset_t all, before;
	size_t threads = 0;
	int failed = 0;

	/* signals are the control thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	server->shared.readers = readers_new(&failed);
	for (; threads < THREADS && !failed; threads += !failed)
		failed = pthread_create(&server->thread[threads], NULL, serve, server);
	server->threads = threads;
	if (!failed) {
		server->started = true;
		core_log_start();
		for (size_t i = 0; i < server->listeners; i++)
			listener_start(&server->listener[i]);
		listener_watch_start(server->watch);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		log_error("cannot start the RPC threads: %s", strerror(abs(failed)));
	return -abs(failed);
}

/* No calls are taken any more; outstanding accepts fail, so that only calls are counted as live. */
static void begin_stop(struct rpc_server *server)
{
	server->stopped = true;
	listener_watch_stop(server->watch);
	if (server->shared.dispatch.stopping)
		server->shared.dispatch.stopping(server->shared.dispatch.context);
	for (size_t i = 0; i < server->listeners; i++)
		if (server->listener[i].core && !server->listener[i].going_down)
			listener_shut_down(&server->listener[i]);
}

int rpc_server_stop(struct rpc_server *server, unsigned int grace_ms)
{
	if (!server->started)
		return 0;
	if (!server->stopped)
		begin_stop(server);
	live_calls_wait(&server->shared.live, grace_ms);
	/* also where none is left: it closes the connections of clients that sit idle and read no goodbye */
	for (size_t i = 0; i < server->listeners; i++)
		listener_cancel_calls(&server->listener[i]);
	if (live_calls_wait(&server->shared.live, CANCELLED_MS))
		return 0;
	/* core closes a connection only behind what it is writing there, and the client does not read */
	connections_shut_down();
	return live_calls_wait(&server->shared.live, CUT_MS) ? 0 : -ETIMEDOUT;
}

/* Core wants a shutdown also of a server that never started. */
static void stop_unstarted(struct rpc_server *server)
{
	for (size_t i = 0; i < server->listeners; i++) {
		grpc_event event;

		if (!server->listener[i].core)
			continue;
		listener_shut_down(&server->listener[i]);
		if (server->threads)
			continue;
		event = grpc_completion_queue_next(server->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
		if (event.type == GRPC_OP_COMPLETE)
			rpc_tag_done(event.tag, event.success);
	}
	live_calls_wait(&server->shared.live, LIVE_CALLS_EVER);
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
		live_calls_wait(&server->shared.live, LIVE_CALLS_EVER);
	listener_watch_free(server->watch);
	/* only now: core aborts where a batch meets a queue that is shut down */
	grpc_completion_queue_shutdown(server->queue);
	for (size_t n = 0; n < server->threads; n++)
		pthread_join(server->thread[n], NULL);
	if (!server->threads)
		drain(server);
	for (size_t i = 0; i < server->listeners; i++)
		listener_close(&server->listener[i]);
	grpc_completion_queue_destroy(server->queue);
	grpc_shutdown();
	connections_end();
	live_calls_destroy(&server->shared.live);
	readers_free(server->shared.readers);
	turns_destroy(&server->shared.turns);
	free(server->listener);
	free(server);
}
