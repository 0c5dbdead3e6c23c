/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/readiness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "grpc/health/v1/health.pb-c.h"
#include "orchestration/client.h"
#include "orchestration/interrupt.h"
#include "orchestration/stage.h"
#include "sluice/v1/state_service.pb-c.h"
#include "sluice/v1/system_service.pb-c.h"
#include "vnf/client/client.h"

#define POLL_MS	     20
#define WAIT_SECONDS 60	 /* for conditions that only links delay, and how slowly a guest without KVM answers */
#define DAY0_SECONDS 180 /* a guest without KVM starts one program after the other */

/* The state of the other side's TLS in the last call. */
struct peer {
	bool refused;
	time_t expiry;
};

/* A client for one question: one that is kept would wait longer and longer between its attempts to connect. */
static ProtobufCMessage *ask(const struct instance *instance, const ProtobufCServiceDescriptor *service,
			     const char *method, const ProtobufCMessage *request, struct peer *peer,
			     struct error *error)
{
	struct rpc_client *client = client_open(instance, error);
	ProtobufCMessage *answer = NULL;

	if (client)
		answer = rpc_client_call(client, service, method, request, READINESS_MS, error);
	if (peer)
		*peer = (struct peer){.refused = !client || rpc_client_refused(client),
				      .expiry = client ? rpc_client_server_expiry(client) : 0};
	rpc_client_free(client);
	return answer;
}

enum health readiness_health(const struct instance *instance)
{
	Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
	Grpc__Health__V1__HealthCheckResponse *response;
	enum health health = HEALTH_NO_ANSWER;
	struct error error = {0};
	struct peer peer;

	if (strncmp(instance->server, "unix:", 5) == 0 && access(instance->server + 5, F_OK))
		return HEALTH_NO_ANSWER;
	response = (Grpc__Health__V1__HealthCheckResponse *)ask(instance, &grpc__health__v1__health__descriptor,
								"Check", &request.base, &peer, &error);
	if (peer.refused && strncmp(instance->server, "unix:", 5) != 0)
		health = HEALTH_REFUSED;
	else if (response)
		health = response->status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
				 ? HEALTH_SERVING
				 : HEALTH_NOT_SERVING;
	grpc__health__v1__health_check_response__free_unpacked(response, NULL);
	return health;
}

const char *readiness_health_name(enum health health)
{
	static const char *const names[] = {"no answer", "refused", "not serving", "serving"};

	return names[health];
}

int readiness_system(const struct instance *instance, struct readiness_system *system, struct error *error)
{
	Sluice__V1__GetSystemRequest request = SLUICE__V1__GET_SYSTEM_REQUEST__INIT;
	Sluice__V1__GetSystemResponse *response;
	struct peer peer;

	response = (Sluice__V1__GetSystemResponse *)ask(instance, &sluice__v1__system_service__descriptor, "GetSystem",
							&request.base, &peer, error);
	if (!response)
		return -1;
	system->expiry = peer.expiry;
	system->revision = response->revision;
	snprintf(system->version, sizeof(system->version), "%s", response->version);
	snprintf(system->boot_id, sizeof(system->boot_id), "%s", response->boot_id);
	sluice__v1__get_system_response__free_unpacked(response, NULL);
	return 0;
}

bool readiness_certificate(const struct readiness_system *system, char reason[128])
{
	struct tm utc;
	char day[16];

	if (!system->expiry || system->expiry > time(NULL) + SPEC_EXPIRY_DAYS * 86400)
		return true;
	strftime(day, sizeof(day), "%F", gmtime_r(&system->expiry, &utc));
	snprintf(reason, 128, "its certificate expires on %s: renew the file, then sluice-orch upgrade", day);
	return false;
}

/* Resources of the kind that packets meet; -1: no answer. `reason`: of the last one that they do not, or why there is
 * no answer; "" where all is well. */
