/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/read/watch_state.h"

void watch_void(struct watch *watch)
{
	const struct snapshot *at = watch->at;

	watch_end_history(watch);
	watch->phase = WATCH_WALK;
	watch->walk_kind = kind_after(0);
	watch->walk_begun = false;
	if (!at)
		return;
	watch->at = NULL;
	watch->entry = 0;
	snapshot_unpin(at);
}

/* Has it been told of the resource's key, or of nothing behind it? */
static bool was_walked(const struct watch *watch, const struct resource *resource)
{
	if (resource->kind != watch->walk_kind)
		return resource->kind < watch->walk_kind;
	return watch->walk_begun && resource_key_compare(&watch->walked.key, resource) >= 0;
}

static void tell_difference(struct watch_filling *filling, const struct snapshot *next, const struct delta_entry *entry)
{
	const struct watch *watch = filling->watch;
	const struct resource *any = entry->after ? entry->after : entry->before;
	char key[RESOURCE_KEY_TEXT];

	if (watch->phase == WATCH_WALK && !was_walked(watch, any))
		return; /* it comes, or does not */
	if (entry->after && watch_wants(watch, next, entry->after))
		filling_add_resource(filling, next, entry->after);
	else if (entry->before && watch_wants(watch, watch->at, entry->before))
		filling_add_gone(filling, any->kind, resource_key_format(any, key));
}

/* Tells what has changed behind `at`; true: that is the newest. Readers may look at what follows a pinned snapshot: it
 * was written before the newest was published, and is freed behind the pinned one. */
static bool catch_up(struct watch_filling *filling)
{
	struct watch *watch = filling->watch;
	const struct snapshot *newest = history_pin(watch->watches->reader->history);
	bool done;

	while (watch->at != newest && filling_has_room(filling)) {
		const struct snapshot *next = watch->at->newer;

		for (; watch->entry < watch->at->delta.count && filling_has_room(filling); watch->entry++)
			tell_difference(filling, next, &watch->at->delta.entry[watch->entry]);
		if (watch->entry < watch->at->delta.count)
			break;
		if (watch->phase == WATCH_FOLLOW && next->revision != watch->at->revision) {
			filling_add_revision(filling, next->revision); /* there is room for one more */
			watch->told = next->revision;
		}
		snapshot_pin_again(next);
		snapshot_unpin(watch->at);
		watch->at = next;
		watch->entry = 0;
	}
	done = watch->at == newest;
	snapshot_unpin(newest);
	return done;
}

/* The next of the kind that is watched; NULL: there is none. */
static const struct resource *next_wanted(const struct watch *watch, const struct resource *previous)
{
	static const struct ip_prefix before_all;
	const struct kind_ops *ops = kind_ops(watch->walk_kind);
	bool in_range = *watch->vrf && ops->key.form != KEY_NAME;
	struct resource_key key = {watch->vrf, &before_all, NULL};
	const struct resource *resource;

	if (previous)
		key = resource_key(previous);
	else if (watch->walk_begun)
		key = watch->walked.key;
	resource = snapshot_after(watch->at, watch->walk_kind, previous || watch->walk_begun || in_range ? &key : NULL);
	while (resource && !watch_wants(watch, watch->at, resource)) {
		if (in_range && strcmp(ops->vrf(resource)->text, watch->vrf) != 0)
			return NULL;
		key = resource_key(resource);
		resource = snapshot_after(watch->at, watch->walk_kind, &key);
	}
	return resource;
}

static void walk_kind(struct watch_filling *filling)
{
	struct watch *watch = filling->watch;
	const struct resource *last = NULL, *resource;
	char key[RESOURCE_KEY_TEXT];

	while (filling_has_room(filling) && (resource = next_wanted(watch, last))) {
		filling_add_resource(filling, watch->at, resource);
		last = resource;
	}
	if (!filling_has_room(filling) && last) {
		resource_key_format(last, key);
		(void)resource_key_parse(kind_ops(watch->walk_kind)->key.form, key, &watch->walked); /* it is one */
		watch->walk_begun = true;
		return;
	}
	watch->walk_kind = kind_after(watch->walk_kind);
	watch->walk_begun = false;
}

