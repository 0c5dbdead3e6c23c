/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WatchService.Watch: what a watcher is to be told is found on a reader when there is something new and its last
 * message has gone out. A watcher is `busy` from when its work is posted until there is nothing to be told: nobody else
 * touches it meanwhile, they leave word. A thread of its own looks for watchers that have heard nothing for long.
 */
#include "vnf/rpc/services/watch.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

#include "vnf/control/control.h"
#include "vnf/core/clock.h"
#include "vnf/core/condition.h"

#define HEARTBEAT_SECONDS 30
#define HEARTBEAT_MOST	  300

struct watcher {
	struct watcher *next, **link;
	struct watch_service *service;
	struct rpc_call *call;
	struct watch *watch;
	struct loop_work work;
	uint64_t heartbeat_ms, sent_ms;
	/* guarded by the service's lock: */
	bool busy;
	bool changed, beat; /* left word: there may be something new; it has heard nothing for long */
	bool gone;	    /* the client has left */
};

/* With the lock. */
static void wake(struct watcher *watcher)
{
	if (watcher->busy)
		return;
	watcher->busy = true;
	rpc_read(watcher->call, &watcher->work);
}

/* On the control thread. */
static void on_changed(void *context)
{
	struct watcher *watcher = context;

	pthread_mutex_lock(&watcher->service->lock);
	watcher->changed = true;
	wake(watcher);
	pthread_mutex_unlock(&watcher->service->lock);
}

/* A busy one's. */
static void finish(struct watcher *watcher, const struct error *error)
{
	struct watch_service *service = watcher->service;
	struct rpc_call *call = watcher->call;

	pthread_mutex_lock(&service->lock);
	*watcher->link = watcher->next;
	if (watcher->next)
		watcher->next->link = watcher->link;
	rpc_set_data(call, NULL);
	pthread_mutex_unlock(&service->lock);
	control_watch_close(watcher->watch); /* nobody leaves word any more */
	free(watcher);
	rpc_finish(call, NULL, error);
}

/* On an RPC thread. */
static void on_sent(struct rpc_call *call, bool ok)
{
	struct watcher *watcher = rpc_data(call);

	pthread_mutex_lock(&watcher->service->lock);
	watcher->gone |= !ok;
	pthread_mutex_unlock(&watcher->service->lock);
	rpc_read(call, &watcher->work);
}

static void send_heartbeat(struct watcher *watcher)
{
	Sluice__V1__WatchResponse response = SLUICE__V1__WATCH_RESPONSE__INIT;
	Sluice__V1__WatchEvent event = SLUICE__V1__WATCH_EVENT__INIT, *events[] = {&event};
	Sluice__V1__Heartbeat heartbeat = SLUICE__V1__HEARTBEAT__INIT;

	heartbeat.revision = control_watch_revision(watcher->watch);
	event.event_case = SLUICE__V1__WATCH_EVENT__EVENT_HEARTBEAT;
	event.heartbeat = &heartbeat;
	response.n_events = 1;
	response.events = events;
	watcher->sent_ms = monotonic_ms();
	rpc_send(watcher->call, &response.base, on_sent);
}

/* 1: a message is on its way, -1: no memory, 0: there is nothing to be told. */
static int tell(struct watcher *watcher)
{
	Sluice__V1__WatchResponse *response = malloc(sizeof(*response));
	int result = -1;

	if (!response)
		return -1;
	sluice__v1__watch_response__init(response);
	if (!control_watch_fill(watcher->watch, response)) {
		result = response->n_events > 0;
		watcher->sent_ms = result ? monotonic_ms() : watcher->sent_ms;
		if (result)
			rpc_send(watcher->call, &response->base, on_sent);
	}
	protobuf_c_message_free_unpacked(&response->base, NULL);
	return result;
}

/* Is it to end, and why? */
static bool is_over(struct watcher *watcher, struct error *error)
{
	pthread_mutex_lock(&watcher->service->lock);
	if (watcher->gone)
		error_add(error, ERROR_CANCELLED, NULL, "the watcher has gone");
	else if (watcher->service->stopping)
		error_add(error, ERROR_UNAVAILABLE, NULL, "the server stops");
	pthread_mutex_unlock(&watcher->service->lock);
	return error->count;
}

/* Takes the word that was left. False: none was, and the watcher is busy no more. */
static bool take_word(struct watcher *watcher, bool *beat)
{
	bool word;

	pthread_mutex_lock(&watcher->service->lock);
	*beat = watcher->beat;
	word = watcher->changed || watcher->beat || watcher->gone || watcher->service->stopping;
	watcher->changed = watcher->beat = false;
	watcher->busy = word;
	pthread_mutex_unlock(&watcher->service->lock);
	return word;
}

