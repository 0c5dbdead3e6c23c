/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sluiced: one control thread on the loop owns every change; the RPC threads bring requests to it and read snapshots by
 * themselves; the packets are the kernel's.
 */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vnf/access/access.h"
#include "vnf/access/watch.h"
#include "vnf/control/control.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/core/instance.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/core/namespace.h"
#include "vnf/core/privileges.h"
#include "vnf/core/rcu.h"
#include "vnf/core/watchdog.h"
#include "vnf/daemon.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/xdp/load_helper.h"
#include "vnf/observe/observer.h"
#include "vnf/relay.h"
#include "vnf/web/http/web.h"

/* The order in which the daemon comes up; it goes down in reverse. */

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

/* Clients are known also without a policy. One that is wrong at the start is no start: nobody was let in by it yet. */
static int start_access(struct daemon *daemon)
{
	const char *path = daemon->options.settings.access_policy;
	struct error error = {0};

	daemon->services.access = access_new();
	if (!daemon->services.access) {
		log_error("access: out of memory");
		return -1;
	}
	if (!path)
		return 0;
	daemon->access_watch = access_watch_new(daemon->loop, daemon->services.access, path);
	if (!daemon->access_watch) {
		log_error("access policy: %s cannot be watched: %s", path, strerror(errno));
		return -1;
	}
	if (!access_load(daemon->services.access, path, &error))
		return 0;
	log_faults("access policy", &error);
	return -1;
}

static void stop_access(struct daemon *daemon)
{
	access_watch_free(daemon->access_watch);
	access_free(daemon->services.access);
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
				      "namespace, with --relayed"
				    : "");
	return -1;
}

static void stop_namespace(struct daemon *daemon)
{
	(void)daemon;
}

int claim_namespace(void)
{
	const char *directory = daemon_runtime_directory();
	int error = instance_claim(directory);

	if (!error)
		return 0;
	if (error == -EADDRINUSE)
		log_error("another sluiced owns this network namespace: take over from it (--takeover), stop it "
			  "first, or start this one in a namespace of its own");
	else
		log_error("the lock in %s: %s: make it a directory of this process's user, to which nobody else may "
			  "write, or name one in RUNTIME_DIRECTORY",
			  directory, strerror(-error));
	return -1;
}

static int start_instance(struct daemon *daemon)
{
	return daemon->options.takeover_seconds ? takeover_begin(daemon) : claim_namespace();
}

static void stop_instance(struct daemon *daemon)
{
	handover_close_fds(&daemon->maps); /* the claim ends with the process */
}

/* Before there are threads, and before the privileges go. */
static int start_loader(struct daemon *daemon)
{
	int socket = daemon->options.loader ? 0 : loader_child(&daemon->loader_child);

	if (socket < 0)
		log_error("cannot fork: %s", strerror(-socket));
	daemon->loader_socket = socket > 0 ? socket : 0;
	return socket < 0 ? -1 : 0;
}

static void stop_loader(struct daemon *daemon)
{
	if (!daemon->loader_socket)
		return;
	close(daemon->loader_socket);
	(void)waitpid(daemon->loader_child, NULL, 0);
}

static int start_dataplane(struct daemon *daemon)
{
	char record[PATH_MAX], salt[PATH_MAX];
	struct dataplane_options options = {.limits = daemon->options.settings.limits,
					    .record = daemon_runtime_path(record, "xdp-programs"),
					    .flow_salt = daemon->options.settings.flow_salt,
					    .salt_record = daemon_runtime_path(salt, "flow-salt"),
					    .store = daemon_find_store(daemon),
					    .loader = daemon->options.loader,
					    .loader_socket = daemon->loader_socket,
					    .xdp = daemon->options.settings.xdp,
					    .loaded = privileges_drop};
	int error = 0;

	daemon->dataplane = dataplane_new(&options, &error);
	if (!daemon->dataplane)
		log_error("dataplane: %s: the lines above say why; root, or CAP_BPF%s are needed", strerror(-error),
			  options.loader ? " and CAP_NET_ADMIN" : ", CAP_NET_ADMIN and CAP_PERFMON");
	return daemon->dataplane ? 0 : -1;
}

static void stop_dataplane(struct daemon *daemon)
{
	dataplane_free(daemon->dataplane);
}

static int start_observer(struct daemon *daemon)
{
	daemon->observer = observer_new(daemon->dataplane);
	if (!daemon->observer)
		log_error("observer: out of memory");
	return daemon->observer ? 0 : -1;
}

static void stop_observer(struct daemon *daemon)
{
	observer_free(daemon->observer);
}

static int start_program(struct daemon *daemon)
{
	struct error error = {0};

	daemon->reconciler = reconciler_new(daemon->loop, daemon->dataplane, &error);
	log_faults("program", &error);
	return daemon->reconciler ? 0 : -1;
}

static void stop_program(struct daemon *daemon)
{
	reconciler_free(daemon->reconciler);
}

static int start_control(struct daemon *daemon)
{
	const struct settings *settings = &daemon->options.settings;

	daemon->control = control_new(daemon->loop, daemon->dataplane, daemon->reconciler);
	if (!daemon->control) {
		log_error("control: out of memory");
		return -1;
	}
	if (settings->management_interface && !settings->dataplane_namespace)
		control_set_management(daemon->control, settings->management_interface);
	control_set_observer(daemon->control, daemon->observer);
	daemon->services.control = daemon->control;
	return 0;
}