static void walk(struct watch_filling *filling)
{
	struct watch *watch = filling->watch;

	if (!watch->at)
		watch->at = history_pin(watch->watches->reader->history);
	if (!catch_up(filling))
		return;
	while (watch->walk_kind < RESOURCE_KINDS && filling_has_room(filling)) {
		if (watch->kind[watch->walk_kind])
			walk_kind(filling);
		else
			watch->walk_kind = kind_after(watch->walk_kind);
	}
	if (watch->walk_kind < RESOURCE_KINDS || !filling_has_room(filling))
		return;
	filling_add_synced(filling, watch->at->revision, true);
	watch->told = watch->at->revision;
	watch->phase = WATCH_FOLLOW;
}

/* The oldest note; false: there is none. */
static bool take_note(struct watch *watch, struct watch_note *note)
{
	bool there;

	pthread_mutex_lock(&watch->note_lock);
	there = watch->notes > 0;
	if (there) {
		*note = watch->note[watch->note_first];
		watch->note_first = (watch->note_first + 1) % WATCH_NOTES;
		watch->notes--;
	}
	pthread_mutex_unlock(&watch->note_lock);
	return there;
}

static void tell_programmed(struct watch_filling *filling)
{
	struct watch *watch = filling->watch;
	struct watch_note note;

	while (filling_has_room(filling) && take_note(watch, &note)) {
		const struct resource *resource = snapshot_find(watch->at, note.kind, note.name);

		if (resource && watch_wants(watch, watch->at, resource))
			filling_add_resource(filling, watch->at, resource);
	}
}

/* Where it is too far behind, or has lost notes, it begins anew. */
static void check_lag(struct watch *watch)
{
	const struct snapshot *newest = history_pin(watch->watches->reader->history);
	bool notes_lost;

	pthread_mutex_lock(&watch->note_lock);
	notes_lost = watch->notes_lost;
	if (notes_lost) {
		watch->lost += watch->notes;
		watch->notes = 0;
		watch->notes_lost = false;
	}
	pthread_mutex_unlock(&watch->note_lock);
	if (notes_lost || (watch->at && newest->weight - watch->at->weight > WATCH_BYTES)) {
		for (const struct snapshot *at = watch->at; at && at != newest; at = at->newer)
			watch->lost += at->delta.count;
		watch->lost += notes_lost;
		watch_void(watch);
	}
	snapshot_unpin(newest);
}

/* A new policy may show it more, or less: then it begins anew. */
static void check_view(struct watch *watch)
{
	struct access_view before = watch->view;

	if (access_view_is_current(&before))
		return;
	access_view_open(&watch->view, before.caller, before.method);
	if (!before.all || !watch->view.all) {
		watch->lost++;
		watch_void(watch);
	}
	access_view_close(&before);
}

int watch_fill(struct watch *watch, Sluice__V1__WatchResponse *response)
{
	struct watch_filling filling = {.watch = watch, .response = response};

	pthread_mutex_lock(&watch->lock);
	check_view(watch);
	check_lag(watch);
	if (watch->lost) {
		filling_add_lost(&filling, watch->lost);
		watch->lost = 0;
	}
	if (watch->phase == WATCH_HISTORY)
		watch_tell_history(&filling);
	if (watch->phase == WATCH_WALK)
		walk(&filling);
	if (watch->phase == WATCH_FOLLOW && catch_up(&filling) && watch->note)
		tell_programmed(&filling);
	if (filling.failed) {
		watch->lost++;
		watch_void(watch);
	}
	pthread_mutex_unlock(&watch->lock);
	return filling.failed ? -1 : 0;
}

uint64_t watch_revision(struct watch *watch)
{
	uint64_t revision;

	pthread_mutex_lock(&watch->lock);
	revision = watch->told;
	pthread_mutex_unlock(&watch->lock);
	return revision;
}
