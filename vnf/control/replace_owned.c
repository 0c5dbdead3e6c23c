/* SPDX-License-Identifier: Apache-2.0 */
/* ReplaceOwned: a transaction that its stream stages, and that ends with the deletion of all that was not mentioned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/commit/answer.h"
#include "vnf/control/commit/config_write.h"
#include "vnf/control/commit/owned.h"
#include "vnf/control/commit/transactions.h"
#include "vnf/control/control_state.h"
#include "vnf/control/dry_run.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/core/hash.h"

#define SILENCE_SECONDS 60
#define VRFS_MAX	1024

struct control_replace {
	struct control *control;
	char id[TRANSACTION_ID_TEXT];
	char owner[NAME_BYTES + 1], request_id[NAME_BYTES + 1];
	uint64_t digest; /* of scope and changes */
	struct scope scope;
	bool begun; /* the first message has been staged */
	bool validate_only;
	struct rehearsal_wish rehearsal; /* with that */
};

static void no_memory(struct error *error)
{
	error_no_memory(error, "nothing was changed");
}

static void take_kinds(struct scope *scope, const Sluice__V1__ReplaceOwnedRequest *request, struct error *error)
{
	for (size_t i = 0; i < request->n_kinds; i++) {
		const struct kind_ops *ops = kind_ops((enum resource_kind)request->kinds[i]);
		char path[32];

		snprintf(path, sizeof(path), "kinds[%zu]", i);
		if (!ops)
			error_add(error, ERROR_INVALID_ARGUMENT, path, "%d is no kind of resource",
				  (int)request->kinds[i]);
		else if (request->n_vrfs && !ops->vrf)
			error_add(error, ERROR_INVALID_ARGUMENT, path, "a %s is of no VRF: leave out vrfs, or this",
				  ops->label);
		else
			scope->kinds |= 1U << ops->kind;
	}
	for (int kind = kind_after(0); kind < RESOURCE_KINDS && !request->n_kinds; kind = kind_after(kind))
		if (!request->n_vrfs || kind_ops((enum resource_kind)kind)->vrf)
			scope->kinds |= 1U << kind;
}

static void take_vrfs(struct scope *scope, const Sluice__V1__ReplaceOwnedRequest *request, struct error *error)
{
	struct decoder decoder = {.error = error};
	size_t above;

	if (request->n_vrfs > VRFS_MAX) {
		error_add(error, ERROR_INVALID_ARGUMENT, "vrfs", "has %zu names: at most %d", request->n_vrfs,
			  VRFS_MAX);
		return;
	}
	scope->vrf = calloc(request->n_vrfs + 1, sizeof(*scope->vrf));
	if (!scope->vrf)
		no_memory(error);
	for (; scope->vrf && scope->vrfs < request->n_vrfs; scope->vrfs++) {
		above = decoder_enter_element(&decoder, "vrfs", scope->vrfs);
		decode_text(&decoder, "", request->vrfs[scope->vrfs], false);
		decoder_leave(&decoder, above);
		scope->vrf[scope->vrfs] = strdup(request->vrfs[scope->vrfs]);
		if (!scope->vrf[scope->vrfs]) {
			no_memory(error);
			return;
		}
	}
}

/* So that a request id that comes with another scope is another write's. */
static uint64_t digest_scope(const struct scope *scope)
{
	uint64_t digest = HASH_SEED ^ scope->kinds;

	for (size_t i = 0; i < scope->vrfs; i++)
		digest = hash_bytes(digest, scope->vrf[i], strlen(scope->vrf[i]) + 1);
	return digest;
}

void control_replace_free(struct control_replace *replace)
{
	struct transaction *transaction;
	struct error ignored = {0};

	if (!replace)
		return;
	if (*replace->id) {
		transaction = transaction_touch(replace->control->committer.transactions, replace->id, &ignored);
		if (transaction)
			transaction_close(transaction);
	}
	for (size_t i = 0; i < replace->scope.vrfs; i++)
		free(replace->scope.vrf[i]);
	free(replace->scope.vrf);
	free(replace);
}

struct control_replace *control_replace_begin(struct control *control, const Sluice__V1__ReplaceOwnedRequest *request,
					      struct error *error)
{
	struct control_replace *replace = calloc(1, sizeof(*replace));
	struct transaction *transaction;
	struct write_options options;
	bool durable;

	if (!replace) {
		no_memory(error);
		return NULL;
	}
	replace->control = control;
	take_kinds(&replace->scope, request, error);
	take_vrfs(&replace->scope, request, error);
	if (write_options(&options, request->options, true, error) || error->count ||
	    recorder_durability(&control->committer.recorder, options.durability, &durable, error))
		goto err;
	transaction = transaction_open(control->committer.transactions, &options, SILENCE_SECONDS, error);
	if (!transaction)
		goto err;
	memcpy(replace->id, transaction->id, sizeof(replace->id));
	strcpy(replace->owner, options.owner);
	strcpy(replace->request_id, options.validate_only ? "" : options.request_id);
	replace->validate_only = options.validate_only;
	replace->rehearsal = options.rehearsal;
	replace->digest = digest_scope(&replace->scope);
	return replace;

err:
	control_replace_free(replace);
	return NULL;
}

