/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/neighbor/neighbor.h"

#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Neighbor *from = message;
	struct neighbor *neighbor = (struct neighbor *)resource_new(RESOURCE_NEIGHBOR, sizeof(*neighbor));

	if (!neighbor)
		return NULL;
	decode_mac(decoder, "mac", from->mac, neighbor->mac);
	return &neighbor->resource;
}

static int encode(const struct resource *resource, void *message)
{
	return encode_mac(&((Sluice__V1__Neighbor *)message)->mac, ((const struct neighbor *)resource)->mac);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	return memcmp(((const struct neighbor *)a)->mac, ((const struct neighbor *)b)->mac, 6) == 0;
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
	.vrf = vrf,
};
