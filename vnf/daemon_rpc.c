/* SPDX-License-Identifier: Apache-2.0 */
/* The gRPC server of the daemon. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include "vnf/core/instance.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/core/privileges.h"
#include "vnf/core/sandbox.h"
#include "vnf/daemon.h"
#include "vnf/rpc/listen_address.h"

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

	if (daemon->options.takeover_seconds) {
		while (sem_wait(&daemon->server_turn))
			continue;
		if (!daemon->server_wanted)
			return NULL;
		options.beside = daemon->predecessor >= 0;
	}
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
	int error;

	raise_descriptor_limit();
	if (services_init(&daemon->services, services_table)) {
		log_error("gRPC: out of memory");
		return -1;
	}
	sem_init(&daemon->server_turn, 0, 0);
	error = pthread_create(&daemon->server_thread, NULL, create_server, daemon);
	if (error) {
		log_error("gRPC: no thread: %s", strerror(error));
		return -1;
	}
	daemon->server_waits = true;
	return daemon->options.takeover_seconds ? 0 : open_server(daemon);
}

static void end_server_thread(struct daemon *daemon)
{
	if (!daemon->server_waits)
		return;
	daemon->server_waits = false;
	sem_post(&daemon->server_turn);
	pthread_join(daemon->server_thread, NULL);
}

int open_server(struct daemon *daemon)
{
	daemon->server_wanted = true;
	end_server_thread(daemon);
	return daemon->server ? 0 : -1;
}

void stop_server(struct daemon *daemon)
{
	end_server_thread(daemon);
	rpc_server_free(daemon->server);
	services_clear(&daemon->services);
}

int daemon_serve(struct daemon *daemon)
{
	int error;

	if (takeover_listen(daemon))
		return -1;
	sandbox_enter();
	error = rpc_server_start(daemon->server);
	if (error) {
		log_error("gRPC: cannot start serving: %s", strerror(-error));
		return -1;
	}
	if (takeover_confirm(daemon))
		return -1;
	serve_web(daemon);
	heed_signals();
	start_succession(daemon);
	for (size_t i = 0; daemon->options.settings.listen[i]; i++)
		log_info("sluiced " SLUICE_VERSION " serves gRPC on %s", daemon->options.settings.listen[i]);
	instance_notify("READY=1\nSTATUS=forwarding, and serving gRPC");
	error = loop_run(daemon->loop);
	end_loop(daemon);
	return error;
}
