/* SPDX-License-Identifier: Apache-2.0 */
/* ApplyChanges: a write in one call. */
#include <stdlib.h>
#include <string.h>

#include "vnf/control/commit/answer.h"
#include "vnf/control/control_state.h"
#include "vnf/control/resources/encode.h"
#include "vnf/control/resources/names.h"
#include "vnf/control/commit/options.h"
#include "vnf/control/commit/replay.h"

#define CHANGES_MAX 100000

static int dry_run(struct control *control, struct changes *changes, uint64_t expected_revision,
		   Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	struct differences differences;

	response->result = commit_dry_run(control, changes, expected_revision, &differences, error);
	if (!response->result)
		return -1;
	response->n_differences = differences.count;
	response->differences = differences.difference;
	return 0;
}

static int write_changes(struct control *control, struct changes *changes, const struct write_options *options,
			 Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	const struct replay_key key = {options->owner, options->request_id, ""};
	struct replay_entry *entry = NULL;

	if (options->validate_only)
		return dry_run(control, changes, options->expected_revision, response, error);
	if (*options->request_id) {
		entry = replay_entry_new(&key);
		if (!entry) {
			error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
			return -1;
		}
	}
	response->result = commit_changes(control, changes, options->expected_revision, error);
	if (!response->result) {
		replay_entry_free(entry);
		return -1;
	}
	if (entry)
		replay_add(control->replay, entry, &response->base, response->result);
	return 0;
}

int control_apply(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
		  Sluice__V1__ApplyChangesResponse *response, struct error *error)
{
	struct write_options options;
	struct changes changes = {0};
	ProtobufCMessage *answered;
	struct name *owner;
	int result;

	if (write_options(&options, request->options, true, error))
		return -1;
	if (!options.validate_only) {
		result = replay_find(control->replay, &(struct replay_key){options.owner, options.request_id, ""},
				     response->base.descriptor, &answered, error);
		if (result < 0)
			return -1;
		if (result > 0) {
			memcpy(response, answered, sizeof(*response));
			free(answered);
			return 0;
		}
	}
	if (request->n_changes < 1 || request->n_changes > CHANGES_MAX) {
		error_add(error, ERROR_INVALID_ARGUMENT, "changes",
			  "has %zu changes: 1 to %d; use a transaction for more", request->n_changes, CHANGES_MAX);
		return -1;
	}
	owner = names_get(control->names, NAME_OWNER, options.owner);
	if (!owner) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
		return -1;
	}
	result = changes_add(&changes, control->names, owner, request->changes, request->n_changes, 0, error);
	if (!result)
		result = write_changes(control, &changes, &options, response, error);
	changes_clear(&changes, control->names);
	names_put(control->names, owner);
	return result;
}
