/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sluiced: one control thread on the loop owns every change; the RPC threads bring requests to it and read snapshots by
 * themselves; the packets are the kernel's.
 */
#include <errno.h>
#include <event2/event.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "vnf/control/control.h"
#include "vnf/control/program/program.h"
#include "vnf/core/instance.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/core/rcu.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/options.h"
#include "vnf/rpc/server.h"
#include "vnf/rpc/services.h"

#define DRAIN_MS 5000

struct daemon {
	struct options options;
	struct loop *loop;
	struct dataplane *dataplane;
	struct program *program;
	struct control *control;
	struct services_context services;
	struct rpc_server *server;
	struct event *signals[2];
	pthread_t drain;
	bool draining;
};

static void log_faults(const char *what, const struct error *error)
{
	for (size_t i = 0; i < error->count && i < ERROR_FAULTS; i++)
		log_error("%s: %s", what, error->fault[i].message);
}

/* The order in which the daemon comes up; it goes down in reverse. Each start returns 0 or has logged why not. */

static int start_loop(struct daemon *daemon)
{
	daemon->loop = loop_new();
	if (!daemon->loop)
		log_error("control loop: %s", strerror(errno));
	return daemon->loop ? 0 : -1;
}

static void stop_loop(struct daemon *daemon)
{
	loop_free(daemon->loop);
}

static int start_dataplane(struct daemon *daemon)
{
	struct dataplane_options options = {.max_routes = daemon->options.max_routes};
	int error = 0;

	daemon->dataplane = dataplane_new(&options, &error);
	if (!daemon->dataplane)
		log_error("dataplane: %s: the lines above say why; root or CAP_BPF and CAP_NET_ADMIN are needed",
			  strerror(-error));
	return daemon->dataplane ? 0 : -1;
}

static void stop_dataplane(struct daemon *daemon)
{
	dataplane_free(daemon->dataplane);
}

static int start_program(struct daemon *daemon)
{
	struct error error = {0};

	daemon->program = program_new(daemon->loop, daemon->dataplane, &error);
	log_faults("program", &error);
	return daemon->program ? 0 : -1;
}

static void stop_program(struct daemon *daemon)
{
	program_free(daemon->program);
}

static int start_control(struct daemon *daemon)
{
	daemon->control = control_new(daemon->loop, daemon->dataplane, daemon->program);
	if (!daemon->control)
		log_error("control: out of memory");
	return daemon->control ? 0 : -1;
}

static void stop_control(struct daemon *daemon)
{
	control_free(daemon->control);
}

/* gRPC's accept never recovers from running out of descriptors (CVE-2023-4785 in 1.51), so take all there are. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		log_warning("cannot raise the limit of open files: %s", strerror(errno));
}

static int start_server(struct daemon *daemon)
{
	struct rpc_options options = {.listen = daemon->options.listen, .insecure = daemon->options.insecure};
	struct rpc_service services[3];
	struct error error = {0};

	raise_descriptor_limit();
	daemon->services = (struct services_context){.loop = daemon->loop, .control = daemon->control};
	services[0] = config_service(&daemon->services);
	services[1] = state_service(&daemon->services);
	services[2] = system_service(&daemon->services);
	daemon->server = rpc_server_new(&options, services, 3, &error);
	log_faults("gRPC", &error);
	return daemon->server ? 0 : -1;
}

static void stop_server(struct daemon *daemon)
{
	rpc_server_free(daemon->server);
}

/* Calls in flight need the loop, so it goes on running until they are done. */
static void *drain(void *context)
{
	struct daemon *daemon = context;

	rpc_server_stop(daemon->server, DRAIN_MS);
	loop_stop(daemon->loop);
	return NULL;
}

static void on_signal(evutil_socket_t number, short events, void *context)
{
	struct daemon *daemon = context;

	(void)events;
	if (daemon->draining)
		return;
	/* Not on this thread: the calls that are to be finished may wait for it. */
	if (pthread_create(&daemon->drain, NULL, drain, daemon)) {
		log_error("signal %d: cannot start a thread to finish running calls: send it again", (int)number);
		return;
	}
	daemon->draining = true;
	log_info("signal %d: finishing running calls", (int)number);
	instance_notify("STOPPING=1");
}

static int start_signals(struct daemon *daemon)
{
	static const int numbers[] = {SIGTERM, SIGINT};

	for (size_t i = 0; i < 2; i++) {
		daemon->signals[i] = evsignal_new(loop_base(daemon->loop), numbers[i], on_signal, daemon);
		if (!daemon->signals[i] || event_add(daemon->signals[i], NULL)) {
			log_error("signals: out of memory");
			return -1;
		}
	}
	return 0;
}

static void stop_signals(struct daemon *daemon)
{
	for (size_t i = 0; i < 2; i++) {
		if (daemon->signals[i])
			event_free(daemon->signals[i]);
	}
}

static const struct module {
	int (*start)(struct daemon *daemon);
	void (*stop)(struct daemon *daemon); /* also after a start that failed half-way */
} modules[] = {
	{start_loop, stop_loop},       {start_dataplane, stop_dataplane}, {start_program, stop_program},
	{start_control, stop_control}, {start_server, stop_server},	  {start_signals, stop_signals},
};

static int serve(struct daemon *daemon)
{
	int error = rpc_server_start(daemon->server);

	if (error) {
		log_error("gRPC: cannot start serving: %s", strerror(-error));
		return -1;
	}
	for (size_t i = 0; daemon->options.listen[i]; i++)
		log_info("sluiced " SLUICE_VERSION " serves gRPC on %s", daemon->options.listen[i]);
	instance_notify("READY=1");
	error = loop_run(daemon->loop);
	if (daemon->draining)
		pthread_join(daemon->drain, NULL);
	return error;
}

static int run(struct daemon *daemon)
{
	size_t started = 0, count = sizeof(modules) / sizeof(*modules);
	int result = 0;

	while (!result && started < count)
		result = modules[started++].start(daemon);
	if (!result)
		result = serve(daemon);
	while (started > 0)
		modules[--started].stop(daemon);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* -n: all that can be wrong before anything is touched. */
static int check(struct daemon *daemon)
{
	struct error error = {0};
	int result;

	for (size_t i = 0; daemon->options.listen[i]; i++)
		rpc_listen_check(daemon->options.listen[i], daemon->options.insecure, &error);
	log_faults("gRPC", &error);
	result = start_dataplane(daemon);
	if (error.count)
		result = -1;
	if (!result)
		log_info("the options are right and the XDP program loads on this kernel");
	stop_dataplane(daemon);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	int result;

	switch (options_parse(&daemon.options, argc, argv)) {
	case OPTIONS_DONE:
		return EXIT_SUCCESS;
	case OPTIONS_WRONG:
		return 2;
	case OPTIONS_RUN:
		break;
	}
	log_init(daemon.options.log_level, daemon.options.log_format);
	if (daemon.options.check_only)
		return check(&daemon);
	result = instance_claim();
	if (result) {
		log_error("%s", result == -EADDRINUSE
					? "another sluiced owns this network namespace: stop it first, or "
					  "start this one in a namespace of its own"
					: strerror(-result));
		return EXIT_FAILURE;
	}
	/* What the RPC threads have freed serves the control thread too: a whole table's commit is that much smaller.
	 */
	mallopt(M_ARENA_MAX, 1);
	signal(SIGPIPE, SIG_IGN); /* a log reader or client that goes away is no reason to end */
	rcu_thread_enter();
	result = run(&daemon);
	rcu_thread_leave();
	return result;
}
