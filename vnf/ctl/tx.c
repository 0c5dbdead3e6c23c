/* SPDX-License-Identifier: Apache-2.0 */
/* tx: a transaction by hand, for scripts that stage over time. */
#include <inttypes.h>
#include <stdio.h>

#include "vnf/ctl/commands.h"
#include "vnf/ctl/rehearsal.h"
#include "vnf/ctl/report.h"

static const ProtobufCServiceDescriptor *const config = &sluice__v1__config_service__descriptor;

int command_tx_begin(void *context, char **arguments)
{
	struct session *session = context;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__BeginTransactionRequest request = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse *response;
	struct error error;

	(void)arguments;
	options.owner = (char *)session->options->owner;
	options.election_id = session->options->election_id;
	options.durability = session->options->durability;
	options.expected_revision = session->options->expected_revision;
	request.options = &options;
	request.idle_seconds = session->options->idle_seconds;
	response = (Sluice__V1__BeginTransactionResponse *)session_call(session, config, "BeginTransaction",
									&request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	/* Only the id goes to stdout: id=$(sluicectl tx begin) */
	printf("%s\n", response->transaction_id);
	fprintf(stderr, "at revision %" PRIu64 "; expires when idle for %u s\n", response->revision,
		response->idle_seconds);
	sluice__v1__begin_transaction_response__free_unpacked(response, NULL);
	return DONE;
}

int command_tx_stage(void *context, char **arguments)
{
	struct session *session = context;
	struct change_list list = {0};
	uint64_t staged = 0;
	int rc = FAILED;

	if (session->options->file_count)
		rc = session_read_files(session, &list);
	else
		fprintf(stderr, "error: which file? -f FILE, or -f - for the standard input\n");
	if (rc == DONE)
		rc = stage_changes(session, arguments[0], &list, &staged);
	if (rc == DONE)
		printf("%" PRIu64 " change%s staged\n", staged, staged == 1 ? "" : "s");
	change_list_free(&list);
	return rc;
}

int command_tx_validate(void *context, char **arguments)
{
	struct session *session = context;
	Sluice__V1__ValidateTransactionRequest request = SLUICE__V1__VALIDATE_TRANSACTION_REQUEST__INIT;
	Sluice__V1__ValidateTransactionResponse *response;
	struct submission submission = {.session = session};
	Sluice__V1__Rehearsal rehearsal;
	struct error error;
	char counts[160];
	int rc = FAILED;

	request.transaction_id = arguments[0];
	request.rehearsal = rehearsal_wished(session, &rehearsal);
	response = (Sluice__V1__ValidateTransactionResponse *)session_call(session, config, "ValidateTransaction",
									   &request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	submission.result = response->result;
	submission.difference = response->differences;
	submission.difference_count = response->n_differences;
	if (submission.result)
		rc = print_differences(&submission);
	if (rc == DONE)
		printf("would be: %s\n", counts_text(submission.result, counts, sizeof(counts)));
	sluice__v1__validate_transaction_response__free_unpacked(response, NULL);
	return rc;
}

int command_tx_commit(void *context, char **arguments)
{
	struct session *session = context;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__CommitTransactionRequest request = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	Sluice__V1__CommitTransactionResponse *response;
	struct error error;

	options.owner = (char *)session->options->owner;
	options.election_id = session->options->election_id;
	options.durability = session->options->durability;
	options.expected_revision = session->options->expected_revision;
	options.confirm_seconds = session->options->confirm_seconds;
	request.transaction_id = arguments[0];
	request.options = &options;
	response = (Sluice__V1__CommitTransactionResponse *)session_call(session, config, "CommitTransaction",
									 &request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	if (response->result)
		print_result(session, response->result);
	sluice__v1__commit_transaction_response__free_unpacked(response, NULL);
	return DONE;
}

int command_tx_abort(void *context, char **arguments)
{
	struct session *session = context;
	Sluice__V1__AbortTransactionRequest request = SLUICE__V1__ABORT_TRANSACTION_REQUEST__INIT;
	ProtobufCMessage *response;
	struct error error;

	request.transaction_id = arguments[0];
	response = session_call(session, config, "AbortTransaction", &request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	protobuf_c_message_free_unpacked(response, NULL);
	return DONE;
}
