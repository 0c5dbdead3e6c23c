/* SPDX-License-Identifier: Apache-2.0 */
/* health: what a probe of a service manager or an orchestrator asks. */
#include <stdio.h>

#include "grpc/health/v1/health.pb-c.h"
#include "vnf/ctl/commands.h"

int command_health(void *context, char **arguments)
{
	static const char *const names[] = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
	struct session *session = context;
	Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
	Grpc__Health__V1__HealthCheckResponse *response;
	struct error error;
	size_t status;

	if (arguments[0])
		request.service = arguments[0];
	response = (void *)session_call(session, &grpc__health__v1__health__descriptor, "Check", &request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	status = (size_t)response->status;
	puts(status < sizeof(names) / sizeof(*names) ? names[status] : "?");
	grpc__health__v1__health_check_response__free_unpacked(response, NULL);
	return status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING ? DONE : DIFFERENT;
}
