/* SPDX-License-Identifier: Apache-2.0 */
/* BeginTransaction, StageChanges, ValidateTransaction, CommitTransaction, AbortTransaction. */
#include <stdlib.h>
#include <string.h>

#include "vnf/access/access.h"
#include "vnf/control/commit/answer.h"
#include "vnf/control/control_state.h"
#include "vnf/control/dry_run.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/commit/transactions.h"
#include "vnf/control/commit/config_write.h"
#include "vnf/control/commit/confirm.h"

#define IDLE_DEFAULT 60
#define IDLE_MAX     3600

static int no_memory(struct error *error)
{
	error_no_memory(error, NULL);
	return -1;
}

int control_begin(struct control *control, const Sluice__V1__BeginTransactionRequest *request,
		  Sluice__V1__BeginTransactionResponse *response, struct error *error)
{
	struct transaction *transaction;
	struct idempotency_entry *entry = NULL;
	struct write_options options;
	struct idempotency_key key;
	bool durable;
	int result;

	commit_flush(&control->committer); /* for the revision that it answers */
	if (write_options(&options, request->options, true, error))
		return -1;
	key = (struct idempotency_key){options.owner, options.request_id, "", 0};
	result = config_write_answered(&control->committer, &key, &response->base, error);
	if (result)
		return result < 0 ? -1 : 0;
	if (request->idle_seconds > IDLE_MAX) {
		error_add(error, ERROR_INVALID_ARGUMENT, "idle_seconds", "%u is out of range: 1 to %d, or 0 for %d",
			  request->idle_seconds, IDLE_MAX, IDLE_DEFAULT);
		return -1;
	}
	if (recorder_durability(&control->committer.recorder, options.durability, &durable, error))
		return -1;
	if (*options.request_id) {
		entry = idempotency_entry_new(&key);
		if (!entry)
			return no_memory(error);
	}
	transaction = transaction_open(control->committer.transactions, &options,
				       request->idle_seconds ? request->idle_seconds : IDLE_DEFAULT, error);
	if (!transaction) {
		idempotency_entry_free(entry);
		return -1;
	}
	if (encode_text(&response->transaction_id, transaction->id)) {
		idempotency_entry_free(entry);
		transaction_close(transaction);
		return no_memory(error);
	}
	response->revision = history_newest(&control->history)->revision;
	response->idle_seconds = transaction->idle_seconds;
	if (entry)
		idempotency_cache_add(control->committer.idempotency, entry, &response->base, NULL);
	return 0;
}

/* NULL and NOT_FOUND: unknown, or expired. What is being committed is committed first. */
static struct transaction *touch(struct control *control, const char *id, struct error *error)
{
	struct transaction *transaction = transaction_touch(control->committer.transactions, id, error);

	if (!transaction || !transaction->committing)
		return transaction;
	commit_flush(&control->committer);
	return transaction_touch(control->committer.transactions, id, error);
}

int control_stage(struct control *control, const char *transaction_id, const Sluice__V1__StageChangesRequest *request,
		  uint64_t *staged, struct error *error)
{
	struct transaction *transaction;

	if (*request->transaction_id && strcmp(request->transaction_id, transaction_id) != 0) {
		error_add(error, ERROR_INVALID_ARGUMENT, "transaction_id",
			  "differs from that of the stream's first message");
		return -1;
	}
	transaction = touch(control, transaction_id, error);
	if (!transaction)
		return -1;
	if (transaction_stage(transaction, request->changes, request->n_changes, error))
		return -1;
	*staged = transaction->changes.count;
	return 0;
}

int control_validate(struct control *control, const Sluice__V1__ValidateTransactionRequest *request,
		     Sluice__V1__ValidateTransactionResponse *response, struct error *error)
{
	struct transaction *transaction = touch(control, request->transaction_id, error);
	struct differences differences;
	struct rehearsal_wish wish;

	if (!transaction || write_rehearsal(&wish, request->rehearsal, NULL, error))
		return -1;
	response->result = control_dry_run(control, &transaction->changes, transaction->expected_revision, &wish,
					   &differences, error);
	if (!response->result)
		return -1;
	response->n_differences = differences.count;
	response->differences = differences.difference;
	return 0;
}

