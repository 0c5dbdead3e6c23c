/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/explain.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/seen/packet_fields.h"
#include "vnf/control/seen/steps.h"
#include "vnf/control/seen/verdict.h"
#include "vnf/features/base/base.h"
#include "vnf/observe/observer.h"
#include "vnf/reconcile/reconciler.h"

#define GIVEN_MOST 9018

_Static_assert(GIVEN_MOST <= FRAME_MOST && FRAME_MOST <= OBSERVER_FRAME, "what may be asked for can be explained");

/* One packet's; on the heap, since frames are large. */
struct explanation {
	struct frame frame;
	struct explained explained;
	struct device_facts device;
};

/* NULL and *error: there is none, or no packet can come by it. */
static const struct interface *find_interface(const struct explain_tables *tables, const char *name,
					      struct device_facts *device, struct error *error)
{
	const struct resource *resource = *name ? snapshot_find(tables->snapshot, RESOURCE_INTERFACE, name) : NULL;
	char there_are[160];

	if (!*name) {
		error_add(error, ERROR_INVALID_ARGUMENT, "interface", "name the interface by which it comes");
		return NULL;
	}
	if (!resource) {
		error_add(error, ERROR_NOT_FOUND, "interface", "there is no interface \"%.64s\"; there are: %s", name,
			  seen_list(tables->snapshot, RESOURCE_INTERFACE, there_are, sizeof(there_are)));
		return NULL;
	}
	if (resource_pending(resource) != PENDING_NONE) {
		error_add(error, ERROR_FAILED_PRECONDITION, "interface", "\"%.64s\" is not programmed: %s", name,
			  pending_reason_text(resource_pending(resource)));
		return NULL;
	}
	reconciler_device(tables->reconciler, ((const struct interface *)resource)->device, device);
	if (device->ifindex)
		return (const struct interface *)resource;
	error_add(error, ERROR_FAILED_PRECONDITION, "interface", "\"%.64s\" is not programmed: %s", name,
		  pending_reason_text(PENDING_DEVICE));
	return NULL;
}

static int take_frame(const ProtobufCBinaryData *given, struct frame *frame, struct error *error)
{
	if (given->len < ETH_HLEN || given->len > GIVEN_MOST) {
		error_add(error, ERROR_INVALID_ARGUMENT, "frame",
			  "has %zu bytes: a frame has 14 to %d, from the Ethernet header on", given->len, GIVEN_MOST);
		return -1;
	}
	frame_begin(frame, given->len);
	memcpy(frame->start, given->data, given->len);
	return 0;
}

static int make_frame(const struct explain_tables *tables, const Sluice__V1__ExplainRequest *request,
		      struct explanation *explanation, struct error *error)
{
	const struct interface *interface = find_interface(tables, request->interface, &explanation->device, error);

	if (!interface)
		return -1;
	switch (request->packet_case) {
	case SLUICE__V1__EXPLAIN_REQUEST__PACKET_FRAME:
		return take_frame(&request->frame, &explanation->frame, error);
	case SLUICE__V1__EXPLAIN_REQUEST__PACKET_FIELDS:
		return seen_frame(request->fields, interface, explanation->device.mac, tables->snapshot,
				  &explanation->frame, error);
	default:
		error_add(error, ERROR_INVALID_ARGUMENT, "packet", "say which packet: its fields, or its frame");
		return -1;
	}
}

static int copy_bytes(ProtobufCBinaryData *to, const uint8_t *from, size_t length)
{
	if (!length)
		return 0;
	to->data = malloc(length);
	if (!to->data)
		return -ENOMEM;
	memcpy(to->data, from, length);
	to->len = length;
	return 0;
}

static int fill(const struct explain_tables *tables, const struct explanation *explanation,
		Sluice__V1__ExplainResponse *answer)
{
	const struct explained *explained = &explanation->explained;
	struct seen_names names;
	int result;

	seen_names_init(&names, tables->snapshot, tables->limits);
	answer->generation = tables->generation;
	answer->revision = snapshot_revision(tables->snapshot);
	answer->verdict = seen_verdict(&names, &explained->head, tables->reconciler);
	result = !answer->verdict || encode_text(&answer->program, seen_program(explained->head.program)) ||
		 copy_bytes(&answer->frame, explanation->frame.start, explanation->frame.length) ||
		 copy_bytes(&answer->out, explained->out, explained->head.out_length) ||
		 seen_steps(&names, explained->step, explained->head.steps, &answer->steps, &answer->n_steps);
	seen_names_clear(&names);
	return result ? -ENOMEM : 0;
}

static int run(const struct explain_tables *tables, struct explanation *explanation, struct error *error)
{
	const struct observer_packet packet = {.ifindex = explanation->device.ifindex,
					       .frame = explanation->frame.start,
					       .length = (uint32_t)explanation->frame.length,
					       .bank = tables->bank};

	if (tables->observer)
		return observer_explain(tables->observer, &packet, true, &explanation->explained, error);
	error_add(error, ERROR_UNAVAILABLE, NULL, "this router has no observer: see the daemon's log");
	return -1;
}

int seen_explain(const struct explain_tables *tables, const Sluice__V1__ExplainRequest *request,
		 Sluice__V1__ExplainResponse *response, struct error *error)
{
	struct explanation *explanation = malloc(sizeof(*explanation));
	Sluice__V1__ExplainResponse *answer = message_new(&sluice__v1__explain_response__descriptor);
	int result = -1;

	if (!explanation || !answer) {
		error_no_memory(error, NULL);
	} else if (!make_frame(tables, request, explanation, error) && !run(tables, explanation, error)) {
		result = fill(tables, explanation, answer) ? -1 : 0;
		if (result)
			error_no_memory(error, NULL);
	}
	free(explanation);
	if (result) {
		message_free(answer);
		return -1;
	}
	*response = *answer;
	free(answer);
	return 0;
}
