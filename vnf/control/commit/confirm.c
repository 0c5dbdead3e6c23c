/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/confirm.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sluice/v1/history_service.pb-c.h"
#include "vnf/control/commit/committer.h"
#include "vnf/control/commit/undo_commit.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"

#define RETRY_SECONDS 1

struct confirmations {
	struct committer *committer;
	struct confirmation *waiting[CONFIRMATIONS_MAX];
	size_t count;
};

struct confirmations *confirmations_new(struct committer *committer)
{
	struct confirmations *confirmations = calloc(1, sizeof(*confirmations));

	if (confirmations)
		confirmations->committer = committer;
	return confirmations;
}

void confirmation_free(struct confirmation *confirmation)
{
	if (!confirmation)
		return;
	event_free(confirmation->timer);
	free(confirmation);
}

void confirmations_free(struct confirmations *confirmations)
{
	if (!confirmations)
		return;
	while (confirmations->count)
		confirmation_end(confirmations->waiting[0]);
	free(confirmations);
}

struct confirmation *confirmation_find(const struct confirmations *confirmations, const char *owner)
{
	for (size_t i = 0; i < confirmations->count; i++)
		if (strcmp(confirmations->waiting[i]->owner, owner) == 0)
			return confirmations->waiting[i];
	return NULL;
}

static int no_more(const struct confirmations *confirmations, struct error *error)
{
	if (confirmations->count == CONFIRMATIONS_MAX) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, "options.confirm_seconds",
			  "the commits of %d owners wait for their confirmation, which is the limit: wait until one is "
			  "confirmed or undone",
			  CONFIRMATIONS_MAX);
		return -1;
	}
	return 0;
}

int confirmation_allows(const struct confirmations *confirmations, const char *owner, uint32_t confirm_seconds,
			uint64_t rollback_to, struct error *error)
{
	const struct confirmation *waiting = confirmation_find(confirmations, owner);

	if (!waiting)
		return confirm_seconds ? no_more(confirmations, error) : 0;
	if (confirm_seconds && rollback_to == UINT64_MAX) {
		if (revisions_kept_bytes(confirmations->committer->revisions) <= REVISIONS_BYTES)
			return 0;
		error_add(error, ERROR_RESOURCE_EXHAUSTED, "options.confirm_seconds",
			  "what waits for its confirmation takes more than %u MiB: confirm it first, or roll it back",
			  REVISIONS_BYTES >> 20);
		return -1;
	}
	if (!confirm_seconds && rollback_to < waiting->id)
		return 0;
	error_add(error, ERROR_FAILED_PRECONDITION, rollback_to == UINT64_MAX ? "options.confirm_seconds" : "revision",
		  "revision %llu of %s waits for its confirmation: confirm it (ConfirmCommit), or roll back to "
		  "revision %llu or before without confirm_seconds%s",
		  (unsigned long long)waiting->id, owner, (unsigned long long)waiting->id - 1,
		  rollback_to == UINT64_MAX ? ", or set confirm_seconds, to have both wait" : "");
	return -1;
}

/* The time has run out. */
static void on_timer(evutil_socket_t fd, short events, void *context)
{
	const struct timeval pause = {.tv_sec = RETRY_SECONDS};
	struct confirmation *confirmation = context;

	(void)fd;
	(void)events;
	if (undo_commit(confirmation->all->committer, confirmation))
		loop_start_timer(confirmation->timer, &pause);
}

struct confirmation *confirmation_new(struct confirmations *confirmations, const char *owner, uint64_t id)
{
	struct confirmation *confirmation = calloc(1, sizeof(*confirmation));

	if (!confirmation)
		return NULL;
	confirmation->all = confirmations;
	confirmation->id = id;
	snprintf(confirmation->owner, sizeof(confirmation->owner), "%s", owner);
	confirmation->timer = evtimer_new(loop_base(confirmations->committer->loop), on_timer, confirmation);
	if (confirmation->timer)
		return confirmation;
	free(confirmation);
	return NULL;
}

void confirmation_start(struct confirmation *confirmation, uint32_t seconds)
{
	const struct timeval pause = {.tv_sec = seconds};

	if (!confirmation->waits)
		confirmation->all->waiting[confirmation->all->count++] = confirmation;
	confirmation->waits = true;
	loop_start_timer(confirmation->timer, &pause);
}

void confirmation_end(struct confirmation *confirmation)
{
	struct confirmations *all;

	if (!confirmation)
		return;
	all = confirmation->all;
	for (size_t i = 0; i < all->count; i++)
		if (all->waiting[i] == confirmation) {
			all->waiting[i] = all->waiting[--all->count];
			break;
		}
	confirmation_free(confirmation);
}

int confirmation_renewed(const struct confirmation *confirmation, int state, const struct commit *undone_by,
			 struct revision ***renewed, size_t *count)
{
	struct revision_list list;
	size_t own = 0;
	int error;

	*renewed = NULL;
	*count = 0;
	if (revisions_list(confirmation->all->committer->revisions, confirmation->id - 1, true, &list))
		return -ENOMEM;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.revision[i]->owner, confirmation->owner) == 0)
			list.revision[own++] = list.revision[i];
		else
			revision_put(list.revision[i]);
	list.count = own;
	error = revisions_renewed(&list, state, undone_by, renewed, count);
	revision_list_clear(&list);
	return error;
}