static void dry_run(struct control *control, struct transaction *transaction, uint64_t expected_revision,
		    const struct rehearsal_wish *wish, Sluice__V1__CommitTransactionResponse *response,
		    struct error *error)
{
	struct differences differences;

	response->result =
		control_dry_run(control, &transaction->changes, expected_revision, wish, &differences, error);
	if (response->result)
		differences_free(&differences);
}

/* The write, ready to be committed; NULL: the answer is there already. */
static struct config_write *prepare(struct control *control, const Sluice__V1__CommitTransactionRequest *request,
				    Sluice__V1__CommitTransactionResponse *response, struct error *error)
{
	struct transaction *transaction;
	struct write_options options;
	struct idempotency_key key;
	struct config_write *write;
	bool durable;

	if (write_options(&options, request->options, false, error))
		return NULL;
	key = (struct idempotency_key){options.owner, options.request_id, request->transaction_id, 0};
	if (config_write_answered(&control->committer, &key, &response->base, error))
		return NULL;
	transaction = touch(control, request->transaction_id, error);
	if (!transaction)
		return NULL;
	if (*options.owner && strcmp(options.owner, transaction->owner->text) != 0) {
		error_add(error, ERROR_PERMISSION_DENIED, "options.owner", "the transaction belongs to %s",
			  transaction->owner->text);
		return NULL;
	}
	if (!options.confirm_seconds)
		options.confirm_seconds = transaction->confirm_seconds;
	if (recorder_durability(&control->committer.recorder,
				options.durability ? options.durability : transaction->durability, &durable, error) ||
	    confirmation_allows(control->committer.confirmations, transaction->owner->text, options.confirm_seconds,
				UINT64_MAX, error))
		return NULL;
	key.owner = transaction->owner->text;
	write = config_write_new(&control->committer, &key, error);
	if (!write) {
		transaction_close(transaction);
		return NULL;
	}
	write->transaction = transaction;
	write->response = &response->base;
	write->result = &response->result;
	write->commit.changes = &transaction->changes;
	write->commit.durable = durable;
	write->commit.owner = transaction->owner->text;
	write->commit.election_id = options.election_id ? options.election_id : transaction->election_id;
	config_write_origin(write, transaction->owner->text, options.request_id, options.confirm_seconds);
	write->commit.expected_revision =
		options.expected_revision ? options.expected_revision : transaction->expected_revision;
	if (!options.validate_only && !transaction->validate_only)
		return write;
	dry_run(control, transaction, write->commit.expected_revision,
		options.validate_only ? &options.rehearsal : &transaction->rehearsal, response, error);
	config_write_free(write);
	return NULL;
}

void control_submit_commit(struct control *control, const Sluice__V1__CommitTransactionRequest *request,
			   Sluice__V1__CommitTransactionResponse *response, struct error *error,
			   struct control_answer *answer)
{
	config_write_submit(prepare(control, request, response, error), control_answered, answer);
}

int control_commit(struct control *control, const Sluice__V1__CommitTransactionRequest *request,
		   Sluice__V1__CommitTransactionResponse *response, struct error *error)
{
	struct control_answer nobody = {.done = control_answer_nobody};

	control_submit_commit(control, request, response, error, &nobody);
	commit_flush(&control->committer);
	return error->code == ERROR_NONE ? 0 : -1;
}

int control_abort(struct control *control, const Sluice__V1__AbortTransactionRequest *request, struct error *error)
{
	struct transaction *transaction = touch(control, request->transaction_id, error);

	if (!transaction)
		return -1;
	transaction_close(transaction);
	return 0;
}
