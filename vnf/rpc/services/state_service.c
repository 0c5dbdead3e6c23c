/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/state_service.h"

#include "vnf/control/control.h"

void state_get(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_get(services_control(context), (const Sluice__V1__GetResourceRequest *)request,
		    (Sluice__V1__GetResourceResponse *)response, error);
}

void state_list(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_list(services_control(context), (const Sluice__V1__ListResourcesRequest *)request,
		     (Sluice__V1__ListResourcesResponse *)response, error);
}

void state_packet_counters(void *context, const ProtobufCMessage *request, ProtobufCMessage *response,
			   struct error *error)
{
	(void)request; /* empty */
	control_packet_counters(services_control(context), (Sluice__V1__ListPacketCountersResponse *)response, error);
}
