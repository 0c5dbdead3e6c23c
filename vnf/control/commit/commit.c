/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/commit.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

#include "vnf/access/access.h"
#include "vnf/control/commit/answer.h"
#include "vnf/control/commit/commit_record.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/commit/merge.h"
#include "vnf/control/commit/committer.h"
#include "vnf/control/commit/permission.h"
#include "vnf/reconcile/blast_radius.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/core/clock.h"

static const struct snapshot *newest(const struct committer *committer)
{
	for (size_t i = committer->commits.count; i > 0; i--)
		if (committer->commits.commit[i - 1]->candidate.next)
			return committer->commits.commit[i - 1]->candidate.next;
	return history_newest(committer->history);
}

static int check_revision(const struct snapshot *base, uint64_t expected, struct error *error)
{
	if (!expected || expected == base->revision)
		return 0;
	error_add(error, ERROR_ABORTED, "options.expected_revision",
		  "is %llu, but the revision is %llu: read what changed and try again", (unsigned long long)expected,
		  (unsigned long long)base->revision);
	return -1;
}

/* Up to an answer without revision and generation. */
static Sluice__V1__WriteResult *prepare(struct committer *committer, struct candidate *candidate,
					struct changes *changes, uint64_t expected_revision,
					struct access_caller *caller, struct error *error)
{
	const struct candidate_base base = {committer->history,
					    newest(committer),
					    committer->handles,
					    committer->unique_keys,
					    &committer->stamp,
					    committer->management,
					    0};
	Sluice__V1__WriteResult *result;

	if (check_revision(base.newest, expected_revision, error))
		return NULL;
	if (!committer->commits.count)
		commit_sync_banks(committer);
	if (candidate_begin(candidate, &base, changes, error))
		return NULL;
	if (permission_for_candidate(caller, candidate, error)) {
		candidate_abort(candidate);
		return NULL;
	}
	result = answer_new(changes);
	if (!result) {
		error_no_memory(error, NULL);
		candidate_abort(candidate);
	}
	return result;
}

/* Nothing is shown to packets; what was found may wait to be durable. 0, or -1 and a fault. */
static int change_nothing(struct committer *committer, bool durable, struct error *error)
{
	const struct commit *commit = committer->commits.commit[0];
	struct confirmation *waiting =
		commit->origin.undoes ? confirmation_find(committer->confirmations, commit->origin.owner) : NULL;

	if (commit_record_elections(committer, error))
		return -1;
	if (waiting)
		return confirmation_undone(waiting, commit, error);
	return durable ? recorder_sync(&committer->recorder, error) : 0;
}

/* Puts what the commits lead to into the journal and the dataplane. 0, or -1 with *error and nothing changed. */
static int program(struct committer *committer, struct error *error)
{
	struct commits *commits = &committer->commits;
	struct flip_group group = {.committer = committer,
				   .revision = newest(committer)->revision,
				   .generation = reconciler_generation(committer->reconciler) + 1};
	const struct reconciler_gate gate = {commit_record, &group};
	const struct delta *delta = NULL;
	struct delta merged = {0};
	size_t candidates = 0;

	/* a crash must not let an older leader write again */
	group.durable = committer->recorder.elections.rises;
	for (size_t i = 0; i < commits->count; i++) {
		group.durable |= commits->commit[i]->durable;
		if (commits->commit[i]->candidate.next) {
			delta = &commits->commit[i]->candidate.delta;
			candidates++;
		}
	}
	if (candidates == 0)
		return change_nothing(committer, group.durable, error);
	if (candidates > 1) {
		if (merge_deltas(commits, &merged)) {
			error_no_memory(error, NULL);
			return -1;
		}
		delta = &merged;
	}
	if (!reconciler_commit(committer->reconciler, newest(committer), delta, &gate, error)) {
		commits->merged = merged;
		return 0;
	}
	free(merged.entry);
	if (!error->count)
		error_add(error, ERROR_INTERNAL, NULL, "the dataplane refused the commit: see the daemon's log");
	return -1;
}

static void publish_revision(struct committer *committer, struct candidate *candidate)
{
	struct snapshot *previous = history_newest(committer->history);

	candidate_publish(candidate);
	events_published(committer->events, previous->newer, &previous->delta);
}

