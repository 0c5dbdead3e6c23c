/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/packet_stream.h"

#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/ctl/server_stream.h"

int packet_stream(struct session *session, const char *method, const ProtobufCMessage *request,
		  int (*show)(void *context, ProtobufCMessage *message), void *context)
{
	return server_stream(session, &sluice__v1__diagnostics_service__descriptor, method, request, show, context);
}
