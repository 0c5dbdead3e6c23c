/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/commit_record.h"

#include "vnf/control/commit/committer.h"
#include "vnf/control/commit/recorder_entries.h"
#include "vnf/control/commit/revision_note.h"
#include "vnf/reconcile/reconciler.h"

void commit_answer_numbers(struct commit *commit, uint64_t generation)
{
	commit->result->revision = commit->revision;
	commit->result->generation = generation;
	commit->result->durability = commit->durable ? SLUICE__V1__DURABILITY__DURABILITY_JOURNALED
						     : SLUICE__V1__DURABILITY__DURABILITY_VOLATILE;
}

static void put_entry(void *writer, const struct entry *entry)
{
	record_writer_put(writer, entry);
}

/* What answers a retry. */
static void write_requests(const struct flip_group *group, struct record_writer *writer)
{
	const struct commits *commits = &group->committer->commits;

	for (size_t i = 0; i < commits->count; i++) {
		struct commit *commit = commits->commit[i];
		struct idempotency_record request;
		struct entry entry;

		if (!commit->entry)
			continue;
		commit_answer_numbers(commit, group->generation);
		idempotency_record_make(&request, commit->entry, commit->result);
		entry = recorder_request(&request, commit->revision);
		record_writer_put(writer, &entry);
	}
}

/* What belongs to no commit alone goes before the first. */
static int write_commits(void *context, struct packing *packing, struct record_writer *writer)
{
	const struct flip_group *group = context;
	const struct commits *commits = &group->committer->commits;
	int status = 0;

	elections_put_raised(&group->committer->recorder.elections, put_entry, writer);
	write_requests(group, writer);
	for (size_t i = 0; i < commits->count && !status; i++)
		if (commits->commit[i]->candidate.next)
			status = revision_note_write(commits->commit[i], packing, writer);
	return status;
}

int commit_record(void *context, struct error *error)
{
	struct flip_group *group = context;
	struct committer *committer = group->committer;
	const struct commits *commits = &committer->commits;
	const struct recorder_group written = {group->revision, group->generation, group->durable, write_commits,
					       group};

	if (revisions_reserve(committer->revisions, commits->count)) {
		error_no_memory(error, NULL);
		return -1;
	}
	for (size_t i = 0; i < commits->count; i++)
		if (commits->commit[i]->candidate.next &&
		    revision_note_make(committer, commits->commit[i], written.generation, error))
			return -1;
	return recorder_write(&committer->recorder, &written, error);
}

static int write_elections(void *context, struct packing *packing, struct record_writer *writer)
{
	(void)packing;
	elections_put_raised(context, put_entry, writer);
	return 0;
}

int commit_record_elections(struct committer *committer, struct error *error)
{
	struct elections *elections = &committer->recorder.elections;
	const struct recorder_group raised = {history_newest(committer->history)->revision,
					      reconciler_generation(committer->reconciler), true, write_elections,
					      elections};

	return elections->rises ? recorder_write(&committer->recorder, &raised, error) : 0;
}
