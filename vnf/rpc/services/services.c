/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/services.h"

#include <stdlib.h>

#include "vnf/control/control.h"
#include "vnf/core/loop.h"
#include "vnf/rpc/call.h"

struct write {
	struct loop_work work;
	struct rpc_call *call;
	const ProtobufCMessage *request; /* the call's */
	struct control *control;
	perform_function *perform;
};

struct submission {
	struct loop_work work;
	struct control_answer answer;
	struct rpc_call *call;
	const ProtobufCMessage *request; /* the call's */
	ProtobufCMessage *response;
	struct control *control;
	submit_function *submit;
	struct error error;
};

static void out_of_memory(struct rpc_call *call)
{
	struct error error = {0};

	error_add(&error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory: nothing was done");
	rpc_finish(call, NULL, &error);
}

void answer_call(struct rpc_call *call, const ProtobufCMessage *request, struct control *control,
		 perform_function *perform)
{
	ProtobufCMessage *response = rpc_call_response(call);
	struct error error = {0};

	if (!response) {
		out_of_memory(call);
		return;
	}
	perform(control, request, response, &error);
	rpc_finish(call, response, &error);
	protobuf_c_message_free_unpacked(response, NULL);
}

static void run_write(struct loop_work *work)
{
	struct write *write = (struct write *)work;

	answer_call(write->call, write->request, write->control, write->perform);
	free(write);
}

void post_call(struct rpc_call *call, const ProtobufCMessage *request, struct services_context *context,
	       perform_function *perform)
{
	struct write *write = malloc(sizeof(*write));

	if (!write) {
		out_of_memory(call);
		return;
	}
	*write = (struct write){{.run = run_write}, call, request, context->control, perform};
	loop_post(context->loop, &write->work);
}

static void answer_submission(struct control_answer *answer)
{
	struct submission *submission = (struct submission *)((char *)answer - offsetof(struct submission, answer));

	rpc_finish(submission->call, submission->response, &submission->error);
	protobuf_c_message_free_unpacked(submission->response, NULL);
	free(submission);
}

static void run_submission(struct loop_work *work)
{
	struct submission *submission = (struct submission *)work;

	submission->submit(submission->control, submission->request, submission->response, &submission->error,
			   &submission->answer);
}

void submit_call(struct rpc_call *call, const ProtobufCMessage *request, struct services_context *context,
		 submit_function *submit)
{
	struct submission *submission = malloc(sizeof(*submission));

	if (submission)
		submission->response = rpc_call_response(call);
	if (!submission || !submission->response) {
		free(submission);
		out_of_memory(call);
		return;
	}
	submission->work.run = run_submission;
	submission->answer.done = answer_submission;
	submission->call = call;
	submission->request = request;
	submission->control = context->control;
	submission->submit = submit;
	submission->error.code = ERROR_NONE; /* its texts are long: not zeroed */
	submission->error.count = 0;
	loop_post(context->loop, &submission->work);
}
