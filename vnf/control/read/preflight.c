/* SPDX-License-Identifier: Apache-2.0 */
/* Preflight: looks, and has the findings judged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/counters.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/read/findings.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/dataplane/dataplane.h"

#define DEVICES 64

static void look_at(struct reader *reader, struct findings *findings, const struct probe_machine *machine,
		    const char *name)
{
	struct probe_device device;
	struct device_facts facts;

	if (*reader->management && !strcmp(name, reader->management)) {
		findings_management(findings, name);
		return;
	}
	if (probe_device(name, &device)) {
		findings_missing(findings, name);
		return;
	}
	reconciler_device(reader->reconciler, name, &facts);
	findings_device(findings, &device, &facts, machine);
}

static void look_at_all(struct reader *reader, struct findings *findings, const struct probe_machine *machine)
{
	char name[16];

	for (size_t i = 0; probe_candidate(i, name) == 0; i++) {
		if (strcmp(name, reader->management) != 0)
			look_at(reader, findings, machine, name);
	}
}

/* Does a route source acknowledge what it learns? False too without memory, where the findings fail anyway. */
static bool acknowledges(struct reader *reader)
{
	const struct snapshot *snapshot = history_pin(reader->history);
	const struct resource *source = NULL;
	bool does = false;

	while (!does && (source = snapshot_next(snapshot, RESOURCE_ROUTE_SOURCE, source))) {
		Sluice__V1__Resource *resource = resource_encode(source);

		does = resource && resource->route_source->acknowledge;
		message_free(resource);
	}
	snapshot_unpin(snapshot);
	return does;
}

static uint64_t dropped(struct reader *reader, enum dp_reason reason)
{
	struct dp_counter sum;

	dataplane_counter(reader->dataplane, DP_COUNTER_REASONS + reason, &sum);
	return sum.packets;
}

static uint64_t routes_left(struct reader *reader)
{
	const struct snapshot *snapshot = history_pin(reader->history);
	uint64_t routes = snapshot_count(snapshot, RESOURCE_ROUTE);

	snapshot_unpin(snapshot);
	return handles_maximum(reader->handles, RESOURCE_ROUTE) - routes;
}

int read_preflight(struct reader *reader, const Sluice__V1__PreflightRequest *request,
		   Sluice__V1__PreflightResponse *response, struct error *error)
{
	struct findings findings = {.response = message_new(&sluice__v1__preflight_response__descriptor)};
	struct probe_machine machine;

	if (request->n_devices > DEVICES) {
		error_add(error, ERROR_INVALID_ARGUMENT, "devices", "%zu devices: at most %d at a time",
			  request->n_devices, DEVICES);
		message_free(findings.response);
		return -1;
	}
	if (findings.response) {
		probe_machine(dataplane_program_fd(reader->dataplane), &machine);
		findings_machine(&findings, &machine, routes_left(reader));
		findings_neighbours(&findings, &machine, handles_maximum(reader->handles, RESOURCE_NEXT_HOP));
		findings_acknowledgements(&findings, &machine, acknowledges(reader));
		findings_fragments(&findings, dropped(reader, DP_REASON_tunnel_fragment));
		for (size_t i = 0; i < request->n_devices; i++)
			look_at(reader, &findings, &machine, request->devices[i]);
		if (!request->n_devices)
			look_at_all(reader, &findings, &machine);
	}
	if (!findings.response || findings.failed) {
		message_free(findings.response);
		error_no_memory(error, NULL);
		return -1;
	}
	*response = *findings.response;
	free(findings.response);
	return 0;
}