static void stop_control(struct daemon *daemon)
{
	if (daemon->leave)
		dataplane_leave_attached(daemon->dataplane);
	control_free(daemon->control);
}

/* Ports of a daemon before this one are taken over as the journal has it. Without one, nobody knows what they are for.
 */
static int start_state(struct daemon *daemon)
{
	const char *directory = daemon_state_directory(daemon);
	struct error error = {0};
	bool known = false;

	control_on_journal(daemon->control, services_set_writable, &daemon->services);
	if (takeover_freeze(daemon))
		return -1;
	if (directory && control_restore(daemon->control, directory, &known, &error)) {
		log_faults("state", &error);
		return -1;
	}
	/* Only now: a daemon that cannot take up the state leaves those of the one before to the next. */
	dataplane_leave_maps(daemon->dataplane);
	if (dataplane_sweep_connections(daemon->dataplane, daemon->loop)) {
		log_error("connections: out of memory");
		return -1;
	}
	if (known)
		dataplane_detach_strays(daemon->dataplane);
	else if (daemon->options.settings.drop_unknown)
		return dataplane_close_strays(daemon->dataplane);
	return 0;
}

static void stop_state(struct daemon *daemon)
{
	stop_succession(daemon); /* the rest is the control plane's */
}

static bool is_well(void *context)
{
	return rpc_server_listens(((struct daemon *)context)->server);
}

static int start_watchdog(struct daemon *daemon)
{
	int error;

	daemon->watchdog = watchdog_new(daemon->loop, is_well, daemon, &error);
	if (error)
		log_error("watchdog: %s", strerror(-error));
	return error;
}

static void stop_watchdog(struct daemon *daemon)
{
	watchdog_free(daemon->watchdog);
}

static const struct module {
	const char *status; /* for the service manager */
	int (*start)(struct daemon *daemon);
	void (*stop)(struct daemon *daemon);
} modules[] = {
	{"STATUS=starting", start_loader, stop_loader},
	{"STATUS=starting", start_loop, stop_loop},
	{"STATUS=reading the access policy", start_access, stop_access},
	{"STATUS=opening gRPC's sockets", start_server, stop_server},
	{"STATUS=opening HTTP's sockets", start_web, free_web},
	{"STATUS=opening sFlow's sockets", open_sflow, close_sflow},
	{"STATUS=entering the dataplane's namespace", start_namespace, stop_namespace},
	{"STATUS=claiming the namespace", start_instance, stop_instance},
	{"STATUS=loading the XDP program", start_dataplane, stop_dataplane},
	{"STATUS=loading the XDP program", start_observer, stop_observer},
	{"STATUS=reading links, addresses and neighbours", start_program, stop_program},
	{"STATUS=starting the control plane", start_control, stop_control},
	{"STATUS=taking up the state", start_state, stop_state},
	{"STATUS=sampling packets", start_sflow, stop_sflow},
	{"STATUS=starting to serve", start_signals, stop_signals},
	{"STATUS=starting to serve", start_watchdog, stop_watchdog},
};

static int run(struct daemon *daemon)
{
	size_t started = 0, count = sizeof(modules) / sizeof(*modules);
	int result = 0;

	while (!result && started < count) {
		instance_notify(modules[started].status);
		result = modules[started++].start(daemon);
	}
	if (!result)
		result = daemon_serve(daemon);
	if (daemon->server)
		(void)rpc_server_stop(daemon->server, 0); /* no call may reach the modules that stop now */
	web_stop(daemon->web);
	while (started > 0)
		modules[--started].stop(daemon);
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void check_state(const char *directory, struct error *error)
{
	struct error fault = {0};
	char text[PATH_MAX + 160];

	if (!directory)
		return;
	if (!control_inspect(directory, text, sizeof(text), &fault)) {
		log_info("%s", text);
		return;
	}
	log_faults("state", &fault);
	error->count += fault.count;
}

/* -n finds all mistakes that show before the machine is touched; options and file have been checked already. */
static int check(struct daemon *daemon)
{
	struct error error = {0}, policy = {0};
	int result;

	if (daemon->tls.certificate)
		rpc_tls_check(&daemon->tls, &error);
	log_faults("TLS", &error);
	if (daemon->options.settings.access_policy)
		access_check_file(daemon->options.settings.access_policy, &policy);
	log_faults("access policy", &policy);
	check_state(daemon_state_directory(daemon), &error);
	result = start_dataplane(daemon);
	if (error.count || policy.count)
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
	if (daemon->options.relay)
		return relay_run(settings, daemon->options.relay) ? EXIT_FAILURE : EXIT_SUCCESS;
	if (daemon->options.load)
		return loader_serve(STDIN_FILENO) ? EXIT_FAILURE : EXIT_SUCCESS;
	daemon->tls = (struct rpc_tls){settings->tls.certificate, settings->tls.key, settings->tls.client_ca};
	if (daemon->options.check_only)
		return check(daemon);
	/* With one arena, memory that the RPC threads have freed serves the control thread too: a whole table's
	 * commit takes less. */
	mallopt(M_ARENA_MAX, 1);
	signal(SIGPIPE, SIG_IGN); /* a log reader or client that goes away is no reason to end */
	rcu_thread_enter();
	result = run(daemon);
	rcu_thread_leave();
	return result;
}

int main(int argc, char **argv)
{
	static struct daemon daemon = {.predecessor = -1, .successors = -1};
	int result = EXIT_SUCCESS;

	privileges_raise();
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
