/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/learn.h"

#include <errno.h>

#include "vnf/control/commit/commit.h"
#include "vnf/control/commit/committer.h"
#include "vnf/reconcile/reconciler.h"

int learn_add(struct changes *changes, struct handles *handles, struct resource *resource, bool gone)
{
	const uint8_t operation =
		gone ? SLUICE__V1__OPERATION__OPERATION_DELETE : SLUICE__V1__OPERATION__OPERATION_UPSERT;

	if (resource && !changes_add_resource(changes, resource, operation))
		return 0;
	resource_free(handles, resource);
	return -ENOMEM;
}

int learn_candidate(struct committer *committer, const struct snapshot *base, struct changes *changes,
		    struct candidate *candidate, struct error *error)
{
	const struct candidate_base from = {
		committer->history,    base,	      committer->handles, committer->unique_keys, &committer->stamp,
		committer->management, base->revision};

	return candidate_begin(candidate, &from, changes, error);
}

int learn_commit(struct committer *committer, struct changes *changes, struct error *error)
{
	struct snapshot *previous;
	struct candidate candidate;

	commit_flush(committer);
	commit_sync_banks(committer);
	previous = history_newest(committer->history);
	if (learn_candidate(committer, previous, changes, &candidate, error))
		return -1;
	if (!candidate.next) {
		candidate_abort(&candidate);
		return 0;
	}
	if (reconciler_commit(committer->reconciler, candidate.next, &candidate.delta, NULL, error)) {
		candidate_abort(&candidate);
		if (!error->count)
			error_add(error, ERROR_INTERNAL, NULL, "the dataplane refused it: see the daemon's log");
		return -1;
	}
	candidate_publish(&candidate);
	committer->unsynced = previous;
	events_published(committer->events, previous->newer, &previous->delta);
	return 0;
}
