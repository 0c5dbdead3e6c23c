/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking over from the daemon that runs (core/handover.h has what is said). All that can fail is done while that one
 * waits: journal, tables, ports, listeners. Only then it ends, and this one's loop runs. Whatever this one has attached
 * stays when it fails, for the other one to replace.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "vnf/control/control.h"
#include "vnf/core/instance.h"
#include "vnf/core/log.h"
#include "vnf/daemon.h"

#define ANSWER_MS 30000 /* for an answer: a large commit may be under way */
#define CLAIM_MS  1000	/* for a process that has died to be gone */
#define PAUSE_MS  10

static void forget(struct daemon *daemon)
{
	if (daemon->predecessor >= 0)
		close(daemon->predecessor);
	daemon->predecessor = -1;
}

/* Sends it, and receives the answer that is expected. 0; -EPIPE: the other one has died; or another -errno, which was
 * logged. */
static int ask(struct daemon *daemon, const struct handover_message *question, uint32_t expected,
	       struct handover_message *answer)
{
	int status = handover_send(daemon->predecessor, question);

	/* also where it cannot be sent: it may have said why */
	if (!status || status == -EPIPE)
		status = handover_receive(daemon->predecessor, ANSWER_MS, answer);
	if (status == -EPIPE)
		return status;
	if (!status && answer->step != expected) {
		status = answer->step == HANDOVER_REFUSED ? -ECANCELED : -EPROTO;
		handover_close_fds(answer);
	}
	if (status)
		log_error("takeover: %s: the sluiced that runs goes on",
			  status == -ECANCELED ? answer->text : strerror(-status));
	return status;
}

/* The other one's claim ends a moment behind its connection. */
static int claim_behind(struct daemon *daemon)
{
	log_warning("takeover: the sluiced that ran has ended meanwhile: starting without it");
	forget(daemon);
	for (unsigned int waited = 0; waited < CLAIM_MS; waited += PAUSE_MS) {
		if (instance_claim(daemon_runtime_directory()) != -EADDRINUSE)
			break;
		usleep(PAUSE_MS * 1000);
	}
	return claim_namespace();
}

int takeover_begin(struct daemon *daemon)
{
	const struct handover_message hello = {.step = HANDOVER_HELLO};
	char path[PATH_MAX];
	int status;

	if (!daemon_state_directory(daemon)) {
		log_error("takeover: it takes a state directory, which both use: give --state, or restart without");
		return -1;
	}
	daemon->predecessor = handover_connect(daemon_handover_path(path));
	if (daemon->predecessor == -ENOENT || daemon->predecessor == -ECONNREFUSED) {
		log_info("takeover: no sluiced runs here: starting as usual");
		return claim_namespace();
	}
	if (daemon->predecessor < 0) {
		log_error("takeover: %s: %s", path, strerror(-daemon->predecessor));
		return -1;
	}
	status = ask(daemon, &hello, HANDOVER_WELCOME, &daemon->maps);
	if (status)
		return status == -EPIPE ? claim_behind(daemon) : -1;
	daemon->store.handed_names = daemon->maps.text;
	daemon->store.handed = daemon->maps.fd;
	daemon->store.handed_count = daemon->maps.fds;
	return 0;
}

int takeover_freeze(struct daemon *daemon)
{
	const struct handover_message freeze = {.step = HANDOVER_FREEZE, .seconds = daemon->options.takeover_seconds};
	struct handover_message frozen;
	int status;

	if (daemon->predecessor < 0)
		return 0;
	status = ask(daemon, &freeze, HANDOVER_FROZEN, &frozen);
	if (status)
		return status == -EPIPE ? claim_behind(daemon) : -1;
	if (!frozen.fds) {
		log_error("takeover: the sluiced that runs has sent no journal");
		return -1;
	}
	daemon->leave = true;
	control_inherit(daemon->control, frozen.revision, frozen.fd[0]);
	instance_inherit(&frozen.fd[1], frozen.fds - 1);
	log_info("takeover: the sluiced that runs waits at revision %llu", (unsigned long long)frozen.revision);
	return 0;
}

/* Its claim and its journal are ours already. */
static int go_on_without(struct daemon *daemon)
{
	log_warning("takeover: the sluiced that ran has ended meanwhile: going on without it");
	forget(daemon);
	return 0;
}

int takeover_listen(struct daemon *daemon)
{
	const struct handover_message listen = {.step = HANDOVER_LISTEN};
	struct handover_message shared;
	int status;

	if (!daemon->options.takeover_seconds)
		return 0;
	if (daemon->predecessor >= 0) {
		status = ask(daemon, &listen, HANDOVER_SHARED, &shared);
		if (status && (status != -EPIPE || go_on_without(daemon)))
			return -1;
	}
	return open_server(daemon);
}

int takeover_confirm(struct daemon *daemon)
{
	const struct handover_message confirm = {.step = HANDOVER_CONFIRM}, serving = {.step = HANDOVER_SERVING};
	struct handover_message gone;
	int status;

	if (daemon->options.takeover_seconds && daemon->predecessor >= 0) {
		status = ask(daemon, &confirm, HANDOVER_GONE, &gone);
		if (status && (status != -EPIPE || go_on_without(daemon)))
			return -1;
	}
	daemon->leave = false;
	status = rpc_server_take_names(daemon->server);
	if (status) {
		log_error("gRPC: cannot take the name of a unix socket: %s", strerror(-status));
		return -1;
	}
	if (daemon->predecessor < 0)
		return 0;
	(void)handover_send(daemon->predecessor, &serving);
	/* Until its connections are cut, its clients read what it has. */
	if (handover_receive(daemon->predecessor, ANSWER_MS, &gone) != -EPIPE)
		log_warning("takeover: the sluiced that ran does not end");
	log_info("takeover: done");
	forget(daemon);
	return 0;
}
