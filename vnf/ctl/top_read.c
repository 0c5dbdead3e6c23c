/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/clock.h"
#include "vnf/ctl/top_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sluice/v1/connection_service.pb-c.h"
#include "sluice/v1/system_service.pb-c.h"

#define PAGE 5000

static int read_system(struct session *session, struct top_sample *sample, struct error *error)
{
	Sluice__V1__GetSystemRequest request = SLUICE__V1__GET_SYSTEM_REQUEST__INIT;
	Sluice__V1__GetSystemResponse *system = (void *)session_call(session, &sluice__v1__system_service__descriptor,
								     "GetSystem", &request.base, error);

	if (!system)
		return -1;
	snprintf(sample->version, sizeof(sample->version), "%s", system->version);
	sample->revision = system->revision;
	sample->generation = system->generation;
	sample->uptime_seconds = system->uptime_seconds;
	sluice__v1__get_system_response__free_unpacked(system, NULL);
	return 0;
}

/* Every answer has the count of the whole table. */
static int read_connections(struct session *session, struct top_sample *sample, struct error *error)
{
	Sluice__V1__ListConnectionsRequest request = SLUICE__V1__LIST_CONNECTIONS_REQUEST__INIT;
	Sluice__V1__ListConnectionsResponse *page;

	request.page_size = 1;
	page = (void *)session_call(session, &sluice__v1__connection_service__descriptor, "ListConnections",
				    &request.base, error);
	if (!page)
		return -1;
	sample->connections = page->count;
	sample->connections_most = page->capacity;
	sluice__v1__list_connections_response__free_unpacked(page, NULL);
	return 0;
}

static int read_verdicts(struct session *session, struct top_list *list, struct error *error)
{
	Sluice__V1__ListPacketCountersRequest request = SLUICE__V1__LIST_PACKET_COUNTERS_REQUEST__INIT;
	Sluice__V1__ListPacketCountersResponse *answer = (void *)session_call(
		session, &sluice__v1__state_service__descriptor, "ListPacketCounters", &request.base, error);
	int rc = answer ? 0 : -1;

	list->time_ns = monotonic_ns();
	for (size_t i = 0; rc == 0 && i < answer->n_counters; i++)
		if (top_add_verdict(list, answer->counters[i])) {
			error_no_memory(error, NULL);
			rc = -1;
		}
	if (answer)
		sluice__v1__list_packet_counters_response__free_unpacked(answer, NULL);
	return rc;
}

static int read_page(struct top_list *list, enum top_kind kind, const Sluice__V1__ListResourcesResponse *page,
		     char **token, struct error *error)
{
	int rc = 0;

	if (!list->time_ns)
		list->time_ns = monotonic_ns();
	for (size_t i = 0; rc == 0 && i < page->n_states; i++)
		rc = top_add_resource(list, kind, page->states[i]);
	free(*token);
	*token = rc ? NULL : strdup(page->next_page_token);
	if (*token)
		return 0;
	error_no_memory(error, NULL);
	return -1;
}

static int read_resources(struct session *session, struct top_list *list, enum top_kind kind,
			  Sluice__V1__ResourceKind resources, struct error *error)
{
	Sluice__V1__ListResourcesRequest request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
	char *token = NULL;
	int rc;

	request.kind = resources;
	request.page_size = PAGE;
	do {
		Sluice__V1__ListResourcesResponse *page = (void *)session_call(
			session, &sluice__v1__state_service__descriptor, "ListResources", &request.base, error);

		rc = page ? read_page(list, kind, page, &token, error) : -1;
		request.page_token = token;
		if (page)
			sluice__v1__list_resources_response__free_unpacked(page, NULL);
	} while (rc == 0 && *token);
	free(token);
	return rc;
}

int top_read(struct session *session, struct top_sample *sample, struct error *error)
{
	static const Sluice__V1__ResourceKind resources[TOP_KINDS] = {
		[TOP_INTERFACE] = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_INTERFACE,
		[TOP_TUNNEL] = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_TUNNEL_ENDPOINT,
		[TOP_STAGE] = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_PORT_PAIR_GROUP,
		[TOP_MEMBER] = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_MEMBER,
	};
	int rc;

	*sample = (struct top_sample){.revision = 0};
	rc = read_system(session, sample, error) || read_connections(session, sample, error) ||
	     read_verdicts(session, &sample->list[TOP_VERDICT], error);
	for (unsigned int kind = 0; rc == 0 && kind < TOP_KINDS; kind++)
		if (resources[kind])
			rc = read_resources(session, &sample->list[kind], (enum top_kind)kind, resources[kind], error);
	for (unsigned int kind = 0; rc == 0 && kind < TOP_KINDS; kind++)
		top_sort(&sample->list[kind]);
	if (rc)
		top_sample_clear(sample);
	return rc ? -1 : 0;
}
