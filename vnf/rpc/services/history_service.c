/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/history_service.h"

#include "vnf/control/control.h"

void history_list(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_revisions(services_control(context), (const Sluice__V1__ListRevisionsRequest *)request,
			  (Sluice__V1__ListRevisionsResponse *)response, error);
}

void history_diff(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_diff_revisions(services_control(context), (const Sluice__V1__DiffRevisionsRequest *)request,
			       (Sluice__V1__DiffRevisionsResponse *)response, error);
}

void history_verdicts(void *context, const ProtobufCMessage *request, ProtobufCMessage *response, struct error *error)
{
	control_verdicts(services_control(context), (const Sluice__V1__ListVerdictsRequest *)request,
			 (Sluice__V1__ListVerdictsResponse *)response, error);
}
