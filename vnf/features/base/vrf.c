/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"

const uint8_t default_router_mac[6] = {0x02, 0x53, 0x4c, 0x00, 0x00, 0x01};

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Vrf *from = message;
	struct vrf *vrf = (struct vrf *)resource_new(RESOURCE_VRF, sizeof(*vrf));

	if (!vrf)
		return NULL;
	memcpy(vrf->router_mac, default_router_mac, sizeof(default_router_mac));
	if (*from->router_mac)
		decode_mac(decoder, "router_mac", from->router_mac, vrf->router_mac);
	return &vrf->resource;
}

static int encode(const struct resource *resource, void *message)
{
	Sluice__V1__Vrf *to = message;

	return encode_mac(&to->router_mac, ((const struct vrf *)resource)->router_mac);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	return memcmp(((const struct vrf *)a)->router_mac, ((const struct vrf *)b)->router_mac, 6) == 0;
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
	.decode = decode,
	.encode = encode,
	.equal = equal,
};
