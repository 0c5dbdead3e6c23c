/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/write.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/control/commit/transactions.h"
#include "vnf/control/control_state.h"
#include "vnf/control/resources/names.h"

static void done(struct commit *commit)
{
	struct write *write = (struct write *)commit;
	struct control_answer *answer = write->answer;

	*write->result = commit->result;
	if (commit->result && commit->entry) {
		replay_add(write->control->replay, commit->entry, write->response, commit->result);
		commit->entry = NULL;
	}
	write_free(write);
	answer->done(answer);
}

struct write *write_new(struct control *control, const struct replay_key *key, struct error *error)
{
	struct write *write = calloc(1, sizeof(*write));

	if (!write)
		goto err;
	write->control = control;
	write->commit.error = error;
	write->commit.done = done;
	if (*key->request_id) {
		write->commit.entry = replay_entry_new(key);
		if (!write->commit.entry)
			goto err;
	}
	return write;

err:
	free(write);
	error_no_memory(error, NULL);
	return NULL;
}

/* After these a client may commit the same transaction again. */
static bool keeps_transaction(const struct error *error)
{
	return error->code == ERROR_UNAVAILABLE || error->code == ERROR_ABORTED;
}

void write_free(struct write *write)
{
	struct names *names = write->control->names;

	if (write->transaction) {
		write->transaction->committing = false;
		if (!keeps_transaction(write->commit.error))
			transaction_close(write->transaction);
	}
	replay_entry_free(write->commit.entry);
	changes_clear(&write->changes, names);
	names_put(names, write->owner);
	free(write);
}

void write_submit(struct write *write, struct control_answer *answer)
{
	if (!write) {
		answer->done(answer);
		return;
	}
	write->answer = answer;
	if (write->transaction)
		write->transaction->committing = true;
	commit_add(write->control, &write->commit);
}

void write_answer_nobody(struct control_answer *answer)
{
	(void)answer;
}

int write_replayed(struct control *control, const struct replay_key *key, ProtobufCMessage *response,
		   struct error *error)
{
	ProtobufCMessage *answered;
	int result;

	if (commit_waits(control, key))
		commit_flush(control);
	result = replay_find(control->replay, key, response->descriptor, &answered, error);
	if (result <= 0)
		return result;
	memcpy(response, answered, response->descriptor->sizeof_message);
	free(answered);
	return 1;
}
