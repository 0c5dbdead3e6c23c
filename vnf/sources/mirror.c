/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/mirror.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vnf/core/clock.h"
#include "vnf/core/condition.h"
#include "vnf/core/error.h"
#include "vnf/core/log.h"
#include "vnf/sources/acknowledge.h"
#include "vnf/sources/mirror_state.h"

#define AGAIN_MS 1000

static void look_at_clock(struct mirror *mirror)
{
	mirror->now_ns = monotonic_us() * 1000;
}

void mirror_wake(struct mirror *mirror)
{
	const uint64_t one = 1;

	/* It can only fail when the thread is to wake up anyway. */
	if (write(mirror->wake, &one, sizeof(one)) < 0)
		return;
}

static uint64_t gather_ns(const struct mirror *mirror)
{
	return mirror->ops.gather_ms * UINT64_C(1000000);
}

/* When a batch may be handed out, of CLOCK_MONOTONIC in nanoseconds; UINT64_MAX: not as it is. */
static uint64_t batch_due_ns(const struct mirror *mirror, const struct source *source)
{
	uint64_t retry_ns = source->retry_ms * 1000000, gathered_ns = 0;

	if (source->out || !source->read || (!source->dirty && source->handed_out))
		return UINT64_MAX;
	if (source->handed_out && source->dirty < MIRROR_CHANGES)
		gathered_ns = source->changed_ns + gather_ns(mirror);
	return gathered_ns > retry_ns ? gathered_ns : retry_ns;
}

static void hand_out(struct mirror *mirror, struct source *source)
{
	struct batch *batch;

	if (batch_due_ns(mirror, source) > mirror->now_ns)
		return;
	if (batch_new(source, mirror->now_ns, gather_ns(mirror), &batch)) {
		source->retry_ms = mirror_now_ms(mirror) + AGAIN_MS;
		return;
	}
	if (!batch)
		return;
	mirror->ops.ready(mirror->ops.context, &batch->batch);
	/* Only now: who waits for it takes what has been handed over. */
	pthread_mutex_lock(&mirror->lock);
	source->offered = true;
	pthread_cond_broadcast(&mirror->offered);
	pthread_mutex_unlock(&mirror->lock);
}

static void describe(const struct source *source, struct source_facts *facts)
{
	const char *why = source->resync ? source->resync : "";

	facts->reason[0] = '\0';
	if (source->failed) {
		facts->state = SOURCE_FAILED;
		snprintf(facts->reason, sizeof(facts->reason), "table %u cannot be read, trying again: %s",
			 source->config.table, strerror(-source->failed));
	} else if (!source->read) {
		facts->state = SOURCE_STARTING;
	} else if (source->frozen) {
		facts->state = SOURCE_FROZEN;
		snprintf(facts->reason, sizeof(facts->reason),
			 "table %u has more than %u routes, the others are left out: raise max_routes, or have the "
			 "daemon "
			 "filter",
			 source->config.table, source->config.max_routes);
	} else if (*why) {
		facts->state = SOURCE_RESYNCING;
		snprintf(facts->reason, sizeof(facts->reason), "%s", why);
	} else {
		facts->state = SOURCE_FOLLOWING;
		if (source->live && source->guarded == source->live)
			snprintf(facts->reason, sizeof(facts->reason),
				 "the guard lets none of table %u's routes in: see allowed and allow_bogons",
				 source->config.table);
	}
}

static void publish(struct mirror *mirror)
{
	pthread_mutex_lock(&mirror->lock);
	for (struct source *source = mirror->sources; source; source = source->next) {
		struct source_facts *facts = &source->facts;

		describe(source, facts);
		facts->routes = source->live;
		facts->guarded = source->guarded;
		facts->groups = source->groups.content.used;
		facts->updates = source->updates;
		facts->resyncs = source->resyncs;
		facts->acknowledged = source->acknowledged;
		facts->last_resync_ms = source->last_resync_ms;
		snprintf(facts->last_resync, sizeof(facts->last_resync), "%s",
			 source->last_resync ? source->last_resync : "");
	}
	pthread_mutex_unlock(&mirror->lock);
}

