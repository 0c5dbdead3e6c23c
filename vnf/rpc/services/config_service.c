/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/control.h"
#include "vnf/rpc/services/services.h"
#include "vnf/rpc/services/stage_changes.h"

static void apply(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
		  struct error *error, struct control_answer *answer)
{
	control_submit_apply(control, (const Sluice__V1__ApplyChangesRequest *)request,
			     (Sluice__V1__ApplyChangesResponse *)response, error, answer);
}

static int begin(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
		 struct error *error)
{
	return control_begin(control, (const Sluice__V1__BeginTransactionRequest *)request,
			     (Sluice__V1__BeginTransactionResponse *)response, error);
}

static int validate(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
		    struct error *error)
{
	return control_validate(control, (const Sluice__V1__ValidateTransactionRequest *)request,
				(Sluice__V1__ValidateTransactionResponse *)response, error);
}

static void commit(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
		   struct error *error, struct control_answer *answer)
{
	control_submit_commit(control, (const Sluice__V1__CommitTransactionRequest *)request,
			      (Sluice__V1__CommitTransactionResponse *)response, error, answer);
}

static int abort_transaction(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
			     struct error *error)
{
	(void)response; /* empty */
	return control_abort(control, (const Sluice__V1__AbortTransactionRequest *)request, error);
}

static void handle_apply(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	submit_call(call, request, context, apply);
}

static void handle_begin(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	post_call(call, request, context, begin);
}

static void handle_validate(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	post_call(call, request, context, validate);
}

static void handle_commit(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	submit_call(call, request, context, commit);
}

static void handle_abort(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	post_call(call, request, context, abort_transaction);
}

static const struct rpc_method methods[] = {
	{"ApplyChanges", RPC_UNARY, handle_apply, NULL},
	{"BeginTransaction", RPC_UNARY, handle_begin, NULL},
	{"StageChanges", RPC_CLIENT_STREAM, stage_changes, NULL},
	{"ValidateTransaction", RPC_UNARY, handle_validate, NULL},
	{"CommitTransaction", RPC_UNARY, handle_commit, NULL},
	{"AbortTransaction", RPC_UNARY, handle_abort, NULL},
	{0},
};

struct rpc_service config_service(struct services_context *context)
{
	return (struct rpc_service){&sluice__v1__config_service__descriptor, methods, context};
}
