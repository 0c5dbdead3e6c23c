/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>

#include "vnf/core/log.h"
#include "vnf/core/rcu.h"
#include "vnf/rpc/call.h"
#include "vnf/rpc/health.h"
#include "vnf/rpc/listen.h"
#include "vnf/rpc/reflection.h"

#define THREADS		2
#define ACCEPTS		32  /* calls that may arrive at once without one waiting for a thread */
#define STREAMS		256 /* concurrent calls of one connection */
#define DEFAULT_MESSAGE ((size_t)16 << 20)
#define BUDGET_FACTOR	24 /* all unpacked requests together, in units of the largest message */
#define QUOTA_FACTOR	16 /* what core may buffer for all connections, in the same unit */

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
	size_t max_message;
	struct wire_budget budget;
	struct rpc_service *services;
	size_t service_count;
	int *ports;
	size_t port_count;
	struct health *health;
	struct reflection *reflection;
	struct rpc_tag down_tag;
	struct accept accepts[ACCEPTS];

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	size_t live; /* calls and accepts */
	bool down;   /* core has shut down */
};

void rpc_server_call_begins(struct rpc_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->live++;
	pthread_mutex_unlock(&server->lock);
}

void rpc_server_call_ends(struct rpc_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->live--;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
}

static void on_down(struct rpc_tag *tag, bool ok)
{
	struct rpc_server *server = (struct rpc_server *)((char *)tag - offsetof(struct rpc_server, down_tag));

	(void)ok;
	pthread_mutex_lock(&server->lock);
	server->down = true;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
}

/* "/package.Service/Method" */
static const struct rpc_method *find_method(const struct rpc_server *server, grpc_slice path,
					    const struct rpc_service **service)
{
	const char *text = (const char *)GRPC_SLICE_START_PTR(path);
	size_t length = GRPC_SLICE_LENGTH(path);

	for (size_t i = 0; i < server->service_count; i++) {
		const char *name = server->services[i].descriptor->name;
		size_t size = strlen(name);

		if (length < size + 2 || text[0] != '/' || text[size + 1] != '/' || memcmp(text + 1, name, size))
			continue;
		*service = &server->services[i];
		for (const struct rpc_method *method = (*service)->methods; method->name; method++)
			if (strlen(method->name) == length - size - 2 &&
			    !memcmp(method->name, text + size + 2, length - size - 2))
				return method;
	}
	return NULL;
}

static rpc_done on_accept;

static void accept_next(struct accept *accept)
{
	grpc_call_details_init(&accept->details);
	grpc_metadata_array_init(&accept->metadata);
	rpc_tag_arm(&accept->tag, on_accept);
	if (grpc_server_request_call(accept->server->core, &accept->call, &accept->details, &accept->metadata,
				     accept->server->queue, accept->server->queue, &accept->tag) != GRPC_CALL_OK)
		rpc_server_call_ends(accept->server); /* core shuts down */
}

static void on_accept(struct rpc_tag *tag, bool ok)
{
	struct accept *accept = (struct accept *)tag;
	const struct rpc_service *service = NULL;
	const struct rpc_method *method;

	if (ok) {
		method = find_method(accept->server, accept->details.method, &service);
		if (rpc_call_start(accept->server, accept->call, service, method, accept->server->max_message,
				   &accept->server->budget))
			log_error("out of memory: a call was refused");
	}
	grpc_call_details_destroy(&accept->details);
	grpc_metadata_array_destroy(&accept->metadata);
	if (ok)
		accept_next(accept);
	else
		rpc_server_call_ends(accept->server);
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

static void log_core(gpr_log_func_args *args)
{
	if (args->severity == GPR_LOG_SEVERITY_ERROR)
		log_warning("gRPC: %s", args->message);
}

static void log_nothing(gpr_log_func_args *args)
{
	(void)args; /* why it cannot listen is told in the error */
}

static grpc_server *create_core(size_t max_message)
{
	grpc_resource_quota *quota = grpc_resource_quota_create("rpc");
	grpc_arg args[] = {
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, {.integer = (int)max_message}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_MAX_CONCURRENT_STREAMS, {.integer = STREAMS}},
		/* two daemons would otherwise share a port, each with half of the clients */
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_ALLOW_REUSEPORT, {.integer = 0}},
		/* clients may ping as often as every 5 s, also without calls; ours find those that are gone */
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, {.integer = 5000}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, {.integer = 1}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_KEEPALIVE_TIME_MS, {.integer = 30000}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_KEEPALIVE_TIMEOUT_MS, {.integer = 20000}},
		/* a decompressed message is not held to the maximum: no compression */
		{GRPC_ARG_INTEGER, (char *)GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, {.integer = 1}},
		{GRPC_ARG_INTEGER, (char *)GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, {.integer = 0}},
		{GRPC_ARG_POINTER,
		 (char *)GRPC_ARG_RESOURCE_QUOTA,
		 {.pointer = {quota, grpc_resource_quota_arg_vtable()}}},
	};
	grpc_channel_args list = {sizeof(args) / sizeof(args[0]), args};
	grpc_server *core;

	grpc_resource_quota_resize(quota, max_message * QUOTA_FACTOR);
	core = grpc_server_create(&list, NULL);
	grpc_resource_quota_unref(quota);
	return core;
}

