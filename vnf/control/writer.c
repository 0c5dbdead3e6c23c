/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/writer.h"

#include "vnf/control/commit/config_write.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/control_state.h"
#include "vnf/control/dry_run.h"
#include "vnf/control/kinds/handles.h"

static void dry_run(struct control *control, struct config_write *write, const struct write_options *options,
		    Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	struct differences differences;

	response->result = control_dry_run(control, &write->changes, options->expected_revision, &options->rehearsal,
					   &differences, error);
	if (!response->result)
		return;
	response->n_differences = differences.count;
	response->differences = differences.difference;
}

/* The write, ready to be committed; NULL: the answer is there already. */
static struct config_write *prepare(struct control *control, const struct writer_request *request,
				    Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	const struct write_options *options = &request->options;
	const bool remembered = *options->request_id && !options->validate_only;
	const struct idempotency_key key = {options->owner, remembered ? options->request_id : "", "",
					    remembered ? idempotency_digest(request->changes, request->count) : 0};
	struct config_write *write;
	bool durable;

	if (config_write_answered(&control->committer, &key, &response->base, error))
		return NULL;
	if (request->count < 1 || request->count > WRITER_CHANGES) {
		error_add(error, ERROR_INVALID_ARGUMENT, "changes",
			  "has %zu changes: 1 to %d; use a transaction for more", request->count, WRITER_CHANGES);
		return NULL;
	}
	if (recorder_durability(&control->committer.recorder, options->durability, &durable, error) ||
	    confirmation_allows(control->committer.confirmations, options->owner, options->confirm_seconds, UINT64_MAX,
				error))
		return NULL;
	write = config_write_new(&control->committer, &key, error);
	if (!write)
		return NULL;
	write->response = &response->base;
	write->result = &response->result;
	write->commit.changes = &write->changes;
	write->commit.durable = durable;
	write->commit.stopped = request->stopped;
	config_write_origin(write, options->owner, options->request_id, options->confirm_seconds);
	write->commit.expected_revision = options->expected_revision;
	write->commit.election_id = options->election_id;
	write->owner = handles_get(control->handles, HANDLE_OWNER, options->owner);
	write->commit.owner = write->owner ? write->owner->text : NULL;
	if (!write->owner)
		error_no_memory(error, NULL);
	else if (!changes_add(&write->changes, control->handles, write->owner, request->changes, request->count, 0,
			      error) &&
		 !options->validate_only)
		return write;
	if (error->code == ERROR_NONE)
		dry_run(control, write, options, response, error);
	config_write_free(write);
	return NULL;
}

void writer_submit(struct control *control, const struct writer_request *request,
		   Sluice__V1__ApplyChangesResponse *response, struct error *error, struct control_answer *answer)
{
	config_write_submit(prepare(control, request, response, error), control_answered, answer);
}

void writer_flush(struct control *control)
{
	commit_flush(&control->committer);
}
