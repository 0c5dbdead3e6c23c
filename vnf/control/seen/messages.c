/* SPDX-License-Identifier: Apache-2.0 */
/* TraceResponse and CaptureResponse. */
#include "vnf/control/seen/messages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/seen/steps.h"
#include "vnf/control/seen/verdict.h"
#include "vnf/features/base/base.h"
#include "vnf/reconcile/reconciler.h"

static uint64_t time_of(const struct seen_teller *teller, const struct seen_packet *packet)
{
	return packet->head.time + (uint64_t)teller->offset;
}

/* Empty where there is no such resource any more. */
static int encode_name(char **field, struct seen_teller *teller, enum resource_kind kind, uint32_t id)
{
	const struct resource *resource = seen_resource(&teller->names, kind, id);

	return resource ? encode_text(field, resource->self->text) : 0;
}

ProtobufCMessage *seen_trace_message(struct seen_teller *teller, const struct seen_packet *packet)
{
	Sluice__V1__TraceResponse *message = message_new(&sluice__v1__trace_response__descriptor);
	const struct dp_observation *head = packet ? &packet->head : NULL;

	if (!message)
		return NULL;
	message->lost = teller->lost;
	if (!packet)
		return &message->base;
	message->packet = head->packet;
	message->cpu = head->cpu;
	message->time = time_of(teller, packet);
	message->generation = head->generation;
	message->verdict = seen_verdict(&teller->names, head, teller->reconciler);
	if (message->verdict && !encode_text(&message->program, seen_program(head->program)) &&
	    !encode_name(&message->interface, teller, RESOURCE_INTERFACE, head->interface) &&
	    !seen_steps(&teller->names, packet->steps, packet->steps ? head->steps : 0, &message->steps,
			&message->n_steps))
		return &message->base;
	message_free(message);
	return NULL;
}

struct way {
	Sluice__V1__CaptureStage stage;
	const uint8_t *bytes;
	uint32_t kept, length, ifindex, interface;
};

static int fill_frame(struct seen_teller *teller, const struct way *way, Sluice__V1__CapturedFrame *frame)
{
	const struct resource *interface = seen_resource(&teller->names, RESOURCE_INTERFACE, way->interface);
	char device[16] = "";
	uint16_t vlan_id;

	frame->stage = way->stage;
	frame->length = way->length;
	frame->bytes.data = malloc(way->kept);
	if (!frame->bytes.data)
		return -ENOMEM;
	memcpy(frame->bytes.data, way->bytes, way->kept);
	frame->bytes.len = way->kept;
	if (interface)
		return encode_text(&frame->interface, interface->self->text) ||
				       encode_text(&frame->device, ((const struct interface *)interface)->device)
			       ? -ENOMEM
			       : 0;
	return reconciler_place(teller->reconciler, way->ifindex, device, &vlan_id)
		       ? 0
		       : encode_text(&frame->device, device);
}

/* 0 or -ENOMEM. Does nothing where there is no such frame. */
static int add_frame(struct seen_teller *teller, const struct way *way, Sluice__V1__CaptureResponse *message)
{
	Sluice__V1__CapturedFrame *frame;

	if (!way->bytes)
		return 0;
	frame = message_new(&sluice__v1__captured_frame__descriptor);
	if (!frame)
		return -ENOMEM;
	message->frames[message->n_frames++] = frame;
	return fill_frame(teller, way, frame);
}

static int fill_capture(struct seen_teller *teller, const struct seen_packet *packet,
			Sluice__V1__CaptureResponse *message)
{
	const struct dp_observation *head = &packet->head;
	const struct way in = {SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_IN,
			       packet->in,
			       head->in_kept,
			       head->in_length,
			       head->ifindex,
			       head->interface};
	const struct way out = {SLUICE__V1__CAPTURE_STAGE__CAPTURE_STAGE_OUT,
				packet->out,
				head->out_kept,
				head->out_length,
				head->out_ifindex,
				head->out_interface};

	message->verdict = seen_verdict(&teller->names, head, teller->reconciler);
	message->frames = calloc(2, sizeof(*message->frames));
	if (!message->verdict || !message->frames)
		return -ENOMEM;
	return add_frame(teller, &in, message) || add_frame(teller, &out, message) ||
			       encode_name(&message->vrf, teller, RESOURCE_VRF, head->last.vrf) ||
			       encode_name(&message->in_tunnel, teller, RESOURCE_TUNNEL_ENDPOINT,
					   head->last.decapsulated) ||
			       encode_name(&message->out_tunnel, teller, RESOURCE_TUNNEL_ENDPOINT,
					   head->last.encapsulated)
		       ? -ENOMEM
		       : 0;
}

ProtobufCMessage *seen_capture_message(struct seen_teller *teller, const struct seen_packet *packet)
{
	Sluice__V1__CaptureResponse *message = message_new(&sluice__v1__capture_response__descriptor);

	if (!message)
		return NULL;
	message->lost = teller->lost;
	if (!packet)
		return &message->base;
	message->packet = packet->head.packet;
	message->cpu = packet->head.cpu;
	message->time = time_of(teller, packet);
	message->generation = packet->head.generation;
	if (!fill_capture(teller, packet, message))
		return &message->base;
	message_free(message);
	return NULL;
}
