/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/tap/tap.h"

#define VXLAN_PORT  4789
#define VNI_MAX	    0xffffff
#define SESSION_MAX 1023

static void decode_vxlan(struct decoder *decoder, const Sluice__V1__TapVxlan *from, struct tap_service *service)
{
	size_t above = decoder_enter_field(decoder, "vxlan");

	decode_host(decoder, "remote", from->remote, &service->remote);
	decode_range(decoder, "vni", from->vni, 1, VNI_MAX);
	decode_range(decoder, "udp_port", from->udp_port, 0, UINT16_MAX);
	service->vni = from->vni;
	service->udp_port = from->udp_port ? (uint16_t)from->udp_port : VXLAN_PORT;
	decoder_leave(decoder, above);
}

static void decode_erspan(struct decoder *decoder, const Sluice__V1__TapErspan *from, struct tap_service *service)
{
	size_t above = decoder_enter_field(decoder, "erspan");

	decode_host(decoder, "remote", from->remote, &service->remote);
	decode_range(decoder, "session_id", from->session_id, 0, SESSION_MAX);
	service->session_id = (uint16_t)from->session_id;
	decoder_leave(decoder, above);
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__TapService *from = message;
	struct tap_service *service = (struct tap_service *)resource_new(RESOURCE_TAP_SERVICE, sizeof(*service));

	if (!service)
		return NULL;
	service->destination = (enum tap_destination)from->destination_case;
	switch (from->destination_case) {
	case SLUICE__V1__TAP_SERVICE__DESTINATION_INTERFACE:
		service->interface = decode_name(decoder, RESOURCE_INTERFACE, "interface", from->interface);
		break;
	case SLUICE__V1__TAP_SERVICE__DESTINATION_VXLAN:
		decode_vxlan(decoder, from->vxlan, service);
		break;
	case SLUICE__V1__TAP_SERVICE__DESTINATION_ERSPAN:
		decode_erspan(decoder, from->erspan, service);
		break;
	default:
		decode_fault(decoder, "", "has no destination: set interface, vxlan or erspan");
	}
	return &service->resource;
}

static int encode_vxlan(const struct tap_service *service, Sluice__V1__TapService *to)
{
	to->vxlan = message_new(&sluice__v1__tap_vxlan__descriptor);
	if (!to->vxlan)
		return -ENOMEM;
	to->destination_case = SLUICE__V1__TAP_SERVICE__DESTINATION_VXLAN;
	to->vxlan->vni = service->vni;
	to->vxlan->udp_port = service->udp_port;
	return encode_address(&to->vxlan->remote, &service->remote);
}

static int encode_erspan(const struct tap_service *service, Sluice__V1__TapService *to)
{
	to->erspan = message_new(&sluice__v1__tap_erspan__descriptor);
	if (!to->erspan)
		return -ENOMEM;
	to->destination_case = SLUICE__V1__TAP_SERVICE__DESTINATION_ERSPAN;
	to->erspan->session_id = service->session_id;
	return encode_address(&to->erspan->remote, &service->remote);
}

static int encode(const struct resource *resource, void *message)
{
	const struct tap_service *service = (const struct tap_service *)resource;
	Sluice__V1__TapService *to = message;

	if (service->destination == TAP_VXLAN)
		return encode_vxlan(service, to);
	if (service->destination == TAP_ERSPAN)
		return encode_erspan(service, to);
	if (encode_text(&to->interface, service->interface->text))
		return -ENOMEM;
	to->destination_case = SLUICE__V1__TAP_SERVICE__DESTINATION_INTERFACE;
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct tap_service *x = (const struct tap_service *)a, *y = (const struct tap_service *)b;

	return x->destination == y->destination && x->interface == y->interface && x->vni == y->vni &&
	       x->udp_port == y->udp_port && x->session_id == y->session_id &&
	       ip_address_compare(&x->remote, &y->remote) == 0;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct tap_service *service = (const struct tap_service *)resource;

	if (service->interface)
		visit(&(struct reference){service->interface, "interface", -1, NULL, false}, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	if (before && after)
		check_at_end(check, check_tap_ends);
}

_Static_assert((int)TAP_INTERFACE == SLUICE__V1__TAP_SERVICE__DESTINATION_INTERFACE &&
		       (int)TAP_VXLAN == SLUICE__V1__TAP_SERVICE__DESTINATION_VXLAN &&
		       (int)TAP_ERSPAN == SLUICE__V1__TAP_SERVICE__DESTINATION_ERSPAN,
	       "enum tap_destination");

extern const struct kind_ops tap_service_ops;
const struct kind_ops tap_service_ops = {
	.kind = RESOURCE_TAP_SERVICE,
	.name = "tap_service",
	.label = "tap service",
	.plural = "tap_services",
	.limit = LIMIT_vrfs,
	.message = &sluice__v1__tap_service__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__TapService, name), 0, 0},
	.size = sizeof(struct tap_service),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
};
