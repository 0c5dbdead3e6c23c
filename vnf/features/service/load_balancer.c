/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/service/service_fields.h"

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__LoadBalancer *from = message;
	struct load_balancer *balancer =
		(struct load_balancer *)resource_new(RESOURCE_LOAD_BALANCER, sizeof(*balancer));

	if (!balancer)
		return NULL;
	balancer->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	decode_routed_host(decoder, "vip_address", from->vip_address, &balancer->vip);
	return &balancer->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct load_balancer *balancer = (const struct load_balancer *)resource;
	Sluice__V1__LoadBalancer *to = message;

	if (encode_text(&to->vrf, balancer->vrf->text))
		return -ENOMEM;
	return encode_address(&to->vip_address, &balancer->vip);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct load_balancer *x = (const struct load_balancer *)a, *y = (const struct load_balancer *)b;

	return x->vrf == y->vrf && ip_address_compare(&x->vip, &y->vip) == 0;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct load_balancer *balancer = (const struct load_balancer *)resource;

	if (balancer->vrf)
		visit(&(struct reference){balancer->vrf, "vrf", -1, NULL, false}, context);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct load_balancer *)resource)->vrf;
}

extern const struct kind_ops load_balancer_ops;
const struct kind_ops load_balancer_ops = {
	.kind = RESOURCE_LOAD_BALANCER,
	.name = "load_balancer",
	.label = "load balancer",
	.plural = "load_balancers",
	.limit = LIMIT_load_balancers,
	.message = &sluice__v1__load_balancer__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__LoadBalancer, name), 0},
	.size = sizeof(struct load_balancer),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.vrf = vrf,
};
