/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/recorder_rewrite.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/commit/recorder_entries.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/core/log.h"

static void put_entry(void *job, const struct entry *entry)
{
	journal_rewrite_put(job, entry);
}

/* The revisions that led there, behind the resources. */
static void write_revisions(struct journal_rewrite *job, const struct revision_list *list)
{
	const struct entry oldest = {
		.operation = ENTRY_ABOUT, .kind = REVISION_OLDEST, .revision = list->oldest, .key = "-", .key_size = 1};

	journal_rewrite_put(job, &oldest);
	for (size_t i = 0; i < list->count; i++) {
		const struct revision *revision = list->revision[i];
		struct entry entry = revision_entry(revision, ENTRY_COMMIT);

		journal_rewrite_put(job, &entry);
		for (size_t at = 0; entry_next(revision->changes, revision->changes_size, &at, &entry) > 0;)
			journal_rewrite_put(job, &entry);
	}
}

/* The elections, all resources of the snapshot, and what led there. 0 or -errno. */
static int write_snapshot(struct journal_rewrite *job, const struct snapshot *snapshot,
			  const struct elections *elections, const struct revision_list *revisions,
			  const atomic_bool *stop)
{
	struct packing packing = {0};
	int error = 0;

	elections_put_all(elections, put_entry, job);

	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS && !error; kind++) {
		const struct resource *resource = snapshot_next(snapshot, (enum resource_kind)kind, NULL);

		while (resource && !error && !atomic_load_explicit(stop, memory_order_relaxed)) {
			if (!resource_is_learned(resource))
				error = recorder_put(&packing, &job->writer, resource);
			resource = snapshot_next(snapshot, (enum resource_kind)kind, resource);
		}
	}
	free(packing.bytes);
	if (!error)
		write_revisions(job, revisions);
	return error ? error : journal_rewrite_end(job);
}

static void *run(void *context)
{
	struct recorder *recorder = context;

	recorder->rewrite.error =
		write_snapshot(&recorder->rewrite.job, recorder->rewrite.snapshot, &recorder->rewrite.elections,
			       &recorder->rewrite.revisions, &recorder->rewrite.stop);
	loop_post(recorder->loop, &recorder->rewrite.done);
	return NULL;
}

/* Joins the thread. */
static void finish(struct recorder *recorder, bool wanted)
{
	struct journal_rewrite *job = &recorder->rewrite.job;
	int error;

	pthread_join(recorder->rewrite.thread, NULL);
	snapshot_unpin(recorder->rewrite.snapshot);
	recorder->rewrite.snapshot = NULL;
	elections_clear(&recorder->rewrite.elections);
	revision_list_clear(&recorder->rewrite.revisions);
	error = recorder->rewrite.error;
	if (error || !wanted)
		journal_rewrite_cancel(recorder->journal, job);
	else
		error = journal_rewrite_switch(recorder->journal, job);
	if (error && wanted)
		log_warning("%s: cannot be rewritten, and goes on growing: %s", recorder->journal->path,
			    strerror(-error));
	atomic_store(&recorder->bytes, recorder->journal->end);
}

static void on_done(struct loop_work *work)
{
	struct recorder *recorder = (struct recorder *)((char *)work - offsetof(struct recorder, rewrite.done));

	recorder->rewrite.posted = false;
	if (recorder->rewrite.snapshot) /* it was not stopped */
		finish(recorder, true);
}

void recorder_rewrite_start(struct recorder *recorder)
{
	const struct snapshot *snapshot;
	int error;

	if (recorder->rewrite.posted)
		return;
	snapshot = history_newest(recorder->history);
	error = revisions_list(recorder->revisions, 0, false, &recorder->rewrite.revisions);
	if (!error)
		error = journal_rewrite_begin(recorder->journal, &recorder->rewrite.job, snapshot->revision,
					      recorder->generation);
	if (!error) {
		error = elections_copy(&recorder->elections, &recorder->rewrite.elections);
		if (error)
			journal_rewrite_cancel(recorder->journal, &recorder->rewrite.job);
	}
	if (!error) {
		recorder_put_requests(recorder->requests, &recorder->rewrite.job);
		snapshot_pin_again(snapshot);
		recorder->rewrite.snapshot = snapshot;
		recorder->rewrite.done.run = on_done;
		atomic_store(&recorder->rewrite.stop, false);
		recorder->rewrite.posted = true;
		error = -pthread_create(&recorder->rewrite.thread, NULL, run, recorder);
		if (!error)
			return;
		recorder->rewrite.posted = false;
		snapshot_unpin(snapshot);
		recorder->rewrite.snapshot = NULL;
		elections_clear(&recorder->rewrite.elections);
		journal_rewrite_cancel(recorder->journal, &recorder->rewrite.job);
	}
	revision_list_clear(&recorder->rewrite.revisions);
	log_warning("%s: cannot be rewritten, and goes on growing: %s", recorder->journal->path, strerror(-error));
}

int recorder_rewrite_now(struct recorder *recorder)
{
	static const atomic_bool never;
	struct snapshot *newest = history_newest(recorder->history);
	struct revision_list revisions;
	struct journal_rewrite job;
	int error;

	recorder_rewrite_stop(recorder);
	error = revisions_list(recorder->revisions, 0, false, &revisions);
	if (!error)
		error = journal_rewrite_begin(recorder->journal, &job, newest->revision, recorder->generation);
	if (error) {
		revision_list_clear(&revisions);
		return error;
	}
	recorder_put_requests(recorder->requests, &job);
	error = write_snapshot(&job, newest, &recorder->elections, &revisions, &never);
	revision_list_clear(&revisions);
	if (error) {
		journal_rewrite_cancel(recorder->journal, &job);
		return error;
	}
	return journal_rewrite_switch(recorder->journal, &job);
}

void recorder_rewrite_stop(struct recorder *recorder)
{
	if (!recorder->rewrite.snapshot)
		return;
	atomic_store(&recorder->rewrite.stop, true);
	finish(recorder, false);
}