static int fill(void *context, struct packing *packing, struct record_writer *writer)
{
	const struct revision_note *note = context;

	(void)packing;
	for (size_t i = 0; i < note->renewed_count; i++) {
		struct entry entry = revision_entry(note->renewed[i], ENTRY_ABOUT);

		record_writer_put(writer, &entry);
	}
	return 0;
}

/* All that waits with the confirmation gets the state, in the journal and here. 0, or -1 and a fault. */
static int resolve(struct confirmation *confirmation, int state, const struct commit *undone_by, bool durable,
		   struct error *error)
{
	struct committer *committer = confirmation->all->committer;
	struct revision_note note = {0};
	const struct recorder_group group = {history_newest(committer->history)->revision,
					     committer->recorder.generation, durable, fill, &note};
	int result = -1;

	if (confirmation_renewed(confirmation, state, undone_by, &note.renewed, &note.renewed_count)) {
		error_no_memory(error, NULL);
	} else if (!recorder_write(&committer->recorder, &group, error)) {
		for (size_t i = 0; i < note.renewed_count; i++)
			revisions_replace(committer->revisions, note.renewed[i]);
		note.renewed_count = 0;
		confirmation_end(confirmation);
		result = 0;
	}
	revision_note_clear(&note);
	return result;
}

int confirmation_undone(struct confirmation *confirmation, const struct commit *undone_by, struct error *error)
{
	return resolve(confirmation, SLUICE__V1__REVISION_STATE__REVISION_STATE_UNDONE, undone_by, undone_by->durable,
		       error);
}

/* What became of a revision that does not wait any more. 0: it was confirmed. */
static int resolved(struct committer *committer, const char *owner, uint64_t number, uint64_t *id, struct error *error)
{
	const struct revision *revision = number ? revisions_find(committer->revisions, number) : NULL;
	Sluice__V1__Revision *message = NULL;
	int result = -1;

	if (revision && strcmp(revision->owner, owner) == 0) {
		message = sluice__v1__revision__unpack(NULL, revision->about_size, revision->about);
		if (!message) {
			error_no_memory(error, NULL);
			return -1;
		}
	}
	if (message && message->state == SLUICE__V1__REVISION_STATE__REVISION_STATE_CONFIRMED) {
		*id = message->confirm_id;
		result = 0;
	} else if (message && message->state == SLUICE__V1__REVISION_STATE__REVISION_STATE_UNDONE) {
		error_add(error, ERROR_FAILED_PRECONDITION, "revision",
			  "revision %llu was undone by revision %llu: commit it again", (unsigned long long)number,
			  (unsigned long long)message->undone_by);
	} else {
		error_add(error, ERROR_NOT_FOUND, "revision", "%s%s waits for its confirmation",
			  number ? "no such revision of " : "nothing of ", owner);
	}
	sluice__v1__revision__free_unpacked(message, NULL);
	return result;
}

int commit_confirm(struct committer *committer, const char *owner, uint64_t number, bool durable, uint64_t *id,
		   struct error *error)
{
	struct confirmation *waiting;

	commit_flush(committer);
	waiting = confirmation_find(committer->confirmations, owner);
	if (waiting && number) {
		const struct revision *revision = revisions_find(committer->revisions, number);

		if (!revision || strcmp(revision->owner, owner) != 0 || !(revision->flags & REVISION_KEPT))
			waiting = NULL;
	}
	if (!waiting) {
		if (resolved(committer, owner, number, id, error))
			return -1;
		return durable ? recorder_sync(&committer->recorder, error) : 0;
	}
	*id = waiting->id;
	if (resolve(waiting, SLUICE__V1__REVISION_STATE__REVISION_STATE_CONFIRMED, NULL, durable, error))
		return -1;
	log_info("revision %llu of %s is confirmed", (unsigned long long)*id, owner);
	return 0;
}

static uint32_t seconds_left(const Sluice__V1__Revision *message)
{
	struct timespec now;
	int64_t left;

	clock_gettime(CLOCK_REALTIME, &now);
	left = message->confirm_by_unix_ms / 1000 - now.tv_sec;
	if (left < 0)
		return 0;
	/* A clock that was set back does not give it more time than it had. */
	return left < message->confirm_seconds ? (uint32_t)left : message->confirm_seconds;
}

/* 0 or -ENOMEM. */
static int restore(struct confirmations *confirmations, const struct revision *revision)
{
	Sluice__V1__Revision *message = sluice__v1__revision__unpack(NULL, revision->about_size, revision->about);
	struct confirmation *waiting = confirmation_find(confirmations, revision->owner);

	if (message && !waiting && confirmations->count < CONFIRMATIONS_MAX)
		waiting = confirmation_new(confirmations, revision->owner, message->confirm_id);
	if (message && waiting) {
		waiting->late = !seconds_left(message);
		confirmation_start(waiting, seconds_left(message));
	}
	sluice__v1__revision__free_unpacked(message, NULL);
	return message && waiting ? 0 : -ENOMEM;
}

int confirmations_restore(struct confirmations *confirmations, bool now)
{
	struct revision_list list;
	int error = revisions_list(confirmations->committer->revisions, 0, true, &list);

	for (size_t i = 0; i < list.count && !error; i++)
		error = restore(confirmations, list.revision[i]);
	revision_list_clear(&list);
	for (size_t i = confirmations->count; i > 0 && now && !error; i--)
		if (confirmations->waiting[i - 1]->late)
			on_timer(-1, EV_TIMEOUT, confirmations->waiting[i - 1]);
	return error;
}
