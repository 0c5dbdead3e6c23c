/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/commit.h"

#include <event2/event.h>

#include "vnf/control/commit/answer.h"
#include "vnf/control/control_state.h"
#include "vnf/control/resources/encode.h"
#include "vnf/control/resources/kinds.h"
#include "vnf/control/resources/names.h"
#include "vnf/control/read/pages.h"

#define RECLAIM_SECONDS 1

/* Ids of what the last commit deleted; no bank knows them any more. */
static void give_ids(struct names *names, const struct delta *delta)
{
	for (size_t i = 0; i < delta->count; i++) {
		const struct resource *before = delta->entry[i].before;

		if (!before || delta->entry[i].after)
			continue;
		names_give_id(names, before->kind, before->self ? before->self->id : before->route_id);
		if (before->self)
			atomic_store_explicit(&before->self->id, 0, memory_order_relaxed);
	}
}

static void settle(struct control *control)
{
	if (!control->unsettled)
		return;
	program_settle(control->program);
	give_ids(control->names, &control->unsettled->delta);
	control->unsettled = NULL;
}

void commit_settle(struct control *control)
{
	const struct timeval pause = {.tv_sec = RECLAIM_SECONDS};

	settle(control);
	pages_expire(control->pages);
	if (!history_reclaim(&control->history))
		event_add(control->reclaim, &pause);
}

static int check_revision(const struct control *control, uint64_t expected, struct error *error)
{
	uint64_t revision = history_newest(&control->history)->revision;

	if (!expected || expected == revision)
		return 0;
	error_add(error, ERROR_ABORTED, "options.expected_revision",
		  "is %llu, but the revision is %llu: read what changed and try again", (unsigned long long)expected,
		  (unsigned long long)revision);
	return -1;
}

/* Up to an answer without revision and generation. */
static Sluice__V1__WriteResult *prepare(struct control *control, struct draft *draft, struct changes *changes,
					uint64_t expected_revision, struct error *error)
{
	const struct draft_base base = {&control->history, control->names, control->claims, &control->stamp,
					control->management};
	Sluice__V1__WriteResult *result;

	if (check_revision(control, expected_revision, error))
		return NULL;
	settle(control);
	if (draft_begin(draft, &base, changes, error))
		return NULL;
	result = answer_new(changes);
	if (!result) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
		draft_abort(draft);
	}
	return result;
}

static void stamp_result(const struct control *control, Sluice__V1__WriteResult *result)
{
	result->revision = history_newest(&control->history)->revision;
	result->generation = program_generation(control->program);
}

Sluice__V1__WriteResult *commit_changes(struct control *control, struct changes *changes, uint64_t expected_revision,
					struct error *error)
{
	struct snapshot *previous = history_newest(&control->history);
	struct draft draft;
	Sluice__V1__WriteResult *result = prepare(control, &draft, changes, expected_revision, error);

	if (!result)
		return NULL;
	if (!draft.next) {
		draft_abort(&draft);
		answer_programmed(result, changes);
		stamp_result(control, result);
		return result;
	}
	if (program_commit(control->program, draft.next, &draft.delta, error)) {
		if (!error->count)
			error_add(error, ERROR_INTERNAL, NULL,
				  "the dataplane refused the commit: see the daemon's log");
		draft_abort(&draft);
		message_free(result);
		return NULL;
	}
	answer_programmed(result, changes);
	draft_publish(&draft);
	stamp_result(control, result);
	control->unsettled = previous;
	event_active(control->settle, EV_TIMEOUT, 0);
	return result;
}

Sluice__V1__WriteResult *commit_dry_run(struct control *control, struct changes *changes, uint64_t expected_revision,
					struct differences *differences, struct error *error)
{
	struct draft draft;
	Sluice__V1__WriteResult *result = prepare(control, &draft, changes, expected_revision, error);

	if (!result)
		return NULL;
	if (answer_differences(&draft, differences)) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
		message_free(result);
		result = NULL;
	} else {
		stamp_result(control, result);
		result->revision += draft.next != NULL;
	}
	draft_abort(&draft);
	return result;
}
