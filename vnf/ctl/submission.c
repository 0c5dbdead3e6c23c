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

static void forget_answer(struct submission *submission)
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

static int incomplete_answer(void)
{
	fprintf(stderr, "error: the server's answer lacks its result\n");
	return FAILED;
}

static int apply_in_one_call(struct submission *submission, int validate_only)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__ApplyChangesRequest request = SLUICE__V1__APPLY_CHANGES_REQUEST__INIT;
	Sluice__V1__ApplyChangesResponse *response;
	Sluice__V1__Rehearsal rehearsal;
	struct error error;

	options.owner = (char *)submission->session->options->owner;
	options.election_id = submission->session->options->election_id;
	options.durability = submission->session->options->durability;
	options.expected_revision = submission->revision;
	options.validate_only = validate_only;
	if (validate_only)
		options.rehearsal = rehearsal_wished(submission->session, &rehearsal);
	options.confirm_seconds = submission->session->options->confirm_seconds;
	request.options = &options;
	request.changes = submission->list->change;
	request.n_changes = submission->list->count;
	forget_answer(submission);
	submission->answer = session_call(submission->session, config, "ApplyChanges", &request.base, &error);
	if (!submission->answer)
		return session_report(&error, submission->list, 0);
	response = (Sluice__V1__ApplyChangesResponse *)submission->answer;
	submission->result = response->result;
	submission->difference = response->differences;
	submission->difference_count = response->n_differences;
	return submission->result ? DONE : incomplete_answer();
}

static int begin(struct submission *submission)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__BeginTransactionRequest request = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse *response;
	struct error error;

	options.owner = (char *)submission->session->options->owner;
	options.election_id = submission->session->options->election_id;
	options.durability = submission->session->options->durability;
	options.expected_revision = submission->revision;
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
	forget_answer(submission);
	submission->answer = session_call(submission->session, config, "ValidateTransaction", &request.base, &error);
	if (!submission->answer)
		return session_report(&error, submission->list, 0);
	response = (Sluice__V1__ValidateTransactionResponse *)submission->answer;
	submission->result = response->result;
	submission->difference = response->differences;
	submission->difference_count = response->n_differences;
	return submission->result ? DONE : incomplete_answer();
}

static int commit_transaction(struct submission *submission)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__CommitTransactionRequest request = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	struct error error;

	options.owner = (char *)submission->session->options->owner;
	options.election_id = submission->session->options->election_id;
	options.durability = submission->session->options->durability;
	options.expected_revision = submission->revision;
	options.confirm_seconds = submission->session->options->confirm_seconds;
	request.transaction_id = submission->transaction;
	request.options = &options;
	forget_answer(submission);
	submission->answer = session_call(submission->session, config, "CommitTransaction", &request.base, &error);
	if (!submission->answer)
		return session_report(&error, submission->list, 0);
	free(submission->transaction);
	submission->transaction = NULL;
	submission->result = ((Sluice__V1__CommitTransactionResponse *)submission->answer)->result;
	return submission->result ? DONE : incomplete_answer();
}

int submission_validate(struct submission *submission)
{
	uint64_t staged;
	int rc = DONE;

	submission->revision = submission->session->options->expected_revision;
	if (fits_one_call(submission->list)) {
		if (!submission->revision)
			rc = session_revision(submission->session, &submission->revision);
		return rc ? rc : apply_in_one_call(submission, 1);
	}
	rc = begin(submission);
	if (rc == DONE)
		rc = stage_changes(submission->session, submission->transaction, submission->list, &staged);
	return rc ? rc : validate_transaction(submission);
}

int submission_commit(struct submission *submission)
{
	return submission->transaction ? commit_transaction(submission) : apply_in_one_call(submission, 0);
}

void submission_end(struct submission *submission)
{
	forget_answer(submission);
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
