/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/neighbor/neighbor.h"

#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/vrf_address.h"

bool neighbor_is_answered(const struct neighbor *neighbor)
{
	return neighbor && neighbor->proxy != SLUICE__V1__NEIGHBOR_PROXY__NEIGHBOR_PROXY_OFF;
}

bool neighbor_is_proxied(const struct neighbor *neighbor)
{
	return neighbor && neighbor->proxy == SLUICE__V1__NEIGHBOR_PROXY__NEIGHBOR_PROXY_ROUTER;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Neighbor *from = message;
	struct neighbor *neighbor = (struct neighbor *)resource_new(RESOURCE_NEIGHBOR, sizeof(*neighbor));

	if (!neighbor)
		return NULL;
	decode_range(decoder, "proxy", (uint32_t)from->proxy, 0, SLUICE__V1__NEIGHBOR_PROXY__NEIGHBOR_PROXY_ROUTER);
	neighbor->proxy = from->proxy ? (uint8_t)from->proxy : SLUICE__V1__NEIGHBOR_PROXY__NEIGHBOR_PROXY_OFF;
	neighbor->has_mac = *from->mac || !neighbor_is_proxied(neighbor);
	if (neighbor->has_mac)
		decode_mac(decoder, "mac", from->mac, neighbor->mac);
	return &neighbor->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct neighbor *neighbor = (const struct neighbor *)resource;
	Sluice__V1__Neighbor *to = message;

	to->proxy = (Sluice__V1__NeighborProxy)neighbor->proxy;
	return neighbor->has_mac ? encode_mac(&to->mac, neighbor->mac) : 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct neighbor *x = (const struct neighbor *)a, *y = (const struct neighbor *)b;

	return x->proxy == y->proxy && x->has_mac == y->has_mac && memcmp(x->mac, y->mac, sizeof(x->mac)) == 0;
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct neighbor *)resource)->key.vrf;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	if (vrf(resource))
		visit(&(struct reference){((const struct neighbor *)resource)->key.vrf, "vrf", -1, NULL, false},
		      context);
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct neighbor *neighbor = (const struct neighbor *)resource;

	visit_vrf_address(neighbor->key.vrf, &neighbor->key.prefix.address, "address", -1, NULL, visit, context);
}

_Static_assert(offsetof(struct neighbor, key) == sizeof(struct resource), "resource_vrf_key() finds it there");

extern const struct kind_ops neighbor_ops;
const struct kind_ops neighbor_ops = {
	.kind = RESOURCE_NEIGHBOR,
	.name = "neighbor",
	.label = "neighbor",
	.plural = "neighbors",
	.limit = LIMIT_next_hops, /* more than there are gateways would serve none */
	.message = &sluice__v1__neighbor__descriptor,
	.key = {KEY_VRF_ADDRESS, offsetof(Sluice__V1__Neighbor, vrf), offsetof(Sluice__V1__Neighbor, address)},
	.size = sizeof(struct neighbor),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.vrf = vrf,
};
