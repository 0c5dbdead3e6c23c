/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/system_service.pb-c.h"
#include "vnf/ctl/rehearsal.h"

#define ONE_CALL_CHANGES 10000	    /* as many as there are results in an answer */
#define ONE_CALL_BYTES	 (2U << 20) /* half of what gRPC servers commonly accept */
#define IDLE_SECONDS	 900	    /* time to read a diff */

static const ProtobufCServiceDescriptor *const config = &sluice__v1__config_service__descriptor;

void submission_forget_answer(struct submission *submission)
{
	protobuf_c_message_free_unpacked(submission->answer, NULL);
	submission->answer = NULL;
	submission->result = NULL;
	submission->difference = NULL;
	submission->difference_count = 0;
}

static int fits_one_call(const struct change_list *list)
{
	size_t bytes = 0;

	if (list->count > ONE_CALL_CHANGES)
		return 0;
	for (size_t i = 0; i < list->count; i++)
		bytes += protobuf_c_message_get_packed_size(&list->change[i]->base) + 8;
	return bytes <= ONE_CALL_BYTES;
}

int session_revision(struct session *session, uint64_t *revision)
{
	Sluice__V1__GetSystemRequest request = SLUICE__V1__GET_SYSTEM_REQUEST__INIT;
	Sluice__V1__GetSystemResponse *system;
	struct error error;

	system = (Sluice__V1__GetSystemResponse *)session_call(session, &sluice__v1__system_service__descriptor,
							       "GetSystem", &request.base, &error);
	if (!system)
		return session_report(&error, NULL, 0);
	*revision = system->revision;
	sluice__v1__get_system_response__free_unpacked(system, NULL);
	return DONE;
}

int submission_has_result(const struct submission *submission)
{
	if (submission->result)
		return DONE;
	fprintf(stderr, "error: the server's answer lacks its result\n");
	return FAILED;
}

Sluice__V1__WriteOptions submission_options(const struct submission *submission)
{
	const struct options *asked = submission->session->options;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;

	options.owner = (char *)asked->owner;
	options.election_id = asked->election_id;
	options.durability = asked->durability;
	options.expected_revision = submission->revision;
	options.confirm_seconds = asked->confirm_seconds;
	return options;
}

static int apply(struct submission *submission, bool validate_only)
{
	Sluice__V1__WriteOptions options = submission_options(submission);
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__ApplyChangesResponse *response;
	Sluice__V1__Rehearsal rehearsal;
	struct error error;

	options.validate_only = validate_only;
	if (validate_only)
		options.rehearsal = rehearsal_wished(submission->session, &rehearsal);
	request.options = &options;
	request.changes = submission->list->change;
	request.n_changes = submission->list->count;
	submission_forget_answer(submission);
	submission->answer = session_call(submission->session, config, "ApplyChanges", &request.base, &error);
	if (!submission->answer)
		return session_report(&error, submission->list, 0);
	response = (Sluice__V1__ApplyChangesResponse *)submission->answer;
	submission->result = response->result;
	submission->difference = response->differences;
	submission->difference_count = response->n_differences;
	return submission_has_result(submission);
}

/* A call that tries may be followed by the same that does it. */
static int in_one_call(struct submission *submission, bool validate_only)
{
	return submission->session->options->prune ? submission_replace(submission, validate_only)
						   : apply(submission, validate_only);
}

static int begin(struct submission *submission)
{
	Sluice__V1__WriteOptions options = submission_options(submission);
	Sluice__V1__BeginTransactionRequest request = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse *response;
	struct error error;

	request.options = &options;
	request.idle_seconds = IDLE_SECONDS;
	response = (Sluice__V1__BeginTransactionResponse *)session_call(submission->session, config, "BeginTransaction",
									&request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	submission->transaction = strdup(response->transaction_id);
	if (!submission->revision)
		submission->revision = response->revision;
	sluice__v1__begin_transaction_response__free_unpacked(response, NULL);
	return submission->transaction ? DONE : out_of_memory();
}

static int validate_transaction(struct submission *submission)
{
	Sluice__V1__ValidateTransactionRequest request = SLUICE__V1__VALIDATE_TRANSACTION_REQUEST__INIT;
	Sluice__V1__ValidateTransactionResponse *response;
	Sluice__V1__Rehearsal rehearsal;
	struct error error;

	request.transaction_id = submission->transaction;
	request.rehearsal = rehearsal_wished(submission->session, &rehearsal);
	submission_forget_answer(submission);
	submission->answer = session_call(submission->session, config, "ValidateTransaction", &request.base, &error);
	if (!submission->answer)
		return session_report(&error, submission->list, 0);
	response = (Sluice__V1__ValidateTransactionResponse *)submission->answer;
	submission->result = response->result;
	submission->difference = response->differences;
	submission->difference_count = response->n_differences;
	return submission_has_result(submission);
}

static int commit_transaction(struct submission *submission)
{
	Sluice__V1__WriteOptions options = submission_options(submission);
	Sluice__V1__CommitTransactionRequest request = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	struct error error;

	request.transaction_id = submission->transaction;
	request.options = &options;
	submission_forget_answer(submission);
	submission->answer = session_call(submission->session, config, "CommitTransaction", &request.base, &error);
	if (!submission->answer)
		return session_report(&error, submission->list, 0);
	free(submission->transaction);
	submission->transaction = NULL;
	submission->result = ((Sluice__V1__CommitTransactionResponse *)submission->answer)->result;
	return submission_has_result(submission);
}

int submission_validate(struct submission *submission)
{
	uint64_t staged;
	int rc = DONE;

	submission->revision = submission->session->options->expected_revision;
	if (submission->session->options->prune || fits_one_call(submission->list)) {
		if (!submission->revision)
			rc = session_revision(submission->session, &submission->revision);
		return rc ? rc : in_one_call(submission, true);
	}
	rc = begin(submission);
	if (rc == DONE)
		rc = stage_changes(submission->session, submission->transaction, submission->list, &staged);
	return rc ? rc : validate_transaction(submission);
}

int submission_commit(struct submission *submission)
{
	return submission->transaction ? commit_transaction(submission) : in_one_call(submission, false);
}

void submission_end(struct submission *submission)
{
	submission_forget_answer(submission);
	if (submission->transaction) {
		Sluice__V1__AbortTransactionRequest request = SLUICE__V1__ABORT_TRANSACTION_REQUEST__INIT;
		struct error error;

		/* If this fails the transaction is gone already, or expires. */
		request.transaction_id = submission->transaction;
		protobuf_c_message_free_unpacked(
			session_call(submission->session, config, "AbortTransaction", &request.base, &error), NULL);
		free(submission->transaction);
	}
	submission->transaction = NULL;
}
