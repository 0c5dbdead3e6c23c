/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/recorder.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/commit/recorder_entries.h"
#include "vnf/control/commit/recorder_rewrite.h"
#include "vnf/core/clock.h"
#include "vnf/core/log.h"

#define MEND_MS 1000 /* between two attempts */

static void tell(const struct recorder *recorder, bool writable)
{
	if (recorder->changed)
		recorder->changed(recorder->changed_context, writable);
}

static void note_success(struct recorder *recorder)
{
	const struct journal *journal = recorder->journal;

	if (atomic_exchange(&recorder->failure, 0)) {
		tell(recorder, true);
		log_info("%s: can be written again: commits are taken", journal->path);
	}
	atomic_store(&recorder->bytes, journal->end);
}

/* Logged once for a cause, and tried again soon. */
static void note_failure(struct recorder *recorder, int error)
{
	const struct timeval pause = {.tv_sec = MEND_MS / 1000};

	if (error == -ENOMEM)
		return; /* the commit's own trouble */
	tell(recorder, false);
	if (atomic_exchange(&recorder->failure, -error) != -error)
		log_error("%s: cannot be written: %s: commits are refused, packets go on: %s", recorder->journal->path,
			  strerror(-error), recorder_remedy(-error));
	if (!event_pending(recorder->probe, EV_TIMEOUT, NULL))
		loop_start_timer(recorder->probe, &pause);
}

/* A journal that failed may be mended, by a new file. 0 or -errno. */
static int mend(struct recorder *recorder)
{
	uint64_t now_ms;

	if (!recorder->journal->broken)
		return 0;
	now_ms = monotonic_ms();
	if (now_ms < recorder->mend_ms)
		return recorder->journal->broken;
	recorder->mend_ms = now_ms + MEND_MS;
	return recorder_rewrite_now(recorder);
}

static void on_probe(evutil_socket_t fd, short events, void *context)
{
	struct recorder *recorder = context;
	int error = mend(recorder);

	if (!error)
		error = journal_probe(recorder->journal);
	(void)fd;
	(void)events;
	if (error)
		note_failure(recorder, error);
	else
		note_success(recorder);
}

int recorder_init(struct recorder *recorder, struct loop *loop, struct history *history, struct revisions *revisions)
{
	*recorder = (struct recorder){.loop = loop, .history = history, .revisions = revisions};
	recorder->probe = evtimer_new(loop_base(loop), on_probe, recorder);
	return recorder->probe ? 0 : -ENOMEM;
}

void recorder_use(struct recorder *recorder, struct journal *journal, uint64_t generation)
{
	recorder->journal = journal;
	recorder->generation = generation;
	atomic_store(&recorder->bytes, journal->end);
	if (journal->broken)
		note_failure(recorder, journal->broken);
	else
		atomic_store(&recorder->durable_revision, history_newest(recorder->history)->revision);
}

void recorder_clear(struct recorder *recorder)
{
	if (recorder->journal)
		recorder_rewrite_stop(recorder);
	if (recorder->probe)
		event_free(recorder->probe);
	journal_close(recorder->journal);
	free(recorder->packing.bytes);
	elections_clear(&recorder->elections);
	*recorder = (struct recorder){0};
}

int recorder_durability(const struct recorder *recorder, Sluice__V1__Durability choice, bool *durable,
			struct error *error)
{
	*durable = choice != SLUICE__V1__DURABILITY__DURABILITY_VOLATILE && recorder->journal;
	if (choice != SLUICE__V1__DURABILITY__DURABILITY_JOURNALED || recorder->journal)
		return 0;
	error_add(error, ERROR_FAILED_PRECONDITION, "options.durability",
		  "JOURNALED needs a journal, and this router has none: set state_directory in sluiced.yaml and "
		  "restart sluiced, or write VOLATILE");
	return -1;
}

const char *recorder_remedy(int failure)
{
	switch (failure) {
	case ENOSPC:
	case EDQUOT:
		return "free space there";
	case EROFS:
		return "mount the file system writable again";
	case EACCES:
	case EPERM:
		return "give the directory to sluiced's user";
	}
	return "look at the disk's state, and replace it where it fails";
}

/* 0, or -1 with the fault. */
static int result(struct recorder *recorder, int status, struct error *error)
{
	if (!status) {
		note_success(recorder);
		return 0;
	}
	note_failure(recorder, status);
	if (status == -ENOMEM)
		error_no_memory(error, NULL);
	else
		error_add(error, ERROR_UNAVAILABLE, NULL,
			  "nothing was changed, since the journal %.120s cannot be written: %s: %s, then try again",
			  recorder->journal->path, strerror(-status), recorder_remedy(-status));
	return -1;
}

static int commit_group(struct recorder *recorder, bool durable)
{
	const uint64_t begin = monotonic_us();
	int status = journal_commit(recorder->journal, durable);

	if (!status && durable) /* one that took long counts a little */
		recorder->sync_us = (7 * recorder->sync_us + monotonic_us() - begin) / 8;
	return status;
}

static int write_group(struct recorder *recorder, const struct recorder_group *group)
{
	struct journal *journal = recorder->journal;
	int status = mend(recorder);

	if (status)
		return status;
	journal_begin(journal, group->revision, group->generation);
	status = group->fill(group->context, &recorder->packing, &journal->writer);
	if (status)
		journal->writer.error = status;
	status = commit_group(recorder, group->durable);
	if (!status)
		recorder->generation = group->generation;
	if (!status && group->durable)
		atomic_store(&recorder->durable_revision, group->revision);
	return status;
}

int recorder_write(struct recorder *recorder, const struct recorder_group *group, struct error *error)
{
	if (!recorder->journal)
		return 0;
	return result(recorder, write_group(recorder, group), error);
}

int recorder_sync(struct recorder *recorder, struct error *error)
{
	int status;

	if (!recorder->journal || !journal_has_unsynced(recorder->journal))
		return 0;
	status = journal_sync(recorder->journal);
	if (status && !mend(recorder)) /* a new file is synced as a whole */
		status = 0;
	if (!status)
		atomic_store(&recorder->durable_revision, history_newest(recorder->history)->revision);
	return result(recorder, status, error);
}

int recorder_freeze(struct recorder *recorder, struct error *error)
{
	const int failure = recorder->journal ? -recorder->journal->broken : 0;

	if (!recorder->journal) {
		error_add(error, ERROR_FAILED_PRECONDITION, NULL,
			  "this router keeps no journal: set state_directory in sluiced.yaml and restart sluiced");
		return -1;
	}
	if (failure) {
		error_add(error, ERROR_UNAVAILABLE, NULL,
			  "the journal %.120s cannot be written: %s: %s, then try again", recorder->journal->path,
			  strerror(failure), recorder_remedy(failure));
		return -1;
	}
	recorder_rewrite_stop(recorder);
	return recorder_sync(recorder, error);
}

void recorder_tidy(struct recorder *recorder)
{
	if (recorder->journal && !recorder->journal->broken && journal_is_long(recorder->journal))
		recorder_rewrite_start(recorder);
}

void recorder_status(const struct recorder *recorder, struct recorder_status *status)
{
	*status = (struct recorder_status){
		.path = recorder->journal ? recorder->journal->path : NULL,
		.failure = atomic_load(&recorder->failure),
		.bytes = atomic_load(&recorder->bytes),
		.durable_revision = atomic_load(&recorder->durable_revision),
	};
}
