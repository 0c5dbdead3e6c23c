/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/vrf_address.h"
#include "vnf/features/service/service_fields.h"
#include "vnf/features/service/service_rules.h"

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

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct load_balancer *balancer = (const struct load_balancer *)resource;

	visit_vip(resource->self, balancer->vrf, &balancer->vip, visit, context);
}

/* What listeners lead to is in the VRF and of the VIP's family. */
static void check_used(struct check *check, const struct load_balancer *old, const struct load_balancer *new)
{
	if (old->vrf != new->vrf)
		check_fault(check, ERROR_FAILED_PRECONDITION, "vrf", -1, NULL,
			    "cannot become \"%s\" while the load balancer has %u listeners: delete these first",
			    new->vrf->text, new->resource.self->users);
	if (old->vip.family != new->vip.family)
		check_fault(check, ERROR_FAILED_PRECONDITION, "vip_address", -1, NULL,
			    "cannot become an IPv%d address while the load balancer has %u listeners: delete these "
			    "first, or make another load balancer",
			    new->vip.family, new->resource.self->users);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	if (before && after && after->self->users)
		check_used(check, (const struct load_balancer *)before, (const struct load_balancer *)after);
	if (after)
		check_vip_members(check, (const struct load_balancer *)after);
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
	.unique_keys = unique_keys,
	.check = check,
	.vrf = vrf,
};
