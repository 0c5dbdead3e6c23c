/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/listener_watch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/core/clock.h"
#include "vnf/core/condition.h"
#include "vnf/core/log.h"
#include "vnf/rpc/connections.h"
#include "vnf/rpc/listener.h"

#define LOOK_MS	  2000	/* between rounds */
#define ANSWER_MS 5000	/* that a listener may take: the RPC threads may be at work */
#define SILENCES  6	/* in a row, and it is dead */
#define REFUSALS  2	/* the same of connections */
#define GRACE_MS  5000	/* for the calls of a dead listener's connections to end */
#define ILL_MS	  60000 /* dead for longer: only another process helps */

struct listener_watch {
	struct listener *listener;
	size_t count;
	pthread_t thread;
	bool runs;
	atomic_bool stop, ill;
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	bool started;
};

static const char *name_of(const struct listener *listener)
{
	return listener->address ? listener->address : "the relay's socket";
}

static void open_anew(struct listener *listener)
{
	struct error error = {0};

	if (listener->core)
		listener_close(listener);
	if (!listener_open(listener, &error)) {
		listener_start(listener);
		listener->going_down = false;
		listener->failures = 0;
		listener->dead_since_ms = 0;
		log_warning("gRPC: %s is served again", name_of(listener));
		return;
	}
	log_faults("gRPC", &error);
	/* nothing is there yet that runs: the next round tries again */
	listener_shut_down(listener);
}

/* Core's server goes down, with the calls of its connections, before another can have the address. */
static void take_down(struct listener *listener)
{
	log_error("gRPC: %s does not answer: it is opened anew", name_of(listener));
	listener->dead_since_ms = monotonic_ms();
	listener->going_down = true;
	listener_shut_down(listener);
}

static void go_on(struct listener *listener)
{
	if (listener_is_down(listener))
		open_anew(listener);
	else if (monotonic_ms() - listener->dead_since_ms > GRACE_MS)
		listener_cancel_calls(listener);
}

static void look_after(struct listener_watch *watch, struct listener *listener)
{
	if (listener->going_down) {
		go_on(listener);
	} else {
		switch (listener_ask(listener, ANSWER_MS, &watch->stop)) {
		case LISTENER_ANSWERS:
			listener->failures = 0;
			break;
		case LISTENER_SILENT:
			listener->failures++;
			break;
		case LISTENER_REFUSES:
			listener->failures += SILENCES / REFUSALS;
		}
		if (listener->failures >= SILENCES)
			take_down(listener);
	}
	if (listener->dead_since_ms && monotonic_ms() - listener->dead_since_ms > ILL_MS)
		atomic_store(&watch->ill, true);
}

static bool wait_for_round(struct listener_watch *watch)
{
	uint64_t until;
	int late = 0;

	pthread_mutex_lock(&watch->lock);
	while (!atomic_load(&watch->stop) && !watch->started)
		pthread_cond_wait(&watch->changed, &watch->lock);
	until = monotonic_ms() + LOOK_MS;
	while (!atomic_load(&watch->stop) && !late)
		late = condition_wait_until(&watch->changed, &watch->lock, until);
	pthread_mutex_unlock(&watch->lock);
	return !atomic_load(&watch->stop);
}

static void *run(void *context)
{
	struct listener_watch *watch = context;

	while (wait_for_round(watch)) {
		atomic_store(&watch->ill, false);
		for (size_t i = 0; i < watch->count && !atomic_load(&watch->stop); i++)
			look_after(watch, &watch->listener[i]);
		connections_cut_unread();
	}
	return NULL;
}

struct listener_watch *listener_watch_new(struct listener *listener, size_t count, struct error *error)
{
	struct listener_watch *watch = calloc(1, sizeof(*watch));
	sigset_t all, before;
	int failed;

	if (!watch) {
		error_no_memory(error, NULL);
		return NULL;
	}
	watch->listener = listener;
	watch->count = count;
	pthread_mutex_init(&watch->lock, NULL);
	condition_init(&watch->changed);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&watch->thread, NULL, run, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	watch->runs = !failed;
	if (!failed)
		return watch;
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "no thread to look after the listeners: %s", strerror(failed));
	listener_watch_free(watch);
	return NULL;
}

void listener_watch_start(struct listener_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->started = true;
	pthread_cond_broadcast(&watch->changed);
	pthread_mutex_unlock(&watch->lock);
}

void listener_watch_stop(struct listener_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	atomic_store(&watch->stop, true);
	pthread_cond_broadcast(&watch->changed);
	pthread_mutex_unlock(&watch->lock);
	if (watch->runs)
		pthread_join(watch->thread, NULL);
	watch->runs = false;
}

void listener_watch_free(struct listener_watch *watch)
{
	if (!watch)
		return;
	listener_watch_stop(watch);
	pthread_cond_destroy(&watch->changed);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

bool listener_watch_is_well(const struct listener_watch *watch)
{
	return !atomic_load(&watch->ill);
}
