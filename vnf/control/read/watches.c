/* SPDX-License-Identifier: Apache-2.0 */
/* Those who watch: they come and go, and hear from the control thread that there is something new. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/read/watch_state.h"

static struct watches *watches_of(struct subscriber *subscriber)
{
	return (struct watches *)subscriber;
}

/* One that reads now looks by itself how far behind it is. */
static void check_lag(struct watch *watch, const struct snapshot *newest)
{
	if (pthread_mutex_trylock(&watch->lock))
		return;
	if (watch->at && newest->weight - watch->at->weight > WATCH_BYTES) {
		for (const struct snapshot *at = watch->at; at != newest; at = at->newer)
			watch->lost += at->delta.count;
		watch_void(watch);
	}
	pthread_mutex_unlock(&watch->lock);
}

static void on_published(struct subscriber *subscriber, const struct snapshot *snapshot, const struct delta *delta)
{
	struct watches *watches = watches_of(subscriber);

	(void)delta;
	pthread_mutex_lock(&watches->lock);
	for (struct watch *watch = watches->first; watch; watch = watch->next) {
		check_lag(watch, snapshot);
		watch->changed(watch->context);
	}
	pthread_mutex_unlock(&watches->lock);
}

static void add_note(struct watch *watch, const struct handle *handle)
{
	pthread_mutex_lock(&watch->note_lock);
	if (watch->notes < WATCH_NOTES) {
		struct watch_note *note = &watch->note[(watch->note_first + watch->notes++) % WATCH_NOTES];

		note->kind = handle->kind;
		snprintf(note->name, sizeof(note->name), "%s", handle->text);
	} else {
		watch->notes_lost = true;
	}
	pthread_mutex_unlock(&watch->note_lock);
}

static void on_programmed(struct subscriber *subscriber, const struct handle *handle, enum pending_reason reason)
{
	struct watches *watches = watches_of(subscriber);

	(void)reason;
	pthread_mutex_lock(&watches->lock);
	for (struct watch *watch = watches->first; watch; watch = watch->next) {
		if (!watch->note || handle->kind >= RESOURCE_KINDS || !watch->kind[handle->kind])
			continue;
		add_note(watch, handle);
		watch->changed(watch->context);
	}
	pthread_mutex_unlock(&watches->lock);
}

void watches_init(struct watches *watches, struct events *events, struct reader *reader)
{
	*watches = (struct watches){.subscriber = {.published = on_published, .programmed = on_programmed},
				    .reader = reader};
	pthread_mutex_init(&watches->lock, NULL);
	events_subscribe(events, &watches->subscriber);
}

void watches_clear(struct watches *watches)
{
	pthread_mutex_destroy(&watches->lock);
}

static void take_kinds(struct watch *watch, const Sluice__V1__WatchRequest *request, struct error *error)
{
	char field[32];

	for (size_t i = 0; i < request->n_kinds; i++) {
		const unsigned int kind = (unsigned int)request->kinds[i];

		if (kind > 0 && kind < RESOURCE_KINDS && kind_ops((enum resource_kind)kind)) {
			watch->kind[kind] = true;
			continue;
		}
		snprintf(field, sizeof(field), "kinds[%zu]", i);
		error_add(error, ERROR_INVALID_ARGUMENT, field, "there is no kind %d", (int)request->kinds[i]);
	}
	for (int kind = kind_after(0); !request->n_kinds && kind < RESOURCE_KINDS; kind = kind_after(kind))
		watch->kind[kind] = kind != RESOURCE_SOURCE_ROUTE;
}

static void take_request(struct watch *watch, const Sluice__V1__WatchRequest *request, struct error *error)
{
	take_kinds(watch, request, error);
	if (strlen(request->vrf) >= sizeof(watch->vrf))
		error_add(error, ERROR_INVALID_ARGUMENT, "vrf", "is longer than any name");
	else
		snprintf(watch->vrf, sizeof(watch->vrf), "%s", request->vrf);
	watch->programmed = request->programmed;
}

static void free_watch(struct watch *watch)
{
	watch_void(watch);
	access_view_close(&watch->view);
	pthread_mutex_destroy(&watch->lock);
	pthread_mutex_destroy(&watch->note_lock);
	free(watch->note);
	free(watch);
}

/* From here on it hears of changes; what came before, the snapshot that it begins with has. 0, or -1: they are too
 * many. */
static int enter(struct watches *watches, struct watch *watch, struct error *error)
{
	int result = -1;

	pthread_mutex_lock(&watches->lock);
	if (watches->count < WATCHERS) {
		watch->next = watches->first;
		watches->first = watch;
		watches->count++;
		result = 0;
	}
	pthread_mutex_unlock(&watches->lock);
	if (result)
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "%d watch already: end one of them first", WATCHERS);
	return result;
}

struct watch *watch_open(struct watches *watches, const Sluice__V1__WatchRequest *request,
			 void (*changed)(void *context), void *context, struct error *error)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch) {
		error_no_memory(error, NULL);
		return NULL;
	}
	watch->watches = watches;
	watch->changed = changed;
	watch->context = context;
	pthread_mutex_init(&watch->lock, NULL);
	pthread_mutex_init(&watch->note_lock, NULL);
	watch_void(watch);
	access_view_open(&watch->view, access_current(), "sluice.v1.WatchService/Watch");
	take_request(watch, request, error);
	if (watch->programmed) {
		watch->note = calloc(WATCH_NOTES, sizeof(*watch->note));
		if (!watch->note)
			error_no_memory(error, NULL);
	}
	if (error->code != ERROR_NONE || enter(watches, watch, error)) {
		free_watch(watch);
		return NULL;
	}
	/* Revisions have neither what is learned nor what is programmed, nor whose what is gone was. */
	pthread_mutex_lock(&watch->lock);
	if (request->from_revision && watch->view.all && !watch->programmed && !watch->kind[RESOURCE_SOURCE_ROUTE])
		(void)watch_begin_history(watch, request->from_revision); /* else it gets a snapshot */
	pthread_mutex_unlock(&watch->lock);
	return watch;
}

void watch_close(struct watch *watch)
{
	struct watches *watches;

	if (!watch)
		return;
	watches = watch->watches;
	pthread_mutex_lock(&watches->lock);
	for (struct watch **slot = &watches->first; *slot; slot = &(*slot)->next) {
		if (*slot != watch)
			continue;
		*slot = watch->next;
		watches->count--;
		break;
	}
	pthread_mutex_unlock(&watches->lock);
	free_watch(watch);
}
