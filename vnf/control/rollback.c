/* SPDX-License-Identifier: Apache-2.0 */
/* Rollback and ConfirmCommit. */
#include "vnf/control/commit/config_write.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/commit/options.h"
#include "vnf/control/commit/undo.h"
#include "vnf/control/control_state.h"
#include "vnf/control/dry_run.h"
#include "vnf/control/kinds/handles.h"

/* 0, or -1 and a fault. */
static int check_known(struct control *control, uint64_t revision, struct error *error)
{
	const uint64_t newest = history_newest(&control->history)->revision;
	const uint64_t oldest = revisions_oldest(control->committer.revisions);

	if (revision >= oldest && revision <= newest)
		return 0;
	error_add(error, ERROR_OUT_OF_RANGE, "revision", "%llu is not known: %llu to %llu are",
		  (unsigned long long)revision, (unsigned long long)oldest, (unsigned long long)newest);
	return -1;
}

static int fill_changes(struct control *control, struct config_write *write, uint64_t revision, struct error *error)
{
	struct undo undo;
	int result;

	write->owner = handles_get(control->handles, HANDLE_OWNER, write->commit.origin.owner);
	if (!write->owner) {
		error_no_memory(error, NULL);
		return -1;
	}
	write->commit.owner = write->owner->text;
	result = undo_open(&undo, &control->committer, write->owner->text, revision, false, error);
	if (!result)
		result = undo_changes(&undo, &control->committer, write->owner, &write->changes, error);
	undo_close(&undo);
	return result;
}

static void dry_run(struct control *control, struct config_write *write, const struct write_options *options,
		    Sluice__V1__RollbackResponse *response, struct error *error)
{
	struct differences differences;

	response->result = control_dry_run(control, &write->changes, options->expected_revision, &options->rehearsal,
					   &differences, error);
	if (!response->result) {
		rollback_explain(error);
		return;
	}
	response->n_differences = differences.count;
	response->differences = differences.difference;
}

/* Up to a write with its changes; NULL: the answer is there already. */
static struct config_write *prepare(struct control *control, const Sluice__V1__RollbackRequest *request,
				    Sluice__V1__RollbackResponse *response, struct error *error)
{
	struct committer *committer = &control->committer;
	struct write_options options;
	struct idempotency_key key;
	struct config_write *write;
	bool durable;

	if (write_options(&options, request->options, true, error))
		return NULL;
	key = (struct idempotency_key){options.owner, options.validate_only ? "" : options.request_id, "",
				       ~request->revision};
	if (config_write_answered(committer, &key, &response->base, error))
		return NULL;
	commit_flush(committer); /* the changes are on top of it */
	if (check_known(control, request->revision, error) ||
	    recorder_durability(&committer->recorder, options.durability, &durable, error) ||
	    confirmation_allows(committer->confirmations, options.owner, options.confirm_seconds, request->revision,
				error))
		return NULL;
	write = config_write_new(committer, &key, error);
	if (!write)
		return NULL;
	write->response = &response->base;
	write->result = &response->result;
	write->commit.changes = &write->changes;
	write->commit.durable = durable;
	write->commit.expected_revision = options.expected_revision;
	config_write_origin(write, options.owner, options.request_id, options.confirm_seconds);
	write->commit.election_id = options.election_id;
	write->commit.origin.rolls_back = true;
	write->commit.origin.rollback_to = request->revision;
	write->commit.origin.undoes = confirmation_find(committer->confirmations, options.owner) != NULL;
	if (!fill_changes(control, write, request->revision, error)) {
		if (!options.validate_only)
			return write;
		dry_run(control, write, &options, response, error);
	}
	config_write_free(write);
	return NULL;
}

void control_submit_rollback(struct control *control, const Sluice__V1__RollbackRequest *request,
			     Sluice__V1__RollbackResponse *response, struct error *error, struct control_answer *answer)
{
	config_write_submit(prepare(control, request, response, error), control_answered, answer);
}

int control_rollback(struct control *control, const Sluice__V1__RollbackRequest *request,
		     Sluice__V1__RollbackResponse *response, struct error *error)
{
	struct control_answer nobody = {control_answer_nobody, NULL};

	control_submit_rollback(control, request, response, error, &nobody);
	commit_flush(&control->committer);
	return error->code == ERROR_NONE ? 0 : -1;
}

int control_confirm(struct control *control, const Sluice__V1__ConfirmCommitRequest *request,
		    Sluice__V1__ConfirmCommitResponse *response, struct error *error)
{
	struct write_options options;
	uint64_t id;
	bool durable;

	if (write_options(&options, request->options, true, error) ||
	    recorder_durability(&control->committer.recorder, options.durability, &durable, error) ||
	    elections_check(&control->committer.recorder.elections, options.owner, options.election_id, false, error) ||
	    commit_confirm(&control->committer, options.owner, request->revision, durable, &id, error))
		return -1;
	response->confirm_id = id;
	response->durability =
		durable ? SLUICE__V1__DURABILITY__DURABILITY_JOURNALED : SLUICE__V1__DURABILITY__DURABILITY_VOLATILE;
	return 0;
}
