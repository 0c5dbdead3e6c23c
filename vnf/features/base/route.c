/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/control/commit/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Route *from = message;
	struct route *route = (struct route *)resource_new(RESOURCE_ROUTE, sizeof(*route));

	if (!route)
		return NULL;
	route->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	decode_prefix(decoder, "prefix", from->prefix, &route->prefix);
	if (!decoder->key_only)
		route->group = decode_name(decoder, RESOURCE_NEXT_HOP_GROUP, "next_hop_group", from->next_hop_group);
	return &route->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct route *route = (const struct route *)resource;
	Sluice__V1__Route *to = message;

	if (encode_text(&to->vrf, route->vrf->text) || encode_prefix(&to->prefix, &route->prefix))
		return -ENOMEM;
	return encode_text(&to->next_hop_group, route->group->text);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	return ((const struct route *)a)->group == ((const struct route *)b)->group;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct route *route = (const struct route *)resource;

	if (route->vrf)
		visit(&(struct reference){route->vrf, "vrf", -1, NULL}, context);
	if (route->group)
		visit(&(struct reference){route->group, "next_hop_group", -1, NULL}, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct route *route = (const struct route *)after;
	uint8_t families;

	(void)before;
	if (!route || !route->group->resource)
		return;
	families = check_group_families(check, route->group);
	if (families & (route->prefix.address.family == 4 ? FAMILY_IPV6 : FAMILY_IPV4))
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "next_hop_group", -1, NULL,
			"an IPv%d route cannot go to next-hop group \"%s\", which has an IPv%d gateway: RFC 8950 is "
			"not supported",
			route->prefix.address.family, route->group->text, route->prefix.address.family == 4 ? 6 : 4);
}

const struct kind_ops route_ops = {
	.name = "route",
	.label = "route",
	.plural = "routes",
	.message = &sluice__v1__route__descriptor,
	.size = sizeof(struct route),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
};
