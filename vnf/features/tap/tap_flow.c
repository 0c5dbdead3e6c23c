/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/tap/tap.h"

#define VNI_MAX	   0xffffff
#define ONE_IN_MAX 1000000
#define SNAP_LEAST 64
#define SNAP_MOST  1664

static void decode_ports(struct decoder *decoder, const Sluice__V1__TapFilter *from, struct tap_flow *flow)
{
	decode_range(decoder, "source_port", from->source_port, 0, UINT16_MAX);
	decode_range(decoder, "destination_port", from->destination_port, 0, UINT16_MAX);
	flow->source_port = (uint16_t)from->source_port;
	flow->destination_port = (uint16_t)from->destination_port;
	if ((from->source_port || from->destination_port) && !from->protocol)
		decode_fault(decoder, "protocol", "is needed with ports: 6 (TCP), 17 (UDP) or 132 (SCTP)");
}

static void decode_filter(struct decoder *decoder, const Sluice__V1__TapFilter *from, struct tap_flow *flow)
{
	size_t above = decoder_enter_field(decoder, "filter");

	flow->has_filter = true;
	if (*from->source)
		decode_prefix(decoder, "source", from->source, &flow->source);
	if (*from->destination)
		decode_prefix(decoder, "destination", from->destination, &flow->destination);
	if (flow->source.address.family && flow->destination.address.family &&
	    flow->source.address.family != flow->destination.address.family)
		decode_fault(decoder, "destination", "is of another address family than source: no packet has both");
	decode_range(decoder, "protocol", from->protocol, 0, UINT8_MAX);
	decode_range(decoder, "vni", from->vni, 0, VNI_MAX);
	flow->protocol = (uint8_t)from->protocol;
	flow->either = from->either;
	flow->vni = from->vni;
	decode_ports(decoder, from, flow);
	decoder_leave(decoder, above);
}

static void decode_source(struct decoder *decoder, const Sluice__V1__TapFlow *from, struct tap_flow *flow)
{
	switch (from->source_case) {
	case SLUICE__V1__TAP_FLOW__SOURCE_INTERFACE:
		flow->interface = decode_name(decoder, RESOURCE_INTERFACE, "interface", from->interface);
		break;
	case SLUICE__V1__TAP_FLOW__SOURCE_VRF:
		flow->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
		break;
	default:
		decode_fault(decoder, "", "has no source: set interface or vrf");
	}
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__TapFlow *from = message;
	struct tap_flow *flow = (struct tap_flow *)resource_new(RESOURCE_TAP_FLOW, sizeof(*flow));

	if (!flow)
		return NULL;
	flow->service = decode_name(decoder, RESOURCE_TAP_SERVICE, "tap_service", from->tap_service);
	decode_source(decoder, from, flow);
	decode_range(decoder, "direction", (uint32_t)from->direction, 0, TAP_IN | TAP_OUT);
	decode_range(decoder, "one_in", from->one_in, 0, ONE_IN_MAX);
	if (from->snap_length)
		decode_range(decoder, "snap_length", from->snap_length, SNAP_LEAST, SNAP_MOST);
	flow->direction = from->direction ? (uint8_t)from->direction : TAP_IN | TAP_OUT;
	flow->one_in = from->one_in ? from->one_in : 1;
	flow->snap_length = from->snap_length ? (uint16_t)from->snap_length : SNAP_MOST;
	if (from->filter)
		decode_filter(decoder, from->filter, flow);
	return &flow->resource;
}

static int encode_filter(const struct tap_flow *flow, Sluice__V1__TapFlow *to)
{
	if (!flow->has_filter)
		return 0;
	to->filter = message_new(&sluice__v1__tap_filter__descriptor);
	if (!to->filter)
		return -ENOMEM;
	to->filter->protocol = flow->protocol;
	to->filter->source_port = flow->source_port;
	to->filter->destination_port = flow->destination_port;
	to->filter->either = flow->either;
	to->filter->vni = flow->vni;
	if (encode_prefix(&to->filter->source, &flow->source))
		return -ENOMEM;
	return encode_prefix(&to->filter->destination, &flow->destination);
}

