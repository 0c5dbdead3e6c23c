/* SPDX-License-Identifier: Apache-2.0 */
/* The gRPC server of the daemon, from its sockets to the end of the last call. */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "vnf/core/instance.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/core/privileges.h"
#include "vnf/daemon.h"
#include "vnf/rpc/listen_address.h"

#define DRAIN_MS 5000

/* gRPC's accept never recovers from running out of descriptors (CVE-2023-4785 in 1.51), so the limit is raised to
 * the most that is allowed. */
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
	const char *relayed = daemon->options.relayed, *listen[SETTINGS_LISTEN + 1] = {NULL};
	struct rpc_options options = {.listen = listen,
				      .insecure = settings->insecure,
				      .tls = daemon->tls.certificate ? &daemon->tls : NULL,
				      .bind_interface = settings->management_interface};
	const struct rpc_dispatch dispatch = services_dispatch(&daemon->services, daemon->loop);
	struct error error = {0};

	/* The relay has the TCP addresses; without one, nothing is open to everybody. */
	for (size_t i = 0, count = 0; settings->listen[i]; i++) {
		if (relayed && !listen_address_is_unix(settings->listen[i]))
			options.relayed = relayed;
		else
			listen[count++] = settings->listen[i];
	}
	privileges_drop();
	daemon->server = rpc_server_new(&options, &dispatch, &error);
	log_faults("gRPC", &error);
	return NULL;
}

/* The server is made on a thread of its own: the threads that core starts inherit its privileges, and it has dropped
 * those of the start. It listens from now on, in the namespace that the daemon was started in, and answers when all
 * is up. */
int start_server(struct daemon *daemon)
{
	pthread_t thread;
	int error;

	raise_descriptor_limit();
	if (services_init(&daemon->services, services_table)) {
		log_error("gRPC: out of memory");
		return -1;
	}
	error = pthread_create(&thread, NULL, create_server, daemon);
	if (error) {
		log_error("gRPC: no thread: %s", strerror(error));
		return -1;
	}
	pthread_join(thread, NULL);
	return daemon->server ? 0 : -1;
}

void stop_server(struct daemon *daemon)
{
	rpc_server_free(daemon->server);
	services_clear(&daemon->services);
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
	/* A thread of its own waits, since the calls that are to be finished may need this one. */
	if (pthread_create(&daemon->drain, NULL, drain, daemon)) {
		log_error("signal %d: cannot start a thread to finish running calls: send it again", (int)number);
		return;
	}
	daemon->draining = true;
	daemon->leave = number == SIGUSR1;
	log_info("signal %d: finishing running calls", (int)number);
	instance_notify("STOPPING=1\nSTATUS=finishing running calls");
}

int start_signals(struct daemon *daemon)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		daemon->signals[i] = evsignal_new(loop_base(daemon->loop), numbers[i], on_signal, daemon);
		if (!daemon->signals[i] || event_add(daemon->signals[i], NULL)) {
			log_error("signals: out of memory");
			return -1;
		}
	}
	return 0;
}

void stop_signals(struct daemon *daemon)
{
	for (size_t i = 0; i < sizeof(daemon->signals) / sizeof(*daemon->signals); i++) {
		if (daemon->signals[i])
			event_free(daemon->signals[i]);
	}
}

int daemon_serve(struct daemon *daemon)
{
	int error = rpc_server_start(daemon->server);

	if (error) {
		log_error("gRPC: cannot start serving: %s", strerror(-error));
		return -1;
	}
	for (size_t i = 0; daemon->options.settings.listen[i]; i++)
		log_info("sluiced " SLUICE_VERSION " serves gRPC on %s", daemon->options.settings.listen[i]);
	instance_notify("READY=1\nSTATUS=forwarding, and serving gRPC");
	error = loop_run(daemon->loop);
	if (daemon->draining)
		pthread_join(daemon->drain, NULL);
	return error;
}