static struct transaction *touch(struct control_replace *replace, struct error *error)
{
	struct error unknown = {0};
	struct transaction *transaction =
		transaction_touch(replace->control->committer.transactions, replace->id, &unknown);

	if (!transaction)
		error_add(error, ERROR_ABORTED, NULL,
			  "nothing came for %d s, and what had come was dropped: send it all again", SILENCE_SECONDS);
	return transaction;
}

static void check_first_only(const struct control_replace *replace, const Sluice__V1__ReplaceOwnedRequest *request,
			     struct error *error)
{
	if (replace->begun && (request->options || request->n_kinds || request->n_vrfs))
		error_add(error, ERROR_INVALID_ARGUMENT,
			  request->options   ? "options"
			  : request->n_kinds ? "kinds"
					     : "vrfs",
			  "belongs into the stream's first message");
}

static void check_operations(const Sluice__V1__ReplaceOwnedRequest *request, size_t first, struct error *error)
{
	char path[48];

	for (size_t i = 0; i < request->n_changes; i++) {
		if (request->changes[i]->op == SLUICE__V1__OPERATION__OPERATION_UPSERT)
			continue;
		snprintf(path, sizeof(path), "changes[%zu].op", first + i);
		error_add(error, ERROR_INVALID_ARGUMENT, path,
			  "only UPSERT: what the stream does not mention is deleted");
	}
}

static void check_scope(const struct control_replace *replace, const struct changes *changes, size_t first,
			struct error *error)
{
	char path[CHANGE_PATH_TEXT];

	for (size_t i = first; i < changes->count; i++)
		if (!scope_has(&replace->scope, changes->resource[i]))
			error_add(error, ERROR_INVALID_ARGUMENT, changes_path(changes, i, path),
				  "is not of the kinds and vrfs of the first message");
}

int control_replace_stage(struct control_replace *replace, const Sluice__V1__ReplaceOwnedRequest *request,
			  struct error *error)
{
	struct transaction *transaction;
	size_t first;

	check_first_only(replace, request, error);
	replace->begun = true;
	transaction = touch(replace, error);
	if (!transaction)
		return -1;
	first = transaction->changes.count;
	check_operations(request, first, error);
	if (error->count || transaction_stage(transaction, request->changes, request->n_changes, error))
		return -1;
	check_scope(replace, &transaction->changes, first, error);
	/* each by itself, so that it does not matter how they are divided among messages */
	for (size_t i = 0; i < request->n_changes && *replace->request_id; i++)
		replace->digest = (replace->digest ^ idempotency_digest(&request->changes[i], 1)) * HASH_PRIME;
	return error->count ? -1 : 0;
}

static void dry_run(struct control_replace *replace, struct transaction *transaction,
		    Sluice__V1__ReplaceOwnedResponse *response, struct error *error)
{
	struct differences differences;

	response->result = control_dry_run(replace->control, &transaction->changes, transaction->expected_revision,
					   &replace->rehearsal, &differences, error);
	if (!response->result)
		return;
	response->n_differences = differences.count;
	response->differences = differences.difference;
}

/* The write, ready to be committed; NULL: the answer is there already. */
static struct config_write *prepare(struct control_replace *replace, Sluice__V1__ReplaceOwnedResponse *response,
				    struct error *error)
{
	struct control *control = replace->control;
	const struct idempotency_key key = {replace->owner, replace->request_id, "",
					    replace->digest ? replace->digest : 1};
	struct transaction *transaction;
	struct config_write *write;
	bool durable;

	if (config_write_answered(&control->committer, &key, &response->base, error))
		return NULL;
	commit_flush(&control->committer); /* what would be deleted is what the commit is based on */
	transaction = touch(replace, error);
	if (!transaction || recorder_durability(&control->committer.recorder, transaction->durability, &durable, error))
		return NULL;
	if (owned_delete_others(&transaction->changes, history_newest(&control->history), transaction->owner,
				&replace->scope)) {
		no_memory(error);
		return NULL;
	}
	if (replace->validate_only) {
		dry_run(replace, transaction, response, error);
		return NULL;
	}
	write = config_write_new(&control->committer, &key, error);
	if (!write)
		return NULL;
	write->transaction = transaction;
	write->response = &response->base;
	write->result = &response->result;
	write->commit.changes = &transaction->changes;
	write->commit.durable = durable;
	write->commit.owner = transaction->owner->text;
	write->commit.election_id = transaction->election_id;
	config_write_origin(write, replace->owner, replace->request_id, transaction->confirm_seconds);
	write->commit.expected_revision = transaction->expected_revision;
	return write;
}

void control_submit_replace(struct control_replace *replace, Sluice__V1__ReplaceOwnedResponse *response,
			    struct error *error, struct control_answer *answer)
{
	config_write_submit(prepare(replace, response, error), control_answered, answer);
}
