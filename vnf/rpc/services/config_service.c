/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/config_service.h"

#include <stdlib.h>

#include "vnf/control/control.h"
#include "vnf/rpc/call.h"

/* A write that may share one flip with others, and is answered when that flip is done. */
struct submission {
	struct control_answer answer;
	struct rpc_call *call;
	ProtobufCMessage *response;
	struct error error;
};

static void answer_submission(struct control_answer *answer)
{
	struct submission *submission = (struct submission *)answer;

	rpc_finish(submission->call, submission->response, &submission->error);
	protobuf_c_message_free_unpacked(submission->response, NULL);
	free(submission);
}

/* NULL: out of memory, and the call was finished with that. */
static struct submission *submission_new(struct rpc_call *call)
{
	struct submission *submission = malloc(sizeof(*submission));
	struct error error = {0};

	if (submission)
		submission->response = rpc_call_response(call);
	if (!submission || !submission->response) {
		free(submission);
		error_no_memory(&error, "nothing was done");
		rpc_finish(call, NULL, &error);
		return NULL;
	}
	submission->answer = (struct control_answer){.done = answer_submission};
	submission->call = call;
	submission->error.code = ERROR_NONE; /* its texts are long: they are not zeroed */
	submission->error.count = 0;
	return submission;
}

void config_apply(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	struct submission *submission = submission_new(call);

	if (submission)
		control_submit_apply(services_control(context), (const Sluice__V1__ApplyChangesRequest *)request,
				     (Sluice__V1__ApplyChangesResponse *)submission->response, &submission->error,
				     &submission->answer);
}

void config_commit(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	struct submission *submission = submission_new(call);

	if (submission)
		control_submit_commit(services_control(context), (const Sluice__V1__CommitTransactionRequest *)request,
				      (Sluice__V1__CommitTransactionResponse *)submission->response, &submission->error,
				      &submission->answer);
}

void config_rollback(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	struct submission *submission = submission_new(call);

	if (submission)
		control_submit_rollback(services_control(context), (const Sluice__V1__RollbackRequest *)request,
					(Sluice__V1__RollbackResponse *)submission->response, &submission->error,
					&submission->answer);
}

void config_confirm(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_confirm(services_control(context), (const Sluice__V1__ConfirmCommitRequest *)request,
			(Sluice__V1__ConfirmCommitResponse *)response, error);
}

void config_begin(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_begin(services_control(context), (const Sluice__V1__BeginTransactionRequest *)request,
		      (Sluice__V1__BeginTransactionResponse *)response, error);
}

void config_validate(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_validate(services_control(context), (const Sluice__V1__ValidateTransactionRequest *)request,
			 (Sluice__V1__ValidateTransactionResponse *)response, error);
}

void config_abort(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	(void)response; /* empty */
	control_abort(services_control(context), (const Sluice__V1__AbortTransactionRequest *)request, error);
}