/* The caller's services, and those that every server has. */
static int add_services(struct rpc_server *server, const struct rpc_service *services, size_t count)
{
	server->services = calloc(count + 3, sizeof(*server->services));
	if (!server->services)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		server->services[i] = services[i];
	server->health = health_new(services, count);
	server->reflection = reflection_new();
	if (!server->health || !server->reflection)
		return -ENOMEM;
	server->services[count++] = health_service(server->health);
	server->services[count++] = reflection_service_v1(server->reflection);
	server->services[count++] = reflection_service_v1alpha(server->reflection);
	server->service_count = count;
	reflection_set_services(server->reflection, server->services, count);
	return 0;
}

/* A method without a handler would be found at its first call: better now. */
static int check_services(const struct rpc_server *server, struct error *error)
{
	for (size_t i = 0; i < server->service_count; i++) {
		const ProtobufCServiceDescriptor *descriptor = server->services[i].descriptor;

		for (unsigned int n = 0; n < descriptor->n_methods; n++) {
			const struct rpc_method *method = server->services[i].methods;

			while (method->name && strcmp(method->name, descriptor->methods[n].name))
				method++;
			if (method->name)
				continue;
			error_add(error, ERROR_INTERNAL, NULL, "%s has no handler for %s", descriptor->name,
				  descriptor->methods[n].name);
			return -1;
		}
	}
	return 0;
}

static int listen_all(struct rpc_server *server, const struct rpc_options *options, struct error *error)
{
	size_t count = 0;

	while (options->listen[count])
		count++;
	server->ports = calloc(count ? count : 1, sizeof(*server->ports));
	if (!server->ports) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
		return -1;
	}
	for (; server->port_count < count; server->port_count++) {
		int port = listen_add(server->core, options->listen[server->port_count], options->insecure, error);

		if (port < 0)
			return -1;
		server->ports[server->port_count] = port;
	}
	return 0;
}

struct rpc_server *rpc_server_new(const struct rpc_options *options, const struct rpc_service *services, size_t count,
				  struct error *error)
{
	struct rpc_server *server = calloc(1, sizeof(*server));

	if (!server) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->changed, NULL);
	gpr_set_log_function(log_nothing);
	grpc_init();
	server->max_message = options->max_message ? options->max_message : DEFAULT_MESSAGE;
	atomic_init(&server->budget.left, server->max_message * BUDGET_FACTOR);
	rpc_tag_arm(&server->down_tag, on_down);
	server->queue = grpc_completion_queue_create_for_next(NULL);
	server->core = create_core(server->max_message);
	grpc_server_register_completion_queue(server->core, server->queue, NULL);
	if (add_services(server, services, count)) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
		goto err_free;
	}
	if (check_services(server, error) || listen_all(server, options, error))
		goto err_free;
	return server;
err_free:
	rpc_server_free(server);
	return NULL;
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
	if (!failed)
		grpc_server_start(server->core);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	server->threads = threads;
	if (failed) {
		log_error("cannot start the RPC threads: %s", strerror(failed));
		return -failed;
	}
	server->started = true;
	gpr_set_log_function(log_core);
	for (size_t n = 0; n < ACCEPTS; n++) {
		server->accepts[n] = (struct accept){.server = server};
		rpc_server_call_begins(server);
		accept_next(&server->accepts[n]);
	}
	return 0;
}

/* True once nothing lives. grace_ms < 0: waits for that. */
static bool wait_down(struct rpc_server *server, long grace_ms)
{
	struct timespec deadline;
	bool down;
	int late = 0;

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += grace_ms / 1000;
	deadline.tv_nsec += grace_ms % 1000 * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_nsec -= 1000000000;
		deadline.tv_sec++;
	}
	pthread_mutex_lock(&server->lock);
	while (!(down = server->down && !server->live) && !late)
		if (grace_ms < 0)
			pthread_cond_wait(&server->changed, &server->lock);
		else
			late = pthread_cond_timedwait(&server->changed, &server->lock, &deadline);
	pthread_mutex_unlock(&server->lock);
	return down;
}

void rpc_server_stop(struct rpc_server *server, unsigned int grace_ms)
{
	if (!server->started || server->stopped)
		return;
	server->stopped = true;
	health_stop(server->health);
	grpc_server_shutdown_and_notify(server->core, server->queue, &server->down_tag);
	if (!wait_down(server, grace_ms)) {
		grpc_server_cancel_all_calls(server->core);
		wait_down(server, -1);
	}
}

/* Core wants a shutdown also of a server that never started. */
static void stop_unstarted(struct rpc_server *server)
{
	grpc_event event;

	grpc_server_shutdown_and_notify(server->core, server->queue, &server->down_tag);
	if (server->threads) {
		wait_down(server, -1);
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
	if (server->started)
		rpc_server_stop(server, 0);
	else
		stop_unstarted(server);
	/* only now: core aborts where a batch meets a queue that is shut down */
	grpc_completion_queue_shutdown(server->queue);
	for (size_t n = 0; n < server->threads; n++)
		pthread_join(server->thread[n], NULL);
	if (!server->threads)
		drain(server);
	grpc_server_destroy(server->core);
	grpc_completion_queue_destroy(server->queue);
	grpc_shutdown();
	reflection_free(server->reflection);
	health_free(server->health);
	pthread_cond_destroy(&server->changed);
	pthread_mutex_destroy(&server->lock);
	free(server->ports);
	free(server->services);
	free(server);
}
