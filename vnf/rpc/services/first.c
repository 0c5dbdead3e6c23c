/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/first.h"

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/control/control.h"
#include "vnf/rpc/services/context.h"

static void prepare(void *context)
{
	struct error error = {0};

	(void)control_prepare_explain(services_control(context), &error); /* the request itself is told why */
}

rpc_first *first_of_explain(void *context, const ProtobufCMessage *request)
{
	(void)request;
	return control_explains(services_control(context)) ? NULL : prepare;
}

static const Sluice__V1__WriteOptions *options_of(const ProtobufCMessage *request)
{
	if (request->descriptor == &sluice__v1__apply_changes_request__descriptor)
		return ((const Sluice__V1__ApplyChangesRequest *)request)->options;
	if (request->descriptor == &sluice__v1__begin_transaction_request__descriptor)
		return ((const Sluice__V1__BeginTransactionRequest *)request)->options;
	if (request->descriptor == &sluice__v1__commit_transaction_request__descriptor)
		return ((const Sluice__V1__CommitTransactionRequest *)request)->options;
	if (request->descriptor == &sluice__v1__rollback_request__descriptor)
		return ((const Sluice__V1__RollbackRequest *)request)->options;
	if (request->descriptor == &sluice__v1__replace_owned_request__descriptor)
		return ((const Sluice__V1__ReplaceOwnedRequest *)request)->options;
	return NULL;
}

static bool rehearses(const ProtobufCMessage *request)
{
	const Sluice__V1__WriteOptions *options = options_of(request);

	if (request->descriptor == &sluice__v1__validate_transaction_request__descriptor)
		return ((const Sluice__V1__ValidateTransactionRequest *)request)->rehearsal;
	return options && options->rehearsal;
}

rpc_first *first_of_write(void *context, const ProtobufCMessage *request)
{
	return rehearses(request) ? first_of_explain(context, request) : NULL;
}
