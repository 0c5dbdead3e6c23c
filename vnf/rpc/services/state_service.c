/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/control.h"
#include "vnf/rpc/services/services.h"

static int get(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
	       struct error *error)
{
	return control_get(control, (const Sluice__V1__GetResourceRequest *)request,
			   (Sluice__V1__GetResourceResponse *)response, error);
}

static int list(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
		struct error *error)
{
	return control_list(control, (const Sluice__V1__ListResourcesRequest *)request,
			    (Sluice__V1__ListResourcesResponse *)response, error);
}

static int packet_counters(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
			   struct error *error)
{
	(void)request; /* empty */
	return control_packet_counters(control, (Sluice__V1__ListPacketCountersResponse *)response, error);
}

static void handle_get(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	answer_call(call, request, ((struct services_context *)context)->control, get);
}

static void handle_list(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	answer_call(call, request, ((struct services_context *)context)->control, list);
}

static void handle_packet_counters(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	answer_call(call, request, ((struct services_context *)context)->control, packet_counters);
}

static const struct rpc_method methods[] = {
	{"GetResource", RPC_UNARY, handle_get, NULL},
	{"ListResources", RPC_UNARY, handle_list, NULL},
	{"ListPacketCounters", RPC_UNARY, handle_packet_counters, NULL},
	{0},
};

struct rpc_service state_service(struct services_context *context)
{
	return (struct rpc_service){&sluice__v1__state_service__descriptor, methods, context};
}
