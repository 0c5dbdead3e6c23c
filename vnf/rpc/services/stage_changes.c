/* SPDX-License-Identifier: Apache-2.0 */
/* ConfigService.StageChanges: a stream of changes, which are staged message by message. */
#include <stdlib.h>
#include <string.h>

#include "vnf/control/control.h"
#include "vnf/rpc/services/config_service.h"

/* The stream's own state, from its first message to its end. */
struct staging {
	char *transaction_id;
	uint64_t staged;
};

static void finish(struct rpc_call *call, struct staging *staging, const struct error *error)
{
	Sluice__V1__StageChangesResponse response = SLUICE__V1__STAGE_CHANGES_RESPONSE__INIT;

	if (staging) {
		response.staged = staging->staged;
		free(staging->transaction_id);
		free(staging);
	}
	rpc_finish(call, &response.base, error);
}

static struct staging *staging_new(struct rpc_call *call, const char *transaction_id)
{
	struct staging *staging = calloc(1, sizeof(*staging));

	if (!staging)
		return NULL;
	staging->transaction_id = strdup(transaction_id);
	if (!staging->transaction_id) {
		free(staging);
		return NULL;
	}
	rpc_set_data(call, staging);
	return staging;
}

void config_stage(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	const Sluice__V1__StageChangesRequest *request = (const void *)message;
	struct staging *staging = rpc_data(call);
	struct error error = {0};

	if (!message) {
		if (!staging)
			error_add(&error, ERROR_INVALID_ARGUMENT, "transaction_id",
				  "the stream ended without a message: the first one names the transaction");
		finish(call, staging, &error);
		return;
	}
	if (!staging)
		staging = staging_new(call, request->transaction_id);
	if (!staging)
		error_no_memory(&error, "the message was not staged");
	if (!staging ||
	    control_stage(services_control(context), staging->transaction_id, request, &staging->staged, &error))
		finish(call, staging, &error);
	else
		rpc_next(call);
}