/* On a reader. Once a message is on its way, or the watcher is not busy, it may be another reader's already. */
static void on_work(struct loop_work *work)
{
	struct watcher *watcher = (struct watcher *)((char *)work - offsetof(struct watcher, work));
	struct error error = {0};
	bool beat = false;

	while (!is_over(watcher, &error)) {
		int told = tell(watcher);

		if (told < 0) {
			error_no_memory(&error, "watch again");
			break;
		}
		if (!told && beat) {
			send_heartbeat(watcher);
			return;
		}
		if (told || !take_word(watcher, &beat))
			return;
	}
	finish(watcher, &error);
}

/* With the lock. */
static void look_for_silence(struct watch_service *service)
{
	uint64_t now = monotonic_ms();

	for (struct watcher *watcher = service->first; watcher; watcher = watcher->next) {
		if (watcher->busy || now - watcher->sent_ms < watcher->heartbeat_ms)
			continue;
		watcher->beat = true;
		wake(watcher);
	}
}

static void *look_each_second(void *context)
{
	struct watch_service *service = context;

	pthread_mutex_lock(&service->lock);
	while (!service->ended) {
		if (!service->first) {
			pthread_cond_wait(&service->changed, &service->lock);
			continue;
		}
		condition_wait_until(&service->changed, &service->lock, monotonic_ms() + 1000);
		look_for_silence(service);
	}
	pthread_mutex_unlock(&service->lock);
	return NULL;
}

/* With the lock. 0, or -1 and *error. */
static int start_thread(struct watch_service *service, struct error *error)
{
	sigset_t all, before;

	if (service->runs)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	service->runs = !pthread_create(&service->thread, NULL, look_each_second, service);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!service->runs)
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "no thread can be had for heartbeats: try again");
	return service->runs ? 0 : -1;
}

static struct watcher *watcher_new(struct watch_service *service, struct rpc_call *call,
				   const Sluice__V1__WatchRequest *request, struct error *error)
{
	uint32_t seconds = request->heartbeat_seconds ? request->heartbeat_seconds : HEARTBEAT_SECONDS;
	struct watcher *watcher = calloc(1, sizeof(*watcher));

	if (!watcher) {
		error_no_memory(error, NULL);
		return NULL;
	}
	if (seconds > HEARTBEAT_MOST)
		error_add(error, ERROR_INVALID_ARGUMENT, "heartbeat_seconds",
			  "%u is out of range: 1 to %d, or 0 for %d", seconds, HEARTBEAT_MOST, HEARTBEAT_SECONDS);
	watcher->service = service;
	watcher->call = call;
	watcher->work.run = on_work;
	watcher->heartbeat_ms = (uint64_t)seconds * 1000;
	watcher->sent_ms = monotonic_ms();
	watcher->busy = true;
	return watcher;
}

/* 0, or -1 and *error. */
static int enter(struct watch_service *service, struct watcher *watcher, struct error *error)
{
	pthread_mutex_lock(&service->lock);
	if (service->stopping)
		error_add(error, ERROR_UNAVAILABLE, NULL, "the server stops");
	else if (!start_thread(service, error)) {
		watcher->link = &service->first;
		watcher->next = service->first;
		if (watcher->next)
			watcher->next->link = &watcher->next;
		service->first = watcher;
		rpc_set_data(watcher->call, watcher);
		pthread_cond_signal(&service->changed);
	}
	pthread_mutex_unlock(&service->lock);
	return error->count ? -1 : 0;
}

void watch_handle(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	const Sluice__V1__WatchRequest *request = (const Sluice__V1__WatchRequest *)message;
	struct watch_service *service = &((struct services_context *)context)->watch;
	struct error error = {0};
	struct watcher *watcher = watcher_new(service, call, request, &error);

	if (watcher && !error.count)
		watcher->watch = control_watch_open(services_control(context), request, on_changed, watcher, &error);
	if (error.count || enter(service, watcher, &error)) {
		if (watcher)
			control_watch_close(watcher->watch);
		free(watcher);
		rpc_finish(call, NULL, &error);
		return;
	}
	on_work(&watcher->work);
}

void watch_cancelled(struct rpc_call *call, void *context)
{
	struct watch_service *service = &((struct services_context *)context)->watch;
	struct watcher *watcher;

	pthread_mutex_lock(&service->lock);
	watcher = rpc_data(call);
	if (watcher) {
		watcher->gone = true;
		wake(watcher);
	}
	pthread_mutex_unlock(&service->lock);
}

void watch_service_init(struct watch_service *service)
{
	*service = (struct watch_service){0};
	pthread_mutex_init(&service->lock, NULL);
	condition_init(&service->changed);
}

void watch_service_stop(struct watch_service *service)
{
	pthread_mutex_lock(&service->lock);
	service->stopping = true;
	for (struct watcher *watcher = service->first; watcher; watcher = watcher->next)
		wake(watcher);
	pthread_mutex_unlock(&service->lock);
}

void watch_service_clear(struct watch_service *service)
{
	pthread_mutex_lock(&service->lock);
	service->ended = true;
	pthread_cond_signal(&service->changed);
	pthread_mutex_unlock(&service->lock);
	if (service->runs)
		pthread_join(service->thread, NULL);
	pthread_cond_destroy(&service->changed);
	pthread_mutex_destroy(&service->lock);
}
