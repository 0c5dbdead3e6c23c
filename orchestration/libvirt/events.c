/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/libvirt/events.h"

#include <event2/event.h>
#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdlib.h>

/* A handle (fd >= 0) or a timer of libvirt's, known to it by its number. */
struct source {
	struct source *next;
	int number, fd;
	int events; /* of a handle: VIR_EVENT_HANDLE_*; of a timer: milliseconds, -1: off */
	struct event *event, *release;
	virEventHandleCallback on_handle;
	virEventTimeoutCallback on_timer;
	virFreeCallback free_opaque;
	void *opaque;
	bool removed;
};

static struct event_base *base;
static struct source *sources;
static int last_number;

static struct source *find(int number)
{
	struct source *source = sources;

	while (source && (source->number != number || source->removed))
		source = source->next;
	return source;
}

static void on_event(evutil_socket_t fd, short what, void *context)
{
	struct source *source = context;
	int events = 0;

	if (source->removed)
		return;
	if (source->on_timer) {
		const struct timeval again = {.tv_sec = source->events / 1000, .tv_usec = source->events % 1000 * 1000};

		evtimer_add(source->event, &again);
		source->on_timer(source->number, source->opaque);
		return;
	}
	if (what & EV_READ)
		events |= VIR_EVENT_HANDLE_READABLE;
	if (what & EV_WRITE)
		events |= VIR_EVENT_HANDLE_WRITABLE;
	source->on_handle(source->number, (int)fd, events, source->opaque);
}

/* Makes the source's event match libvirt's latest wish. -1: it cannot be. */
static int arm(struct source *source)
{
	if (source->event)
		event_free(source->event);
	source->event = NULL;
	if (source->on_timer) {
		const struct timeval time = {.tv_sec = source->events / 1000, .tv_usec = source->events % 1000 * 1000};

		source->event = evtimer_new(base, on_event, source);
		return !source->event || (source->events >= 0 && evtimer_add(source->event, &time)) ? -1 : 0;
	}
	source->event = event_new(base, source->fd,
				  (short)(EV_PERSIST | (source->events & VIR_EVENT_HANDLE_READABLE ? EV_READ : 0) |
					  (source->events & VIR_EVENT_HANDLE_WRITABLE ? EV_WRITE : 0)),
				  on_event, source);
	return !source->event || (source->events && event_add(source->event, NULL)) ? -1 : 0;
}

static int add(struct source wanted)
{
	struct source *source = base ? malloc(sizeof(*source)) : NULL;

	if (!source)
		return -1;
	*source = wanted;
	source->number = ++last_number;
	if (arm(source)) {
		if (source->event)
			event_free(source->event);
		free(source);
		return -1;
	}
	source->next = sources;
	sources = source;
	return source->number;
}

/* libvirt must not meet its own callbacks inside of remove: it may hold locks. */
static void on_release(evutil_socket_t fd, short what, void *context)
{
	struct source *source = context, **link = &sources;

	(void)fd;
	(void)what;
	while (*link != source)
		link = &(*link)->next;
	*link = source->next;
	if (source->free_opaque)
		source->free_opaque(source->opaque);
	event_free(source->release);
	free(source);
}

static int drop(int number)
{
	struct source *source = find(number);

	if (!source)
		return -1;
	source->removed = true;
	event_free(source->event);
	source->event = NULL;
	source->release = evtimer_new(base, on_release, source);
	if (!source->release)
		return -1;
	event_active(source->release, EV_TIMEOUT, 0);
	return 0;
}

static void update(int number, int events)
{
	struct source *source = find(number);

	if (source) {
		source->events = events;
		arm(source);
	}
}

static int add_handle(int fd, int events, virEventHandleCallback callback, void *opaque, virFreeCallback free_opaque)
{
	return add((struct source){
		.fd = fd, .events = events, .on_handle = callback, .free_opaque = free_opaque, .opaque = opaque});
}

static int add_timer(int ms, virEventTimeoutCallback callback, void *opaque, virFreeCallback free_opaque)
{
	return add((struct source){
		.fd = -1, .events = ms, .on_timer = callback, .free_opaque = free_opaque, .opaque = opaque});
}

void events_register(struct event_base *wanted)
{
	base = wanted;
	virEventRegisterImpl(add_handle, update, drop, add_timer, update, drop);
}

void events_forget(void)
{
	/* These were removed and are not yet released. */
	while (sources) {
		struct source *source = sources;

		sources = source->next;
		if (source->event)
			event_free(source->event);
		if (source->release)
			event_free(source->release);
		if (source->free_opaque)
			source->free_opaque(source->opaque);
		free(source);
	}
	base = NULL;
}
