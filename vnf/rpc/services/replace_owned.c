/* SPDX-License-Identifier: Apache-2.0 */
/* ConfigService.ReplaceOwned: a stream of changes that are all that the owner is to have. */
#include <stdlib.h>

#include "vnf/control/control.h"
#include "vnf/rpc/services/config_service.h"

/* From the first message to the answer. */
struct replacing {
	struct control_answer answer;
	struct rpc_call *call;
	struct control_replace *replace;
	Sluice__V1__ReplaceOwnedResponse *response;
	struct error error;
};

static void finish(struct replacing *replacing)
{
	rpc_finish(replacing->call, &replacing->response->base, &replacing->error);
	control_replace_free(replacing->replace);
	sluice__v1__replace_owned_response__free_unpacked(replacing->response, NULL);
	free(replacing);
}

static void on_answer(struct control_answer *answer)
{
	finish((struct replacing *)answer);
}

static struct replacing *replacing_new(struct rpc_call *call)
{
	struct replacing *replacing = calloc(1, sizeof(*replacing));

	if (!replacing)
		return NULL;
	replacing->response = malloc(sizeof(*replacing->response));
	if (!replacing->response) {
		free(replacing);
		return NULL;
	}
	sluice__v1__replace_owned_response__init(replacing->response);
	replacing->answer.done = on_answer;
	replacing->call = call;
	rpc_set_data(call, replacing);
	return replacing;
}

void config_replace_owned(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	const Sluice__V1__ReplaceOwnedRequest *request = (const void *)message;
	struct replacing *replacing = rpc_data(call);
	struct error error = {0};

	if (!replacing)
		replacing = replacing_new(call);
	if (!replacing) {
		error_no_memory(&error, "nothing was changed");
		rpc_finish(call, NULL, &error);
		return;
	}
	if (!message)
		error_add(&replacing->error, ERROR_INVALID_ARGUMENT, "last",
			  "the stream ended without a message that says so: nothing was changed");
	else if (!replacing->replace)
		replacing->replace = control_replace_begin(services_control(context), request, &replacing->error);
	if (!replacing->error.count)
		control_replace_stage(replacing->replace, request, &replacing->error);
	if (replacing->error.count)
		finish(replacing);
	else if (request->last)
		control_submit_replace(replacing->replace, replacing->response, &replacing->error, &replacing->answer);
	else
		rpc_next(call);
}
