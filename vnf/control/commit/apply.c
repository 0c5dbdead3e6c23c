/* SPDX-License-Identifier: Apache-2.0 */
/* ApplyChanges: a write in one call. */
#include <stdlib.h>

#include "vnf/control/commit/options.h"
#include "vnf/control/commit/config_write.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/handles.h"

#define CHANGES_MAX 100000

static void dry_run(struct config_write *write, const struct write_options *options,
		    Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	struct differences differences;

	response->result =
		commit_dry_run(write->control, &write->changes, options->expected_revision, &differences, error);
	if (!response->result)
		return;
	response->n_differences = differences.count;
	response->differences = differences.difference;
}

/* The write, ready to be committed; NULL: the answer is there already. */
static struct config_write *prepare(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
				    Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	struct write_options options;
	struct idempotency_key key;
	struct config_write *write;

	if (write_options(&options, request->options, true, error))
		return NULL;
	key = (struct idempotency_key){options.owner, options.validate_only ? "" : options.request_id, ""};
	if (config_write_answered(control, &key, &response->base, error))
		return NULL;
	if (request->n_changes < 1 || request->n_changes > CHANGES_MAX) {
		error_add(error, ERROR_INVALID_ARGUMENT, "changes",
			  "has %zu changes: 1 to %d; use a transaction for more", request->n_changes, CHANGES_MAX);
		return NULL;
	}
	write = config_write_new(control, &key, error);
	if (!write)
		return NULL;
	write->response = &response->base;
	write->result = &response->result;
	write->commit.changes = &write->changes;
	write->commit.expected_revision = options.expected_revision;
	write->owner = handles_get(control->handles, HANDLE_OWNER, options.owner);
	if (!write->owner)
		error_no_memory(error, NULL);
	else if (!changes_add(&write->changes, control->handles, write->owner, request->changes, request->n_changes, 0,
			      error) &&
		 !options.validate_only)
		return write;
	if (error->code == ERROR_NONE)
		dry_run(write, &options, response, error);
	config_write_free(write);
	return NULL;
}

void control_submit_apply(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
			  Sluice__V1__ApplyChangesResponse *response, struct error *error,
			  struct control_answer *answer)
{
	config_write_submit(prepare(control, request, response, error), answer);
}

int control_apply(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
		  Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	struct control_answer nobody = {config_write_answer_nobody};

	control_submit_apply(control, request, response, error, &nobody);
	commit_flush(control);
	return error->code == ERROR_NONE ? 0 : -1;
}