static void sleep_until_needed(struct mirror *mirror, bool more)
{
	struct pollfd ends[] = {{.fd = mirror->sockets.announcements, .events = POLLIN},
				{.fd = mirror->wake, .events = POLLIN}};
	uint64_t due_ns = UINT64_MAX, count;
	int timeout = -1;

	for (const struct source *source = mirror->sources; source; source = source->next) {
		uint64_t batch_ns = batch_due_ns(mirror, source), resync_ms = mirror_resync_due_ms(source);

		due_ns = batch_ns < due_ns ? batch_ns : due_ns;
		if (resync_ms < due_ns / 1000000)
			due_ns = resync_ms * 1000000;
		if (source->frozen && due_ns > mirror->now_ns + UINT64_C(1000000000))
			due_ns = mirror->now_ns + UINT64_C(1000000000);
	}
	look_at_clock(mirror);
	if (more || due_ns <= mirror->now_ns)
		timeout = 0;
	else if (due_ns != UINT64_MAX)
		timeout = (int)((due_ns - mirror->now_ns) / 1000000 + 1);
	if (poll(ends, 2, timeout) > 0 && (ends[1].revents & POLLIN) && read(mirror->wake, &count, sizeof(count)) < 0 &&
	    errno != EAGAIN)
		log_error("the mirror of routes cannot be woken up: %s", strerror(errno));
	look_at_clock(mirror);
}

/* Only when all that daemons have changed is known. True: more is queued. */
static bool acknowledge(struct mirror *mirror)
{
	bool queued = false;

	for (struct source *source = mirror->sources; source; source = source->next)
		queued |= acknowledge_some(source, &mirror->sockets) && !source->resync;
	return queued;
}

static void *run(void *context)
{
	struct mirror *mirror = context;
	bool more = false, queued = false;

	while (!atomic_load(&mirror->stop)) {
		sleep_until_needed(mirror, more || queued);
		mirror_take_orders(mirror);
		more = !mirror_receive(mirror);
		mirror_resync(mirror);
		look_at_clock(mirror);
		for (struct source *source = mirror->sources; source; source = source->next)
			hand_out(mirror, source);
		queued = !more && acknowledge(mirror);
		publish(mirror);
	}
	return NULL;
}

/* Signals are the control thread's. */
static int start_thread(struct mirror *mirror)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&mirror->thread, NULL, run, mirror);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

static int start(struct mirror *mirror)
{
	size_t buffer = mirror->ops.buffer ? mirror->ops.buffer : MIRROR_BUFFER;
	int error;

	mirror->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mirror->wake < 0)
		return -errno;
	error = kernel_sockets_open(&mirror->sockets, buffer, &mirror->stop);
	if (error)
		goto err_wake;
	pthread_mutex_init(&mirror->lock, NULL);
	condition_init(&mirror->offered);
	error = start_thread(mirror);
	if (!error)
		return 0;
	pthread_cond_destroy(&mirror->offered);
	pthread_mutex_destroy(&mirror->lock);
	kernel_sockets_close(&mirror->sockets);
err_wake:
	close(mirror->wake);
	return error;
}

struct mirror *mirror_new(const struct mirror_ops *ops, struct error *error)
{
	struct mirror *mirror = calloc(1, sizeof(*mirror));
	int result;

	if (mirror)
		mirror->evpn.evpn = evpn_new();
	if (!mirror || !mirror->evpn.evpn) {
		error_no_memory(error, "routes of the kernel's tables are not followed");
		free(mirror);
		return NULL;
	}
	mirror->ops = *ops;
	if (!mirror->ops.gather_ms)
		mirror->ops.gather_ms = MIRROR_GATHER_MS;
	result = start(mirror);
	if (result) {
		error_add(error, ERROR_INTERNAL, NULL, "cannot follow the kernel's routes: %s", strerror(-result));
		evpn_free(mirror->evpn.evpn);
		free(mirror);
		return NULL;
	}
	return mirror;
}

static void free_sources(struct source *source)
{
	for (struct source *next; source; source = next) {
		next = source->next;
		if (source->out)
			batch_free(source->out);
		source_free(source);
	}
}

void mirror_free(struct mirror *mirror)
{
	if (!mirror)
		return;
	atomic_store(&mirror->stop, true);
	mirror_wake(mirror);
	pthread_join(mirror->thread, NULL);
	free_sources(mirror->sources);
	free_sources(mirror->leaving);
	free_sources(mirror->wanted);
	nexthop_table_end(&mirror->nexthops);
	evpn_hosts_end(&mirror->evpn.hosts);
	evpn_free(mirror->evpn.evpn);
	pthread_cond_destroy(&mirror->offered);
	pthread_mutex_destroy(&mirror->lock);
	kernel_sockets_close(&mirror->sockets);
	close(mirror->wake);
	free(mirror);
}
