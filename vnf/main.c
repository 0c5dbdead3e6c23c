/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sluiced: one control thread on the loop owns every change; the RPC threads bring requests to it and read snapshots by
 * themselves; the packets are the kernel's.
 */
#include <errno.h>
#include <event2/event.h>
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
#include "vnf/core/namespace.h"
#include "vnf/core/privileges.h"
#include "vnf/core/rcu.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/options.h"
#include "vnf/rpc/server.h"
#include "vnf/rpc/services.h"

#define DRAIN_MS 5000

struct daemon {
	struct options options;
	struct rpc_tls tls;
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
		log_error("%s: %s%s%s", what, error->fault[i].field, *error->fault[i].field ? ": " : "",
			  error->fault[i].message);
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

static void drop_privileges(void)
{
	int error = privileges_drop();

	if (error)
		log_warning("cannot give up the privileges of the start: %s", strerror(-error));
}

/* gRPC is served where the daemon was started; everything else is of the dataplane's network namespace. */
static int start_namespace(struct daemon *daemon)
{
	const char *name = daemon->options.settings.dataplane_namespace;
	int error = name ? namespace_enter(name) : 0;

	if (!error)
		return 0;
	log_error("network namespace %s: %s%s", name, strerror(-error),
		  error == -ENOENT  ? ": make it first, as ip netns add does"
		  : error == -EPERM ? ": start as root or with CAP_SYS_ADMIN, which is given up afterwards, or in that "
				      "namespace"
				    : "");
	return -1;
}

static void stop_namespace(struct daemon *daemon)
{
	(void)daemon;
}

static int start_instance(struct daemon *daemon)
{
	int error = instance_claim();

	(void)daemon;
	if (!error)
		return 0;
	log_error("%s", error == -EADDRINUSE ? "another sluiced owns this network namespace: stop it first, or start "
					       "this one in a namespace of its own"
					     : strerror(-error));
	return -1;
}

static void stop_instance(struct daemon *daemon)
{
	(void)daemon; /* ends with the process */
}

static int start_dataplane(struct daemon *daemon)
{
	struct dataplane_options options = {.max_routes = daemon->options.settings.max_routes,
					    .loaded = drop_privileges};
	int error = 0;

	daemon->dataplane = dataplane_new(&options, &error);
	if (!daemon->dataplane)
		log_error("dataplane: %s: the lines above say why; root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON are "
			  "needed",
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
	const struct settings *settings = &daemon->options.settings;

	daemon->control = control_new(daemon->loop, daemon->dataplane, daemon->program);
	if (!daemon->control) {
		log_error("control: out of memory");
		return -1;
	}
	if (settings->management_interface && !settings->dataplane_namespace)
		control_set_management(daemon->control, settings->management_interface);
	daemon->services.control = daemon->control;
	return 0;
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

static void *create_server(void *context)
{
	struct daemon *daemon = context;
	struct settings *settings = &daemon->options.settings;
	const struct rpc_options options = {.listen = (const char *const *)settings->listen,
					    .insecure = settings->insecure,
					    .tls = daemon->tls.certificate ? &daemon->tls : NULL,
					    .bind_interface = settings->management_interface};
	const struct rpc_service services[] = {config_service(&daemon->services), state_service(&daemon->services),
					       system_service(&daemon->services)};
	struct error error = {0};

	drop_privileges();
	daemon->server = rpc_server_new(&options, services, sizeof(services) / sizeof(*services), &error);
	log_faults("gRPC", &error);
	return NULL;
}

/* On a thread of its own, so that those that core starts have nothing of what only the start of the others takes. It
 * listens from now on, in the namespace that the daemon was started in, and answers when all is up. */
static int start_server(struct daemon *daemon)
{
	pthread_t thread;
	int error;

	raise_descriptor_limit();
	daemon->services.loop = daemon->loop;
	error = pthread_create(&thread, NULL, create_server, daemon);
	if (error) {
		log_error("gRPC: no thread: %s", strerror(error));
		return -1;
	}
	pthread_join(thread, NULL);
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
	{start_loop, stop_loop},	 {start_server, stop_server},	    {start_namespace, stop_namespace},
	{start_instance, stop_instance}, {start_dataplane, stop_dataplane}, {start_program, stop_program},
	{start_control, stop_control},	 {start_signals, stop_signals},
};

static int serve(struct daemon *daemon)
{
	int error = rpc_server_start(daemon->server);

	if (error) {
		log_error("gRPC: cannot start serving: %s", strerror(-error));
		return -1;
	}
	for (size_t i = 0; daemon->options.settings.listen[i]; i++)
		log_info("sluiced " SLUICE_VERSION " serves gRPC on %s", daemon->options.settings.listen[i]);
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
	if (daemon->server)
		rpc_server_stop(daemon->server, 0); /* no call may reach what goes down now */
	while (started > 0)
		modules[--started].stop(daemon);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* -n: all that can be wrong before anything is touched; options and file have been checked. */
static int check(struct daemon *daemon)
{
	struct error error = {0};
	int result;

	if (daemon->tls.certificate)
		rpc_tls_check(&daemon->tls, &error);
	log_faults("TLS", &error);
	result = start_dataplane(daemon);
	if (error.count)
		result = -1;
	if (!result)
		log_info("the configuration is right and the XDP program loads on this kernel");
	stop_dataplane(daemon);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run_as_told(struct daemon *daemon)
{
	const struct settings *settings = &daemon->options.settings;
	int result;

	log_init(settings->log_level, settings->log_format);
	daemon->tls = (struct rpc_tls){settings->tls.certificate, settings->tls.key, settings->tls.client_ca};
	if (daemon->options.check_only)
		return check(daemon);
	signal(SIGPIPE, SIG_IGN); /* a log reader or client that goes away is no reason to end */
	rcu_thread_enter();
	result = run(daemon);
	rcu_thread_leave();
	return result;
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	int result = EXIT_SUCCESS;

	switch (options_parse(&daemon.options, argc, argv)) {
	case OPTIONS_DONE:
		break;
	case OPTIONS_WRONG:
		result = 2;
		break;
	case OPTIONS_RUN:
		result = run_as_told(&daemon);
	}
	options_free(&daemon.options);
	return result;
}