static int encode(const struct resource *resource, void *message)
{
	const struct tap_flow *flow = (const struct tap_flow *)resource;
	Sluice__V1__TapFlow *to = message;

	to->direction = (Sluice__V1__TapDirection)flow->direction;
	to->one_in = flow->one_in;
	to->snap_length = flow->snap_length;
	if (encode_text(&to->tap_service, flow->service->text) || encode_filter(flow, to) ||
	    encode_text(flow->vrf ? &to->vrf : &to->interface, flow->vrf ? flow->vrf->text : flow->interface->text))
		return -ENOMEM;
	to->source_case = flow->vrf ? SLUICE__V1__TAP_FLOW__SOURCE_VRF : SLUICE__V1__TAP_FLOW__SOURCE_INTERFACE;
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct tap_flow *x = (const struct tap_flow *)a, *y = (const struct tap_flow *)b;

	return x->service == y->service && x->interface == y->interface && x->vrf == y->vrf &&
	       x->direction == y->direction && x->protocol == y->protocol && x->source_port == y->source_port &&
	       x->destination_port == y->destination_port && x->has_filter == y->has_filter && x->either == y->either &&
	       x->vni == y->vni && x->one_in == y->one_in && x->snap_length == y->snap_length &&
	       ip_prefix_compare(&x->source, &y->source) == 0 &&
	       ip_prefix_compare(&x->destination, &y->destination) == 0;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct tap_flow *flow = (const struct tap_flow *)resource;

	if (flow->service)
		visit(&(struct reference){flow->service, "tap_service", -1, NULL, false}, context);
	if (flow->interface)
		visit(&(struct reference){flow->interface, "interface", -1, NULL, false}, context);
	if (flow->vrf)
		visit(&(struct reference){flow->vrf, "vrf", -1, NULL, false}, context);
}

static bool check_ends(void *object, void *context)
{
	const struct tap_flow *flow = object;
	const struct tap_service *service = (const struct tap_service *)flow->service->resource;
	struct check *check = context;

	if (!flow->interface || !service || service->interface != flow->interface)
		return true;
	if (check_attribute(check, &flow->resource))
		check_fault(check, ERROR_INVALID_ARGUMENT, "interface", -1, NULL,
			    "\"%s\" is where tap service \"%s\" sends copies: name another interface",
			    flow->interface->text, flow->service->text);
	else if (check_attribute(check, &service->resource))
		check_fault(check, ERROR_INVALID_ARGUMENT, "interface", -1, NULL,
			    "\"%s\" is what tap flow \"%s\" copies to this tap service: name another interface",
			    flow->interface->text, flow->resource.self->text);
	return true;
}

void check_tap_ends(struct check *check)
{
	check_walk(check, RESOURCE_TAP_FLOW, check_ends, check);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	(void)before;
	if (after)
		check_at_end(check, check_tap_ends);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct tap_flow *)resource)->vrf;
}

_Static_assert((int)TAP_IN == SLUICE__V1__TAP_DIRECTION__TAP_DIRECTION_IN &&
		       (int)TAP_OUT == SLUICE__V1__TAP_DIRECTION__TAP_DIRECTION_OUT &&
		       (TAP_IN | TAP_OUT) == SLUICE__V1__TAP_DIRECTION__TAP_DIRECTION_BOTH,
	       "directions are bits");

extern const struct kind_ops tap_flow_ops;
const struct kind_ops tap_flow_ops = {
	.kind = RESOURCE_TAP_FLOW,
	.name = "tap_flow",
	.label = "tap flow",
	.plural = "tap_flows",
	.limit = LIMIT_vrfs,
	.message = &sluice__v1__tap_flow__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__TapFlow, name), 0, 0},
	.size = sizeof(struct tap_flow),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
	.vrf = vrf,
	.tapped = true,
};