/* Packets meet them all: what follows cannot fail. */
static void publish(struct committer *committer)
{
	struct snapshot *previous = history_newest(committer->history);
	struct commits *commits = &committer->commits;

	for (size_t i = 0; i < commits->count; i++) {
		struct commit *commit = commits->commit[i];

		answer_programmed(commit->result, commit->changes);
		commit_answer_numbers(commit, reconciler_generation(committer->reconciler));
		if (commit->candidate.next) {
			answer_policy_costs(commit->result, reconciler_policy_costs(committer->reconciler));
			revision_note_publish(committer, commit);
			publish_revision(committer, &commit->candidate);
		} else {
			candidate_abort(&commit->candidate);
		}
	}
	elections_publish(&committer->recorder.elections);
	if (history_newest(committer->history) != previous)
		committer->unsynced = previous;
}

static void refuse(struct commit *commit)
{
	candidate_abort(&commit->candidate);
	revision_note_clear(&commit->note);
	message_free(commit->result);
	commit->result = NULL;
}

/* Takes the commit into the list; false: it is refused. */
static bool enter(struct committer *committer, struct commit *commit)
{
	struct commits *commits = &committer->commits;
	const struct snapshot *base = newest(committer);
	struct elections *elections = &committer->recorder.elections;
	const struct commit_origin *origin = &commit->origin;

	if (commit->stopped && *commit->stopped) {
		error_add(commit->error, ERROR_ABORTED, NULL, "a commit before it was refused: it was not tried");
		return false;
	}
	if (commit->owner &&
	    elections_check(elections, commit->owner, commit->election_id, !commit->caller, commit->error))
		return false;
	if (confirmation_allows(committer->confirmations, origin->owner, origin->confirm_seconds,
				origin->rolls_back ? origin->rollback_to : UINT64_MAX, commit->error))
		return false;
	commit->result = prepare(committer, &commit->candidate, commit->changes, commit->expected_revision,
				 commit->caller, commit->error);
	if (!commit->result)
		return false;
	commit->revision = commit->candidate.next ? commit->candidate.next->revision : base->revision;
	commits->commit[commits->count++] = commit;
	commits->changes += commit->changes->count;
	if (commit->owner)
		elections_enter(elections, commit->owner, commit->election_id);
	return true;
}

static void empty(struct committer *committer)
{
	committer->commits.count = committer->commits.changes = 0;
	elections_abandon(&committer->recorder.elections); /* where they were not published */
}

/* Packets meet it, or nothing of it. */
static void finish(struct committer *committer, struct commit *commit)
{
	const Sluice__V1__WriteResult *result = commit->result;
	struct histogram *histogram = &committer->times.refused;

	if (result)
		histogram = result->created + result->replaced + result->deleted ? &committer->times.programmed
										 : &committer->times.unchanged;
	histogram_observe(histogram, monotonic_us() - commit->taken_us);
	commit->done(commit);
}

/* The only one that waits. */
static void finish_one(struct committer *committer)
{
	struct commit *commit = committer->commits.commit[0];

	if (program(committer, commit->error))
		refuse(commit);
	else
		publish(committer);
	empty(committer);
	finish(committer, commit);
}

static void do_alone(struct committer *committer, struct commit *commit)
{
	if (enter(committer, commit))
		finish_one(committer);
	else
		finish(committer, commit);
}

/* They, or one of them, are too much for the dataplane: one at a time it is seen which. */
static void try_each(struct committer *committer, const struct commits *flushed)
{
	for (size_t i = flushed->count; i > 0; i--)
		refuse(flushed->commit[i - 1]);
	empty(committer);
	for (size_t i = 0; i < flushed->count; i++)
		do_alone(committer, flushed->commit[i]);
}

bool commit_is_durable(const struct committer *committer)
{
	for (size_t i = 0; i < committer->commits.count; i++)
		if (committer->commits.commit[i]->durable)
			return true;
	return false;
}

