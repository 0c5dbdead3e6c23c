/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/balancer.h"

#include "vnf/control/control.h"

void balancer_drain_status(void *context, const ProtobufCMessage *request, ProtobufCMessage *response,
			   struct error *error)
{
	control_drain_status(services_control(context), (const Sluice__V1__DrainStatusRequest *)request,
			     (Sluice__V1__DrainStatusResponse *)response, error);
}
