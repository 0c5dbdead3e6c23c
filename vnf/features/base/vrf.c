/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/base/vrf_address.h"

const uint8_t default_router_mac[6] = {0x02, 0x53, 0x4c, 0x00, 0x00, 0x01};

#define GATEWAY_ADDRESSES 64
#define ERROR_RATE_MOST	  1000000

static void decode_mss(struct decoder *decoder, const Sluice__V1__Vrf *from, struct vrf *vrf)
{
	uint32_t most = from->mss_clamp_most;

	decode_range(decoder, "mss_clamp", (uint32_t)from->mss_clamp, 0, SLUICE__V1__MSS_CLAMP__MSS_CLAMP_OFF);
	vrf->mss_clamp = from->mss_clamp != SLUICE__V1__MSS_CLAMP__MSS_CLAMP_OFF;
	if (!most)
		return;
	if (!vrf->mss_clamp)
		decode_fault(decoder, "mss_clamp_most", "%u has no effect with mss_clamp OFF: leave one of them out",
			     most);
	else if (decode_range(decoder, "mss_clamp_most", most, DP_MSS_LEAST, DP_MSS_MOST))
		vrf->mss_clamp_most = (uint16_t)most;
}

static void decode_fallback(struct decoder *decoder, const Sluice__V1__Vrf *from, struct vrf *vrf)
{
	decode_range(decoder, "fallback", (uint32_t)from->fallback, 0,
		     SLUICE__V1__ROUTE_FALLBACK__ROUTE_FALLBACK_KERNEL);
	vrf->fallback = from->fallback == SLUICE__V1__ROUTE_FALLBACK__ROUTE_FALLBACK_KERNEL;
	vrf->fallback_table = from->fallback_table;
	if (vrf->fallback_table && !vrf->fallback)
		decode_fault(decoder, "fallback_table",
			     "%u has no effect without fallback KERNEL: leave it out, or set that",
			     vrf->fallback_table);
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Vrf *from = message;
	size_t count = gateway_addresses_count(decoder, from->n_gateway_addresses, GATEWAY_ADDRESSES);
	struct vrf *vrf;

	vrf = (struct vrf *)resource_new(RESOURCE_VRF, sizeof(*vrf) + count * sizeof(vrf->gateway[0]));
	if (!vrf)
		return NULL;
	memcpy(vrf->router_mac, default_router_mac, sizeof(default_router_mac));
	if (*from->router_mac)
		decode_mac(decoder, "router_mac", from->router_mac, vrf->router_mac);
	vrf->kernel = from->kernel;
	decode_range(decoder, "icmp_error_rate", from->icmp_error_rate, 0, ERROR_RATE_MOST);
	vrf->icmp_error_rate = from->icmp_error_rate ? from->icmp_error_rate : DP_ERROR_RATE;
	decode_mss(decoder, from, vrf);
	decode_fallback(decoder, from, vrf);
	decode_range(decoder, "reserved_routes", from->reserved_routes, 0, DP_MAX_ROUTES);
	vrf->reserved_routes = from->reserved_routes;
	vrf->count = count;
	gateway_addresses_decode(decoder, from->gateway_addresses, count, vrf->gateway);
	return &vrf->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct vrf *vrf = (const struct vrf *)resource;
	Sluice__V1__Vrf *to = message;

	to->kernel = vrf->kernel;
	to->icmp_error_rate = vrf->icmp_error_rate;
	to->mss_clamp = vrf->mss_clamp ? SLUICE__V1__MSS_CLAMP__MSS_CLAMP_AUTO : SLUICE__V1__MSS_CLAMP__MSS_CLAMP_OFF;
	to->mss_clamp_most = vrf->mss_clamp_most;
	to->fallback = vrf->fallback ? SLUICE__V1__ROUTE_FALLBACK__ROUTE_FALLBACK_KERNEL
				     : SLUICE__V1__ROUTE_FALLBACK__ROUTE_FALLBACK_NONE;
	to->fallback_table = vrf->fallback_table;
	to->reserved_routes = vrf->reserved_routes;
	if (encode_mac(&to->router_mac, vrf->router_mac))
		return -ENOMEM;
	return gateway_addresses_encode(&to->gateway_addresses, &to->n_gateway_addresses, vrf->gateway, vrf->count);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct vrf *x = (const struct vrf *)a, *y = (const struct vrf *)b;

	return memcmp(x->router_mac, y->router_mac, sizeof(x->router_mac)) == 0 && x->kernel == y->kernel &&
	       x->icmp_error_rate == y->icmp_error_rate && x->mss_clamp == y->mss_clamp &&
	       x->mss_clamp_most == y->mss_clamp_most && x->fallback == y->fallback &&
	       x->fallback_table == y->fallback_table && x->reserved_routes == y->reserved_routes &&
	       gateway_addresses_equal(x->gateway, x->count, y->gateway, y->count);
}

static void kernel_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	(void)holding;
	snprintf(text, size, "VRF \"%s\" is the one that the host's sockets serve", holder->text);
}

/* The host has one set of sockets, which cannot tell VRFs apart. */
static const struct unique_rule kernel_rule = {.taken = kernel_taken};

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct holding holding = {
		.key.rule = &kernel_rule, .holder = resource->self, .field = "kernel", .index = -1};
	const struct vrf *vrf = (const struct vrf *)resource;

	if (vrf->kernel)
		visit(&holding, context);
	visit_gateway_addresses(resource->self, vrf->gateway, vrf->count, visit, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct vrf *x = (const struct vrf *)before, *y = (const struct vrf *)after;

	if (y && y->reserved_routes > (x ? x->reserved_routes : 0))
		check_route_reserves(check);
}

static uint32_t count_reserved(const struct resource *resource)
{
	return ((const struct vrf *)resource)->reserved_routes;
}

extern const struct kind_ops vrf_ops;
const struct kind_ops vrf_ops = {
	.kind = RESOURCE_VRF,
	.name = "vrf",
	.label = "VRF",
	.plural = "vrfs",
	.limit = LIMIT_vrfs,
	.message = &sluice__v1__vrf__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__Vrf, name), 0},
	.size = sizeof(struct vrf),
	.parts = {"reserved_routes", LIMIT_routes, count_reserved},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.unique_keys = unique_keys,
	.check = check,
};
