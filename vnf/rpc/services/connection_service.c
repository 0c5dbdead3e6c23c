/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/connection_service.h"

#include "vnf/control/control.h"

void connections_list(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_connections(services_control(context), (const Sluice__V1__ListConnectionsRequest *)request,
			    (Sluice__V1__ListConnectionsResponse *)response, error);
}

void connections_forget(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_delete_connections(services_control(context), (const Sluice__V1__DeleteConnectionsRequest *)request,
				   (Sluice__V1__DeleteConnectionsResponse *)response, error);
}
