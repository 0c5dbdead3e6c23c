/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handing over to another daemon (core/handover.h has what is said). From FREEZE on the control thread does nothing but
 * answer that one: no commit, timer or event of the kernel is handled, and the journal is the other one's to read.
 * Calls that only read go on. Packets go on by the programs of the one or the other, whose tables say the same. If the
 * other one ends, or takes too long, it is killed, and this one puts its programs back and goes on where it was.
 */
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vnf/control/control.h"
#include "vnf/core/clock.h"
#include "vnf/core/instance.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/daemon.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/xdp/kept_maps.h"
#include "vnf/rpc/connections.h"

#define HELLO_MS   5000 /* who has connected speaks at once */
#define SERVING_MS 5000 /* who has confirmed serves at once */
#define LOOK_MS	   1000
#define END_MS	   5000 /* for a process to be gone that was killed */

_Static_assert(KEPT_MAPS + 1 <= HANDOVER_FDS, "a message holds all maps");
_Static_assert(INSTANCE_LOCKS + 1 <= HANDOVER_FDS, "a message holds the journal's directory and the claim");

/* The one that wants to take over; one at a time. */
static struct {
	struct event *event; /* NULL: there is none */
	int fd, process;
} successor;

const char *daemon_handover_path(char path[PATH_MAX])
{
	struct stat namespace;
	char name[48];

	memset(&namespace, 0, sizeof(namespace));
	(void)stat("/proc/thread-self/ns/net", &namespace);
	snprintf(name, sizeof(name), "takeover-%llu.sock", (unsigned long long)namespace.st_ino);
	return daemon_runtime_path(path, name);
}

static void forget(void)
{
	event_free(successor.event);
	close(successor.fd);
	close(successor.process);
	successor.event = NULL;
}

static void refuse(int fd, const char *why)
{
	struct handover_message refused = {.step = HANDOVER_REFUSED};

	snprintf(refused.text, sizeof(refused.text), "%s", why);
	(void)handover_send(fd, &refused);
	log_warning("another sluiced cannot take over: %s", why);
}

static int welcome(const struct daemon *daemon)
{
	struct handover_message welcome = {.step = HANDOVER_WELCOME};
	int status = dataplane_hand_maps(daemon->dataplane, welcome.fd, welcome.text, sizeof(welcome.text));

	if (status < 0)
		return status;
	welcome.fds = (size_t)status;
	status = handover_send(successor.fd, &welcome);
	close(welcome.fd[0]);
	return status;
}

/* Until it has confirmed. 0; -EPIPE: it has ended; -ETIMEDOUT; or another -errno. */
static int follow(struct daemon *daemon, uint64_t deadline_ms)
{
	const struct handover_message shared = {.step = HANDOVER_SHARED}, gone = {.step = HANDOVER_GONE};

	while (monotonic_ms() < deadline_ms) {
		struct handover_message message;
		int status = handover_receive(successor.fd, LOOK_MS, &message);

		instance_notify("WATCHDOG=1"); /* this is its loop meanwhile */
		if (status == -ETIMEDOUT)
			continue;
		handover_close_fds(&message);
		if (!status && message.step == HANDOVER_LISTEN) {
			rpc_server_share_ports(daemon->server, true);
			status = handover_send(successor.fd, &shared);
		} else if (!status && message.step == HANDOVER_CONFIRM) {
			return handover_send(successor.fd, &gone);
		} else if (!status) {
			status = -EPROTO;
		}
		if (status)
			return status;
	}
	return -ETIMEDOUT;
}

/* It must not touch anything any more. */
static void end_successor(void)
{
	struct pollfd ended = {successor.process, POLLIN, 0};

	(void)syscall(SYS_pidfd_send_signal, successor.process, SIGKILL, NULL, 0);
	if (poll(&ended, 1, END_MS) != 1)
		log_error("the sluiced that was to take over does not end: kill it");
}

static void go_on(struct daemon *daemon, int why)
{
	end_successor();
	rpc_server_share_ports(daemon->server, false);
	dataplane_attach_again(daemon->dataplane);
	dataplane_leave_maps(daemon->dataplane);
	atomic_store(&daemon->handing_over, false);
	log_warning("the sluiced that was to take over %s: going on", why == -EPIPE ? "has ended"
								      : why == -ETIMEDOUT
									      ? "took too long, and was ended"
									      : strerror(-why));
}