void commit_flush(struct committer *committer)
{
	struct commits flushed = committer->commits;
	struct error error;

	if (!flushed.count)
		return;
	if (commit_is_durable(committer))
		gather_done(&committer->gather, flushed.count);
	if (flushed.count == 1) {
		finish_one(committer);
		return;
	}
	error.count = 0;
	error.code = ERROR_NONE;
	if (program(committer, &error)) {
		try_each(committer, &flushed);
		return;
	}
	publish(committer);
	empty(committer);
	for (size_t i = 0; i < flushed.count; i++)
		finish(committer, flushed.commit[i]);
}

bool commit_waits(const struct committer *committer, const struct idempotency_key *key)
{
	for (size_t i = 0; i < committer->commits.count; i++)
		if (idempotency_entry_matches(committer->commits.commit[i]->entry, key))
			return true;
	return false;
}

void commit_add(struct committer *committer, struct commit *commit)
{
	struct commits *commits = &committer->commits;

	const bool alone =
		commit->changes->count > COMMIT_CHANGES || commit->origin.confirm_seconds || commit->origin.undoes;

	commit->taken_us = monotonic_us();
	if (alone || commits->changes + commit->changes->count > COMMIT_CHANGES || commits->count == COMMIT_TOGETHER)
		commit_flush(committer);
	if (alone) {
		do_alone(committer, commit);
		return;
	}
	/* Final is only a refusal by what packets meet: those before it may fail yet, and what they give up, such as
	 * ids, is free only when both banks have them. */
	if (!enter(committer, commit) && commits->count) {
		commit->error->count = 0;
		commit->error->code = ERROR_NONE;
		commit_flush(committer);
		enter(committer, commit);
	}
	if (!commit->result)
		finish(committer, commit);
	else
		event_active(committer->flush, EV_TIMEOUT, 0);
}

/* Everything is in the idle bank: what it would do to connections is known there. */
struct dry_run {
	struct reconciler *reconciler;
	const struct candidate *candidate;
	const struct commit_look *look;
	struct blast_radius radius;
	Sluice__V1__WriteResult *result;
	bool fits;
};

static int look(const struct dry_run *run, struct error *error)
{
	return run->look ? run->look->look(run->look->context, run->candidate->next, run->result, error) : 0;
}

static int turn_back(void *context, struct error *error)
{
	struct dry_run *run = context;

	run->fits = !reconciler_blast_radius(run->reconciler, &run->radius) &&
		    !answer_blast_radius(run->result, &run->radius);
	blast_radius_free(&run->radius);
	if (!run->fits)
		error_no_memory(error, NULL);
	else
		run->fits = !look(run, error);
	return -ECANCELED;
}

/* What the tables hold is known to them alone: one route may take a word of the pool or a whole tree. So the idle bank
 * gets all of it, up to the moment at which packets would meet it, and it is undone. */
static int try_banks(struct committer *committer, struct dry_run *run, struct error *error)
{
	const struct reconciler_gate gate = {turn_back, run};

	if (!run->candidate->next)
		return look(run, error);
	reconciler_commit(committer->reconciler, run->candidate->next, &run->candidate->delta, &gate, error);
	if (!run->fits && !error->count)
		error_add(error, ERROR_INTERNAL, NULL, "the dataplane refuses it: see the daemon's log");
	return run->fits ? 0 : -1;
}

Sluice__V1__WriteResult *commit_dry_run(struct committer *committer, struct changes *changes,
					uint64_t expected_revision, const struct commit_look *look,
					struct differences *differences, struct error *error)
{
	struct dry_run run = {.reconciler = committer->reconciler, .look = look};
	Sluice__V1__WriteResult *result;
	struct candidate candidate;

	commit_flush(committer);
	result = prepare(committer, &candidate, changes, expected_revision, access_current(), error);
	if (!result)
		return NULL;
	run.candidate = &candidate;
	run.result = result;
	if (try_banks(committer, &run, error)) {
		message_free(result);
		result = NULL;
	} else if (answer_differences(&candidate, differences)) {
		error_no_memory(error, NULL);
		message_free(result);
		result = NULL;
	} else {
		result->revision = history_newest(committer->history)->revision + (candidate.next != NULL);
		result->generation = reconciler_generation(committer->reconciler);
		if (candidate.next)
			answer_policy_costs(result, reconciler_policy_costs(committer->reconciler));
	}
	candidate_abort(&candidate);
	return result;
}
