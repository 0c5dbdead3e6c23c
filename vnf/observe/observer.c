/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/observe/observer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/dp/vrf.h"
#include "vnf/core/log.h"
#include "vnf/observe/state.h"

#define LOOK_MS 100 /* so often it is asked whether a session is still owed packets */

struct observer *observer_new(struct dataplane *dataplane)
{
	struct observer *observer = calloc(1, sizeof(*observer));

	if (!observer)
		return NULL;
	observer->dataplane = dataplane;
	observer->explainers = observer->twins = TWINS_NONE;
	observer->wake = -1;
	pthread_mutex_init(&observer->loading, NULL);
	pthread_mutex_init(&observer->lock, NULL);
	return observer;
}

void observer_free(struct observer *observer)
{
	if (!observer)
		return;
	observer_join(observer);
	observer_stop(observer);
	recent_close(&observer->recent);
	twins_close(&observer->explainers);
	pthread_mutex_destroy(&observer->lock);
	pthread_mutex_destroy(&observer->loading);
	free(observer);
}

uint64_t observer_lost(const struct observer *observer, const struct observer_session *session)
{
	const __u64 *lost = &observer->twins.observing->session[session - observer->session].lost;

	return __atomic_load_n(lost, __ATOMIC_RELAXED);
}

/* Tells whoever wants it, the lock being held. */
static void tell(void *context, const struct observed *observed)
{
	struct observer *observer = context;

	for (uint32_t i = 0; i < DP_OBSERVERS; i++) {
		const struct observer_session *session = &observer->session[i];

		if (!session->observer || !(observed->head->observers >> i & 1))
			continue;
		observer->told++;
		session->wish.take(session->wish.context, observed, observer_lost(observer, session));
	}
	if (!(observed->head->observers & DP_OBSERVED_SAMPLE))
		return;
	observer->samples++;
	recent_add(&observer->recent, observed);
	for (int i = 0; i < SAMPLE_TAKERS; i++)
		if (observer->taker[i].take)
			observer->taker[i].take(
				observer->taker[i].context, observed,
				__atomic_load_n(&observer->twins.observing->samples_lost, __ATOMIC_RELAXED));
}

void observer_drain(struct observer *observer)
{
	if (observer->ring.consumer)
		while (ring_read(&observer->ring, tell, observer) > 0)
			;
}

/* Tells whoever waits that time has passed, the lock being held. */
static void tick(const struct observer *observer)
{
	for (uint32_t i = 0; i < DP_OBSERVERS; i++) {
		const struct observer_session *session = &observer->session[i];

		if (session->observer && session->wish.tick)
			session->wish.tick(session->wish.context, observer_lost(observer, session));
	}
}

static void publish(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static void count(struct observer *observer)
{
	uint64_t sessions = 0, lost = observer->lost;

	for (uint32_t i = 0; i < DP_OBSERVERS; i++) {
		if (!observer->session[i].observer)
			continue;
		sessions++;
		lost += observer_lost(observer, &observer->session[i]);
	}
	publish(&observer->counts.sessions, sessions);
	publish(&observer->counts.told, observer->told);
	publish(&observer->counts.lost, lost);
	publish(&observer->counts.samples, observer->samples);
	publish(&observer->counts.samples_lost,
		__atomic_load_n(&observer->twins.observing->samples_lost, __ATOMIC_RELAXED));
}

void observer_counts(const struct observer *observer, struct observer_counts *counts)
{
	counts->sessions = __atomic_load_n(&observer->counts.sessions, __ATOMIC_RELAXED);
	counts->told = __atomic_load_n(&observer->counts.told, __ATOMIC_RELAXED);
	counts->lost = __atomic_load_n(&observer->counts.lost, __ATOMIC_RELAXED);
	counts->samples = __atomic_load_n(&observer->counts.samples, __ATOMIC_RELAXED);
	counts->samples_lost = __atomic_load_n(&observer->counts.samples_lost, __ATOMIC_RELAXED);
}

void observer_look(struct observer *observer)
{
	uint64_t features = 0;

	if (!observer->twins.observing)
		return;
	for (int i = 0; i < DP_OBSERVERS; i++)
		if (observer->session[i].observer &&
		    (int64_t)__atomic_load_n(&observer->twins.observing->session[i].left, __ATOMIC_RELAXED) > 0)
			features |= DP_FEATURE_OBSERVE;
	if (observer->twins.observing->sample_every)
		features |= DP_FEATURE_SAMPLE;
	if (features == observer->features)
		return;
	observer->features = features;
	dataplane_look(observer->dataplane, features);
}

static void *run(void *context)
{
	struct observer *observer = context;
	struct pollfd poller[2] = {{.fd = observer->twins.ring, .events = POLLIN},
				   {.fd = observer->wake, .events = POLLIN}};

	while (!poller[1].revents) {
		(void)poll(poller, 2, LOOK_MS);
		pthread_mutex_lock(&observer->lock);
		observer_drain(observer);
		observer_look(observer);
		tick(observer);
		count(observer);
		pthread_mutex_unlock(&observer->lock);
	}
	return NULL;
}

/* Signals are other threads'. */
static int start_thread(struct observer *observer)
{
	sigset_t all, before;
	int status;

	observer->wake = eventfd(0, EFD_CLOEXEC);
	if (observer->wake < 0)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = -pthread_create(&observer->thread, NULL, run, observer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	observer->runs = !status;
	return status;
}

static void close_all(struct observer *observer)
{
	if (observer->wake >= 0)
		close(observer->wake);
	observer->wake = -1;
	ring_unmap(&observer->ring);
	twins_close(&observer->twins);
}

int observer_start(struct observer *observer, const struct twins *twins)
{
	int status;

	pthread_mutex_lock(&observer->lock);
	observer->twins = *twins;
	status = ring_map(&observer->ring, observer->twins.ring, twins_ring_bytes(&observer->twins));
	if (!status)
		status = dataplane_hand_to(observer->dataplane, &observer->twins);
	if (!status)
		status = start_thread(observer);
	pthread_mutex_unlock(&observer->lock);
	if (status)
		observer_stop(observer);
	return status;
}

/* Packets on their way may be in the twins still, whose memory the kernel keeps as long. */
void observer_stop(struct observer *observer)
{
	if (observer->twins.observing) {
		dataplane_look(observer->dataplane, 0);
		(void)dataplane_hand_to(observer->dataplane, NULL);
	}
	if (observer->runs) {
		(void)eventfd_write(observer->wake, 1);
		pthread_join(observer->thread, NULL);
	}
	observer->runs = false;
	observer->features = 0;
	close_all(observer);
}
