/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/config_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/access/access.h"
#include "vnf/control/commit/transactions.h"
#include "vnf/control/commit/committer.h"
#include "vnf/control/kinds/handles.h"

/* Whatever is wrong with them, what is there now is in their way. */
void rollback_explain(struct error *error)
{
	for (size_t i = 0; i < error->count && i < ERROR_FAULTS; i++)
		if (strncmp(error->fault[i].field, "changes[", 8) == 0)
			snprintf(error->fault[i].field, sizeof(error->fault[i].field), "revision");
	switch (error->code) {
	case ERROR_INVALID_ARGUMENT:
	case ERROR_NOT_FOUND:
	case ERROR_ALREADY_EXISTS:
	case ERROR_PERMISSION_DENIED:
		error->code = ERROR_FAILED_PRECONDITION;
		break;
	default:
		break;
	}
}

static void done(struct commit *commit)
{
	struct config_write *write = (struct config_write *)commit;
	void (*answered)(void *context) = write->answered;
	void *context = write->context;

	if (!commit->result && commit->origin.rolls_back)
		rollback_explain(commit->error);
	*write->result = commit->result;
	if (commit->result && commit->entry) {
		idempotency_cache_add(write->committer->idempotency, commit->entry, write->response, commit->result);
		commit->entry = NULL;
	}
	config_write_free(write);
	answered(context);
}

struct config_write *config_write_new(struct committer *committer, const struct idempotency_key *key,
				      struct error *error)
{
	struct config_write *write = calloc(1, sizeof(*write));

	if (!write)
		goto err;
	write->committer = committer;
	write->commit.caller = access_caller_get(access_current());
	write->commit.error = error;
	write->commit.done = done;
	if (*key->request_id) {
		write->commit.entry = idempotency_entry_new(key);
		if (!write->commit.entry)
			goto err;
	}
	return write;

err:
	if (write)
		access_caller_put(write->commit.caller);
	free(write);
	error_no_memory(error, NULL);
	return NULL;
}

void config_write_origin(struct config_write *write, const char *owner, const char *request_id,
			 uint32_t confirm_seconds)
{
	struct commit_origin *origin = &write->commit.origin;

	snprintf(origin->owner, sizeof(origin->owner), "%s", owner);
	snprintf(origin->request_id, sizeof(origin->request_id), "%s", request_id);
	origin->confirm_seconds = confirm_seconds;
}

/* After these a client may commit the same transaction again. */
static bool keeps_transaction(const struct error *error)
{
	return error->code == ERROR_UNAVAILABLE || error->code == ERROR_ABORTED;
}

void config_write_free(struct config_write *write)
{
	struct handles *handles = write->committer->handles;

	if (write->transaction) {
		write->transaction->committing = false;
		if (!keeps_transaction(write->commit.error))
			transaction_close(write->transaction);
	}
	idempotency_entry_free(write->commit.entry);
	access_caller_put(write->commit.caller);
	changes_clear(&write->changes, handles);
	handles_put(handles, write->owner);
	free(write);
}

/* Where the caller has not said it, a write comes from the owner of its changes. */
static void complete_origin(struct config_write *write)
{
	const struct transaction *transaction = write->transaction;

	if (*write->commit.origin.owner)
		return;
	if (transaction)
		config_write_origin(write, transaction->owner->text, "", transaction->confirm_seconds);
	else if (write->owner)
		config_write_origin(write, write->owner->text, "", 0);
}

void config_write_submit(struct config_write *write, void (*answered)(void *context), void *context)
{
	if (!write) {
		answered(context);
		return;
	}
	complete_origin(write);
	write->answered = answered;
	write->context = context;
	if (write->transaction)
		write->transaction->committing = true;
	commit_add(write->committer, &write->commit);
}

int config_write_answered(struct committer *committer, const struct idempotency_key *key, ProtobufCMessage *response,
			  struct error *error)
{
	ProtobufCMessage *answered;
	int result;

	if (commit_waits(committer, key))
		commit_flush(committer);
	result = idempotency_cache_find(committer->idempotency, key, response->descriptor, &answered, error);
	if (result <= 0)
		return result;
	memcpy(response, answered, response->descriptor->sizeof_message);
	free(answered);
	return 1;
}
