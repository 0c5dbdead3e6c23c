/* SPDX-License-Identifier: Apache-2.0 */
/* ConfigService.StageChanges: a stream of changes, one message at a time on the control thread. */
#include "vnf/rpc/services/stage_changes.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/control/control.h"
#include "vnf/core/loop.h"
#include "vnf/rpc/services/services.h"

/* The stream's own state, from its first message to its end. */
struct stage {
	struct loop_work work;
	struct rpc_call *call;
	struct control *control;
	const Sluice__V1__StageChangesRequest *request; /* the message being staged */
	char *transaction_id;
	uint64_t staged;
};

static void finish(struct rpc_call *call, struct stage *stage, const struct error *error)
{
	Sluice__V1__StageChangesResponse response = SLUICE__V1__STAGE_CHANGES_RESPONSE__INIT;

	if (stage) {
		response.staged = stage->staged;
		free(stage->transaction_id);
		free(stage);
	}
	rpc_finish(call, &response.base, error);
}

static void run_stage(struct loop_work *work)
{
	struct stage *stage = (struct stage *)work;
	struct error error = {0};

	if (control_stage(stage->control, stage->transaction_id, stage->request, &stage->staged, &error))
		finish(stage->call, stage, &error);
	else
		rpc_next(stage->call);
}

static struct stage *new_stage(struct rpc_call *call, const char *transaction_id, struct control *control)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	if (!stage)
		return NULL;
	stage->transaction_id = strdup(transaction_id);
	if (!stage->transaction_id) {
		free(stage);
		return NULL;
	}
	stage->work.run = run_stage;
	stage->call = call;
	stage->control = control;
	rpc_set_data(call, stage);
	return stage;
}

void stage_changes(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	const Sluice__V1__StageChangesRequest *request = (const void *)message;
	struct services_context *services = context;
	struct stage *stage = rpc_data(call);
	struct error error = {0};

	if (!message) {
		if (!stage)
			error_add(&error, ERROR_INVALID_ARGUMENT, "transaction_id",
				  "the stream ended without a message: the first one names the transaction");
		finish(call, stage, &error);
		return;
	}
	if (!stage)
		stage = new_stage(call, request->transaction_id, services->control);
	if (!stage) {
		error_add(&error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory: the message was not staged");
		finish(call, NULL, &error);
		return;
	}
	stage->request = request;
	loop_post(services->loop, &stage->work);
}
