/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/verdict_notes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/control/read/reader.h"
#include "vnf/control/state/delta.h"
#include "vnf/core/clock.h"
#include "vnf/dataplane/dataplane.h"

static void put(struct verdict_note *note)
{
	if (note && atomic_fetch_sub(&note->references, 1) == 1)
		free(note);
}

static struct verdict_note *newest(const struct verdict_notes *notes)
{
	return notes->count ? notes->note[(notes->first + notes->count - 1) % VERDICT_NOTES] : NULL;
}

static void add(struct verdict_notes *notes, struct verdict_note *note)
{
	struct verdict_note *oldest = NULL;

	pthread_mutex_lock(&notes->lock);
	if (notes->count == VERDICT_NOTES) {
		oldest = notes->note[notes->first];
		notes->first = (notes->first + 1) % VERDICT_NOTES;
		notes->count--;
	}
	notes->note[(notes->first + notes->count++) % VERDICT_NOTES] = note;
	pthread_mutex_unlock(&notes->lock);
	put(oldest);
}

/* The revision has a note of its own, unless one was made just before, or there is no memory: then the last one is
 * its, too. */
static void note_revision(struct verdict_notes *notes, uint64_t revision)
{
	struct verdict_note *last = newest(notes), *note = NULL;
	uint64_t now = monotonic_ms();

	if (last && atomic_load(&last->last_revision) == revision) /* what is learned has no revision of its own */
		return;
	if (!last || now - notes->noted_ms >= VERDICT_PAUSE_MS)
		note = malloc(sizeof(*note));
	if (!note) {
		if (last)
			atomic_store(&last->last_revision, revision);
		return;
	}
	note->references = 1;
	note->revision = revision;
	note->last_revision = revision;
	note->unix_ms = unix_ms();
	dataplane_reason_counters(notes->dataplane, note->counter);
	notes->noted_ms = now;
	add(notes, note);
}

/* NULL: it is of another kind. */
static struct verdict_mark *mark_of(const struct verdict_notes *notes, const struct resource *resource,
				    uint32_t *counter)
{
	const uint32_t id = resource_id(resource);

	if (resource->kind == RESOURCE_POLICY_RULE && id < notes->rules) {
		*counter = DP_COUNTER_POLICY + id;
		return &notes->rule[id];
	}
	if (resource->kind == RESOURCE_RATE_LIMITER && id < notes->limiters) {
		*counter = DP_COUNTER_LIMITERS + id;
		return &notes->limiter[id];
	}
	return NULL;
}

static void mark(const struct verdict_notes *notes, const struct resource *resource)
{
	uint32_t counter = 0;
	struct verdict_mark *place = mark_of(notes, resource, &counter);
	struct dp_counter sum;

	if (!place)
		return;
	dataplane_counter(notes->dataplane, counter, &sum);
	atomic_store_explicit(&place->packets, sum.packets, memory_order_relaxed);
	atomic_store_explicit(&place->bytes, sum.bytes, memory_order_relaxed);
}

static void on_published(struct subscriber *subscriber, const struct snapshot *snapshot, const struct delta *delta)
{
	struct verdict_notes *notes = (struct verdict_notes *)subscriber;

	if (!notes->begun)
		notes->begun = snapshot_revision(snapshot);
	note_revision(notes, snapshot_revision(snapshot));
	for (size_t i = 0; i < delta->count; i++)
		if (delta->entry[i].after)
			mark(notes, delta->entry[i].after);
}

int verdict_notes_init(struct verdict_notes *notes, struct events *events, struct dataplane *dataplane)
{
	const struct dp_limits *limits = dataplane_limits(dataplane);

	pthread_mutex_init(&notes->lock, NULL);
	notes->dataplane = dataplane;
	notes->rules = limits->policy_rules + 1;
	notes->limiters = limits->rate_limiters + 1;
	notes->rule = calloc(notes->rules, sizeof(*notes->rule));
	notes->limiter = calloc(notes->limiters, sizeof(*notes->limiter));
	if (!notes->rule || !notes->limiter) {
		verdict_notes_clear(notes);
		return -ENOMEM;
	}
	notes->subscriber.published = on_published;
	events_subscribe(events, &notes->subscriber);
	return 0;
}

void verdict_notes_clear(struct verdict_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		put(notes->note[(notes->first + i) % VERDICT_NOTES]);
	free(notes->rule);
	free(notes->limiter);
	pthread_mutex_destroy(&notes->lock);
	*notes = (struct verdict_notes){0};
}

void verdict_notes_list(struct verdict_notes *notes, struct verdict_list *list)
{
	pthread_mutex_lock(&notes->lock);
	list->count = notes->count;
	for (size_t i = 0; i < notes->count; i++) {
		list->note[i] = notes->note[(notes->first + i) % VERDICT_NOTES];
		atomic_fetch_add(&list->note[i]->references, 1);
	}
	pthread_mutex_unlock(&notes->lock);
}

void verdict_list_clear(struct verdict_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		put(list->note[i]);
	list->count = 0;
}

static uint64_t less(uint64_t now, _Atomic uint64_t *then)
{
	uint64_t before = atomic_load_explicit(then, memory_order_relaxed);

	return now > before ? now - before : 0;
}

bool verdict_notes_since(const struct verdict_notes *notes, const struct resource *resource, struct dp_counter *since)
{
	uint32_t counter = 0;
	struct verdict_mark *place = mark_of(notes, resource, &counter);

	if (!place)
		return false;
	dataplane_counter(notes->dataplane, counter, since);
	since->packets = less(since->packets, &place->packets);
	since->bytes = less(since->bytes, &place->bytes);
	return true;
}
