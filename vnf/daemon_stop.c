/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the daemon ends: a signal wakes a thread that does nothing else, so that neither a client nor a commit that takes
 * its time can keep it from ending within its grace.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vnf/core/clock.h"
#include "vnf/core/condition.h"
#include "vnf/core/instance.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"
#include "vnf/daemon.h"
#include "vnf/dataplane/dataplane.h"

#define DRAIN_MS 4500 /* for calls that run, from the signal on */
#define LOOP_MS	 500  /* for the control thread to come to its end behind them */

static int wake[2] = {-1, -1}; /* a pipe: the handler of a signal may write there, signal-safety(7) */

static void on_signal(int number)
{
	uint8_t byte = (uint8_t)number;
	int before = errno;

	/* full: there are signals enough already */
	if (write(wake[1], &byte, 1) < 0)
		errno = before;
}

/* Waits until the control thread is past its loop. */
static bool loop_ended(struct daemon *daemon)
{
	const uint64_t deadline = monotonic_ms() + LOOP_MS;
	int late = 0;

	pthread_mutex_lock(&daemon->stop_lock);
	while (!daemon->loop_ended && !late)
		late = condition_wait_until(&daemon->stop_changed, &daemon->stop_lock, deadline);
	pthread_mutex_unlock(&daemon->stop_lock);
	return !late;
}

/* What holds a call, or the loop, has had its time. A commit that is cut short here was not answered; what the journal
 * has of it, the next daemon takes up whole or not at all. */
static void leave_at_once(struct daemon *daemon, const char *why)
{
	log_error("%s: ending without it", why);
	if (!daemon->leave && !atomic_load(&daemon->handing_over))
		dataplane_detach_all(daemon->dataplane);
	_exit(EXIT_SUCCESS);
}

static void *stop_on_signal(void *context)
{
	struct daemon *daemon = context;
	uint8_t number;

	if (read(wake[0], &number, 1) != 1 || !number)
		return NULL;
	daemon->leave = number == SIGUSR1 || atomic_load(&daemon->handing_over);
	log_info("signal %d: finishing running calls", number);
	instance_notify("STOPPING=1\nSTATUS=finishing running calls");
	if (rpc_server_stop(daemon->server, DRAIN_MS))
		leave_at_once(daemon, "a call does not end");
	loop_stop(daemon->loop);
	if (!loop_ended(daemon))
		leave_at_once(daemon, "a commit does not end");
	return NULL;
}

int start_signals(struct daemon *daemon)
{
	int error;

	pthread_mutex_init(&daemon->stop_lock, NULL);
	condition_init(&daemon->stop_changed);
	if (pipe2(wake, O_CLOEXEC) || fcntl(wake[1], F_SETFL, O_NONBLOCK)) {
		log_error("signals: %s", strerror(errno));
		return -1;
	}
	error = pthread_create(&daemon->stopper, NULL, stop_on_signal, daemon);
	if (error) {
		log_error("signals: no thread: %s", strerror(error));
		return -1;
	}
	daemon->stops = true;
	return 0;
}

void heed_signals(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

void end_loop(struct daemon *daemon)
{
	pthread_mutex_lock(&daemon->stop_lock);
	daemon->loop_ended = true;
	pthread_cond_broadcast(&daemon->stop_changed);
	pthread_mutex_unlock(&daemon->stop_lock);
}

/* Without a signal the thread is sent home by the number 0. Signals change nothing any more: the process is ending. */
void stop_signals(struct daemon *daemon)
{
	if (daemon->stops) {
		end_loop(daemon);
		on_signal(0);
		pthread_join(daemon->stopper, NULL);
	}
	daemon->stops = false;
}
