/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/sources/sources.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/handles.h"
#include "vnf/control/sources/sources_state.h"
#include "vnf/core/clock.h"
#include "vnf/core/log.h"

#define RESTORE_MS 30000 /* a start waits so long for the kernel's tables at most */

static const struct snapshot *newest(const struct sources *sources)
{
	return history_newest(sources->committer->history);
}

static struct followed *find(const struct sources *sources, uint32_t number)
{
	struct followed *followed = sources->first;

	while (followed && followed->number != number)
		followed = followed->next;
	return followed;
}

static void show_lag(struct shown_source *shown, uint64_t received_ns)
{
	const uint64_t now_us = monotonic_us(), lag = now_us - received_ns / 1000, minute = now_us / 60000000;

	if (shown->minute != minute) {
		shown->earlier_most_us = shown->minute + 1 == minute ? shown->lag_most_us : 0;
		shown->lag_most_us = 0;
		shown->minute = minute;
	}
	shown->lag_us = lag;
	if (lag > shown->lag_most_us)
		shown->lag_most_us = lag;
}

static void show_refused(struct sources *sources, const struct followed *followed, const char *text)
{
	pthread_mutex_lock(&sources->lock);
	snprintf(shown_of(sources, followed)->refused, sizeof(sources->shown->refused), "%.*s",
		 (int)sizeof(sources->shown->refused) - 1, text);
	pthread_mutex_unlock(&sources->lock);
}

/* The batch is through, or was refused. */
static void finish(struct sources *sources, struct followed *followed, bool taken)
{
	struct source_batch *batch = followed->batch;

	if (taken)
		batch_withhold(followed, newest(sources));
	followed->batch = NULL;
	followed->done = 0;
	if (taken) {
		known_groups_drop(sources, followed, batch);
		if (batch->received_ns)
			show_lag(shown_of(sources, followed), batch->received_ns);
		show_refused(sources, followed, "");
	}
	mirror_done(mirror_of(sources), batch, taken);
}

static void refuse(struct sources *sources, struct followed *followed, const struct error *error)
{
	const char *text = error->count ? error->fault[0].message : "out of memory";

	/* It comes again each second. */
	if (strncmp(shown_of(sources, followed)->refused, text, sizeof(sources->shown->refused) - 1) != 0)
		log_warning("route source %s: what it has learned is not taken in: %s", followed->source->text, text);
	show_refused(sources, followed, text);
	finish(sources, followed, false);
}

/* What nobody uses goes; it is tried again behind the next batch. */
static void tidy(struct sources *sources, const struct followed *followed)
{
	for (int round = 0; round < 3; round++) { /* groups, then their next hops, then their endpoints */
		struct changes changes = {0};
		struct error error = {0};
		bool none;

		if (unused_changes(followed, newest(sources), &changes))
			error_no_memory(&error, NULL);
		none = !changes.count;
		if (!error.count)
			learn_commit(sources->committer, &changes, &error);
		changes_clear(&changes, sources->committer->handles);
		if (none || error.count)
			return;
	}
}

/* The next piece of the batch at hand. Commits that wait go first: they may change the source, and then on_update says
 * what becomes of the batch. */
static void take_piece(struct sources *sources, struct followed *followed)
{
	const struct source_batch *batch = followed->batch;
	const bool whole = followed->done + PIECE >= batch->changes;
	struct changes changes = {0};
	struct error error = {0};

	commit_flush(sources->committer);
	if (!followed_is(followed, followed->source->resource))
		return;
	if (batch_changes(sources, followed, newest(sources), followed->done, PIECE, &changes) ||
	    (whole && batch->first && batch_sweep(followed, newest(sources), &changes)))
		error_no_memory(&error, NULL);
	if (!error.count)
		learn_commit(sources->committer, &changes, &error);
	changes_clear(&changes, sources->committer->handles);
	if (error.count) {
		refuse(sources, followed, &error);
	} else if (whole) {
		const bool tidies = batch->first || batch->gone;

		finish(sources, followed, true);
		if (tidies)
			tidy(sources, followed);
	} else {
		followed->done += PIECE;
	}
}

static void on_go_on(evutil_socket_t fd, short events, void *context)
{
	struct sources *sources = context;
	bool more = false;

	(void)fd;
	(void)events;
	for (struct followed *followed = sources->first; followed; followed = followed->next) {
		const size_t done = followed->done;

		if (!followed->batch)
			continue;
		take_piece(sources, followed);
		more |= followed->batch && followed->done != done;
	}
	if (more)
		event_active(sources->go_on, EV_TIMEOUT, 0);
}

/* The batch's source, which has it from now on; NULL: it is followed no more, or there is no memory. */
static struct followed *take_batch(struct sources *sources, struct source_batch *batch)
{
	struct followed *followed = find(sources, batch->source);

	if (!followed || known_groups_add(sources, followed, batch)) {
		mirror_done(mirror_of(sources), batch, false);
		return NULL;
	}
	followed->batch = batch;
	followed->done = 0;
	return followed;
}

/* Those that have come. */
static struct source_batch *take_arrived(struct sources *sources)
{
	struct source_batch *batch;

	pthread_mutex_lock(&sources->lock);
	batch = sources->arrived;
	sources->arrived = NULL;
	sources->announced = false;
	pthread_mutex_unlock(&sources->lock);
	return batch;
}

static void on_arrival(struct loop_work *work)
{
	struct sources *sources = (struct sources *)((char *)work - offsetof(struct sources, arrival));
	struct source_batch *batch = take_arrived(sources), *next;

	for (; batch; batch = next) {
		next = batch->next;
		if (take_batch(sources, batch))
			event_active(sources->go_on, EV_TIMEOUT, 0);
	}
}