static int programmed(const struct instance *instance, Sluice__V1__ResourceKind kind, char reason[128])
{
	Sluice__V1__ListResourcesRequest request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
	Sluice__V1__ListResourcesResponse *response;
	struct error error = {0};
	int count = 0;

	request.kind = kind;
	*reason = '\0';
	response = (Sluice__V1__ListResourcesResponse *)ask(instance, &sluice__v1__state_service__descriptor,
							    "ListResources", &request.base, NULL, &error);
	if (!response) {
		snprintf(reason, 128, "%.120s", error.fault[0].message);
		return -1;
	}
	for (size_t i = 0; i < response->n_states; i++) {
		const Sluice__V1__ResourceState *state = response->states[i];

		if (state->programmed == SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED)
			count++;
		else
			snprintf(reason, 128, "%.40s: %.80s", state->key, state->reason);
	}
	sluice__v1__list_resources_response__free_unpacked(response, NULL);
	return count;
}

int readiness_interfaces(const struct instance *instance)
{
	char reason[128];

	return programmed(instance, SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_INTERFACE, reason);
}

bool readiness_chain(const struct instance *instance, char reason[128])
{
	*reason = '\0';
	for (size_t i = 0; i < instance->stages; i++) {
		if (!instance->stage[i].up) {
			snprintf(reason, 128, "stage %s: %.80s", instance->stage[i].name, instance->stage[i].reason);
			return false;
		}
	}
	if (instance->stages)
		programmed(instance, SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_PORT_PAIR, reason);
	if (instance->stages && !*reason)
		programmed(instance, SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_PORT_CHAIN, reason);
	return !*reason;
}

/* Waits between two looks: -1 and a fault where there is no time for another. */
static int wait_more(const struct instance *instance, double deadline, const char *reason, struct progress *progress,
		     struct error *error)
{
	char name[INSTANCE_NAME];

	progress_wait(progress);
	if (!interrupted() && progress_now() < deadline) {
		interrupt_sleep(POLL_MS);
		return 0;
	}
	error_add(error, interrupted() ? ERROR_CANCELLED : ERROR_DEADLINE_EXCEEDED, instance_name(instance, name), "%s",
		  interrupted() ? "interrupted" : reason);
	return -1;
}

int readiness_wait_serving(struct driver *driver, const struct driver_ops *ops, const struct instance *instance,
			   struct progress *progress, struct error *error)
{
	double deadline = progress_now() + ops->ready_seconds;
	char reason[256], words[160], name[INSTANCE_NAME];

	for (;;) {
		enum health health = readiness_health(instance);

		if (health == HEALTH_SERVING)
			return 0;
		if (!ops->alive(driver, instance, words)) {
			error_add(error, ERROR_INTERNAL, instance_name(instance, name), "ended before it served: %s",
				  words);
			return -1;
		}
		snprintf(reason, sizeof(reason), "%s on %s within %u s", readiness_health_name(health),
			 instance->server, ops->ready_seconds);
		if (wait_more(instance, deadline, reason, progress, error))
			return -1;
	}
}

/* The first revision is day 0's, where the VNF applies it by itself. */
int readiness_wait_day0(const struct instance *instance, struct progress *progress, struct error *error)
{
	double deadline = progress_now() + DAY0_SECONDS;
	struct readiness_system system = {0};
	struct error ignored;

	for (;;) {
		memset(&ignored, 0, sizeof(ignored));
		if (readiness_system(instance, &system, &ignored) == 0 && system.revision > 0)
			return 0;
		if (wait_more(instance, deadline, "its day 0 was not applied: see journalctl -u sluice-day0 in it",
			      progress, error))
			return -1;
	}
}

int readiness_wait_chain(struct instance *instance, struct progress *progress, struct error *error)
{
	double deadline = progress_now() + WAIT_SECONDS;
	char reason[128];

	for (;;) {
		if (stage_find_all(instance, error))
			return -1;
		if (readiness_chain(instance, reason))
			return 0;
		if (wait_more(instance, deadline, reason, progress, error))
			return -1;
	}
}

int readiness_wait_interfaces(const struct instance *instance, int least, struct progress *progress,
			      struct error *error)
{
	double deadline = progress_now() + WAIT_SECONDS;

	while (readiness_interfaces(instance) < least) {
		if (wait_more(instance, deadline, "fewer interfaces are programmed than before", progress, error))
			return -1;
	}
	return 0;
}
