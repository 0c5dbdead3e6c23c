/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/control.h"
#include "vnf/rpc/services/services.h"

/* The requests of the calls that list are empty. */

static int system_facts(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
			struct error *error)
{
	(void)request;
	return control_system(control, (Sluice__V1__GetSystemResponse *)response, error);
}

static int limits(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
		  struct error *error)
{
	(void)request;
	return control_limits(control, (Sluice__V1__ListLimitsResponse *)response, error);
}

static int ports(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
		 struct error *error)
{
	(void)request;
	return control_ports(control, (Sluice__V1__ListPortsResponse *)response, error);
}

static int preflight(struct control *control, const ProtobufCMessage *request, ProtobufCMessage *response,
		     struct error *error)
{
	return control_preflight(control, (const Sluice__V1__PreflightRequest *)request,
				 (Sluice__V1__PreflightResponse *)response, error);
}

static void handle_system(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	answer_call(call, request, ((struct services_context *)context)->control, system_facts);
}

static void handle_limits(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	answer_call(call, request, ((struct services_context *)context)->control, limits);
}

static void handle_ports(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	answer_call(call, request, ((struct services_context *)context)->control, ports);
}

static void handle_preflight(struct rpc_call *call, const ProtobufCMessage *request, void *context)
{
	answer_call(call, request, ((struct services_context *)context)->control, preflight);
}

static const struct rpc_method methods[] = {
	{"GetSystem", RPC_UNARY, handle_system, NULL},
	{"ListLimits", RPC_UNARY, handle_limits, NULL},
	{"ListPorts", RPC_UNARY, handle_ports, NULL},
	{"Preflight", RPC_UNARY, handle_preflight, NULL},
	{0},
};

struct rpc_service system_service(struct services_context *context)
{
	return (struct rpc_service){&sluice__v1__system_service__descriptor, methods, context};
}
