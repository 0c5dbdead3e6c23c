/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/system_service.h"

#include "vnf/control/control.h"
#include "vnf/rpc/services/who_am_i.h"

/* The requests of the calls that list are empty. */

void system_get(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	const struct services_context *services = context;

	(void)request;
	if (!control_system(services->control, (Sluice__V1__GetSystemResponse *)response, error) && services->access)
		system_add_access(services->access, (Sluice__V1__GetSystemResponse *)response, error);
}

void system_limits(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	(void)request;
	control_limits(services_control(context), (Sluice__V1__ListLimitsResponse *)response, error);
}

void system_ports(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	(void)request;
	control_ports(services_control(context), (Sluice__V1__ListPortsResponse *)response, error);
}

void system_preflight(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_preflight(services_control(context), (const Sluice__V1__PreflightRequest *)request,
			  (Sluice__V1__PreflightResponse *)response, error);
}