void sources_hand_over(void *context, struct source_batch *batch)
{
	struct sources *sources = context;
	bool announce;

	pthread_mutex_lock(&sources->lock);
	batch->next = sources->arrived;
	sources->arrived = batch;
	announce = !sources->announced;
	sources->announced = true;
	pthread_mutex_unlock(&sources->lock);
	if (announce)
		loop_post(sources->committer->loop, &sources->arrival);
}

static void on_update(evutil_socket_t fd, short events, void *context)
{
	const struct timeval pause = {.tv_sec = 1};
	struct sources *sources = context;
	struct error error = {0};
	bool changed = sources->untold;

	(void)fd;
	(void)events;
	sources->untold = true;
	if (!followed_bring_up(sources, newest(sources), &changed) && (!changed || !followed_tell(sources, &error))) {
		sources->untold = false;
		return;
	}
	log_warning("route sources are not followed, it is tried again: %s",
		    error.count ? error.fault[0].message : "out of memory");
	loop_start_timer(sources->update, &pause);
}

/* A route that a source has learned, of which none of the next hops could be used, or can be. */
static void count_unusable(struct sources *sources, const struct delta_entry *entry)
{
	const struct source_route *before = (const struct source_route *)entry->before;
	const struct source_route *after = (const struct source_route *)entry->after;
	const uint32_t source = (after ? after : before)->resource.owner->id;

	if (source < sources->shown_count)
		sources->shown[source].unusable +=
			(uint64_t)(after && !after->group) - (uint64_t)(before && !before->group);
}

static void on_published(struct subscriber *subscriber, const struct snapshot *snapshot, const struct delta *delta)
{
	struct sources *sources = (struct sources *)((char *)subscriber - offsetof(struct sources, subscriber));
	bool concerns = false;

	(void)snapshot;
	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];
		const struct resource *resource = entry->after ? entry->after : entry->before;
		const enum resource_kind kind = resource->kind;

		if (kind == RESOURCE_SOURCE_ROUTE)
			count_unusable(sources, entry);
		if (kind == RESOURCE_PROTECTED_PREFIX && mirror_of(sources))
			mirror_again(mirror_of(sources), &resource_vrf_key(resource)->prefix);
		concerns |= kind == RESOURCE_ROUTE_SOURCE || kind == RESOURCE_INTERFACE;
	}
	if (concerns)
		event_active(sources->update, EV_TIMEOUT, 0);
}

/* A device has come, or gone. */
static void on_programmed(struct subscriber *subscriber, const struct handle *handle, enum pending_reason reason)
{
	struct sources *sources = (struct sources *)((char *)subscriber - offsetof(struct sources, subscriber));

	(void)reason;
	if (handle->kind == RESOURCE_INTERFACE)
		event_active(sources->update, EV_TIMEOUT, 0);
}

static int restore(struct learner *learner, const struct snapshot *next, struct changes *changes)
{
	struct sources *sources = (struct sources *)((char *)learner - offsetof(struct sources, learner));
	struct error error = {0};
	bool changed = false;
	int result = 0;

	if (followed_bring_up(sources, next, &changed) || !changed || followed_tell(sources, &error))
		return -1;
	if (!mirror_wait_first(mirror_of(sources), monotonic_ms() + RESTORE_MS))
		log_warning("route sources: the kernel has not said all of its tables within %d s: the rest follows",
			    RESTORE_MS / 1000);
	for (struct source_batch *batch = take_arrived(sources), *after; batch; batch = after) {
		after = batch->next;
		take_batch(sources, batch);
	}
	for (struct followed *followed = sources->first; followed && !result; followed = followed->next)
		if (followed->batch)
			result = batch_changes(sources, followed, next, 0, SIZE_MAX, changes);
	if (result) /* it goes on as it would without a restart */
		event_active(sources->go_on, EV_TIMEOUT, 0);
	return result;
}

static void restored(struct learner *learner, bool taken, const struct error *error)
{
	struct sources *sources = (struct sources *)((char *)learner - offsetof(struct sources, learner));

	for (struct followed *followed = sources->first; followed; followed = followed->next) {
		if (!followed->batch)
			continue;
		if (taken)
			finish(sources, followed, true);
		else
			refuse(sources, followed, error);
	}
}

struct sources *sources_new(struct committer *committer)
{
	struct sources *sources = calloc(1, sizeof(*sources));

	if (!sources)
		return NULL;
	pthread_mutex_init(&sources->lock, NULL);
	sources->committer = committer;
	sources->arrival.run = on_arrival;
	sources->shown_count = handles_maximum(committer->handles, RESOURCE_ROUTE_SOURCE) + 1;
	sources->shown = calloc(sources->shown_count, sizeof(*sources->shown));
	sources->update = event_new(loop_base(committer->loop), -1, 0, on_update, sources);
	sources->go_on = event_new(loop_base(committer->loop), -1, 0, on_go_on, sources);
	if (!sources->shown || !sources->update || !sources->go_on) {
		sources_free(sources);
		return NULL;
	}
	sources->subscriber = (struct subscriber){.published = on_published, .programmed = on_programmed};
	events_subscribe(committer->events, &sources->subscriber);
	sources->learner = (struct learner){restore, restored};
	committer->learner = &sources->learner;
	return sources;
}

void sources_free(struct sources *sources)
{
	if (!sources)
		return;
	mirror_free(mirror_of(sources)); /* batches with it */
	events_unsubscribe(sources->committer->events, &sources->subscriber);
	sources->committer->learner = NULL;
	while (sources->first) {
		sources->first->batch = NULL;
		followed_end(sources, &sources->first);
	}
	if (sources->update)
		event_free(sources->update);
	if (sources->go_on)
		event_free(sources->go_on);
	pthread_mutex_destroy(&sources->lock);
	free(sources->shown);
	free(sources);
}