/* Connections are cut at the socket: calls on them, also those that wait for the control thread, are UNAVAILABLE then,
 * and clients connect to the other one. Core's own way to shut down has calls that come meanwhile end as CANCELLED,
 * which clients don't try again. Nobody reads here any more when the other one begins to write. */
static _Noreturn void leave(struct daemon *daemon)
{
	struct handover_message serving;

	/* its sockets have the names then; also where it has died meanwhile, this one has said that it is gone */
	if (!handover_receive(successor.fd, SERVING_MS, &serving))
		handover_close_fds(&serving);
	log_info("another sluiced has taken over: ending");
	instance_notify("STOPPING=1\nSTATUS=another sluiced has taken over");
	rpc_server_refuse(daemon->server);
	connections_shut_down();
	close(successor.fd); /* to end takes a while */
	_exit(EXIT_SUCCESS);
}

static void hand_over(struct daemon *daemon, uint32_t seconds)
{
	struct handover_message frozen = {.step = HANDOVER_FROZEN, .fds = 1};
	struct error error = {0};
	int status;

	if (control_freeze(daemon->control, &frozen.revision, &frozen.fd[0], &error)) {
		refuse(successor.fd, error.count ? error.fault[0].message : "its journal is not whole");
		return;
	}
	frozen.fds += instance_locks(&frozen.fd[1]);
	atomic_store(&daemon->handing_over, true);
	log_info("another sluiced takes over: commits wait from revision %llu on, %u s at most",
		 (unsigned long long)frozen.revision, seconds);
	status = handover_send(successor.fd, &frozen);
	if (!status)
		status = follow(daemon, monotonic_ms() + seconds * 1000ULL);
	if (!status)
		leave(daemon);
	go_on(daemon, status);
}

static void on_message(evutil_socket_t fd, short events, void *context)
{
	struct daemon *daemon = context;
	struct handover_message message;
	int status = handover_receive(fd, 0, &message);

	(void)events;
	if (status == -ETIMEDOUT)
		return;
	if (!status)
		handover_close_fds(&message);
	if (!status && message.step == HANDOVER_FREEZE)
		hand_over(daemon, message.seconds);
	forget();
}

/* 0 or -errno; then nothing of it is left. */
static int take_in(struct daemon *daemon)
{
	struct handover_message hello;
	int status;

	successor.event = event_new(loop_base(daemon->loop), successor.fd, EV_READ | EV_PERSIST, on_message, daemon);
	if (!successor.event)
		return -ENOMEM;
	status = handover_receive(successor.fd, HELLO_MS, &hello);
	if (!status) {
		handover_close_fds(&hello);
		status = hello.step == HANDOVER_HELLO ? welcome(daemon) : -EPROTO;
	}
	if (!status && event_add(successor.event, NULL))
		status = -ENOMEM;
	return status;
}

static void on_connection(evutil_socket_t listener, short events, void *context)
{
	struct daemon *daemon = context;
	int process, fd = handover_accept(listener, &process), status;

	(void)events;
	if (fd < 0) {
		log_warning("another sluiced cannot take over: %s", strerror(-fd));
		return;
	}
	if (successor.event) {
		refuse(fd, "one is about to take over already");
		close(fd);
		close(process);
		return;
	}
	successor.fd = fd;
	successor.process = process;
	status = take_in(daemon);
	if (!status)
		return;
	log_warning("another sluiced cannot take over: %s", strerror(-status));
	if (successor.event) {
		forget();
	} else {
		close(fd);
		close(process);
	}
}

void start_succession(struct daemon *daemon)
{
	char path[PATH_MAX];

	daemon->successors = handover_listen(daemon_handover_path(path));
	if (daemon->successors >= 0)
		daemon->succession = event_new(loop_base(daemon->loop), daemon->successors, EV_READ | EV_PERSIST,
					       on_connection, daemon);
	if (!daemon->succession || event_add(daemon->succession, NULL))
		log_warning("%s: no other sluiced can take over: %s", path,
			    daemon->successors < 0 ? strerror(-daemon->successors) : "out of memory");
}

void stop_succession(struct daemon *daemon)
{
	char path[PATH_MAX];

	if (successor.event)
		forget();
	if (daemon->succession)
		event_free(daemon->succession);
	daemon->succession = NULL;
	if (daemon->successors < 0)
		return;
	(void)unlink(daemon_handover_path(path));
	close(daemon->successors);
	daemon->successors = -1;
}
