/* SPDX-License-Identifier: Apache-2.0 */
#include "api/dp/counters.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/state/candidates.h"
#include "vnf/features/base/base.h"

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Route *from = message;
	struct route *route = (struct route *)resource_new(RESOURCE_ROUTE, sizeof(*route));

	if (!route)
		return NULL;
	route->group = decode_name(decoder, RESOURCE_NEXT_HOP_GROUP, "next_hop_group", from->next_hop_group);
	decode_range(decoder, "on_dead", (uint32_t)from->on_dead, 0, 2);
	decode_range(decoder, "preference", from->preference, 0, 255);
	route->preference = from->preference ? (uint8_t)from->preference : 1;
	route->next_best = from->on_dead == SLUICE__V1__ON_DEAD__ON_DEAD_NEXT_BEST;
	return &route->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct route *route = (const struct route *)resource;
	Sluice__V1__Route *to = message;

	to->on_dead = route->next_best ? SLUICE__V1__ON_DEAD__ON_DEAD_NEXT_BEST : SLUICE__V1__ON_DEAD__ON_DEAD_DROP;
	to->preference = route->preference;
	return encode_text(&to->next_hop_group, route->group->text);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct route *x = (const struct route *)a, *y = (const struct route *)b;

	return x->group == y->group && x->next_best == y->next_best && x->preference == y->preference;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct route *route = (const struct route *)resource;

	if (route->key.vrf)
		visit(&(struct reference){route->key.vrf, "vrf", -1, NULL, false}, context);
	if (route->group)
		visit(&(struct reference){route->group, "next_hop_group", -1, NULL,
					  route->key.prefix.address.family == 6},
		      context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct route *route = (const struct route *)after;

	if (after && !before)
		check_route_reserves(check);
	if (!route || !route->group->resource || route->key.prefix.address.family == 4)
		return;
	if (check_group_has_ipv4_gateway(check, route->group))
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "next_hop_group", -1, NULL,
			"an IPv6 route cannot go to next-hop group \"%s\", which has an IPv4 gateway: name a group of "
			"IPv6 gateways",
			route->group->text);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct route *)resource)->key.vrf;
}

/* A route is programmed as soon as its group is. */
static const struct handle *group(const struct resource *resource)
{
	return ((const struct route *)resource)->group;
}

static bool yields(const struct resource *resource)
{
	return ((const struct route *)resource)->next_best;
}

static uint8_t preference(const struct resource *resource)
{
	return ((const struct route *)resource)->preference;
}

static int status(const struct resource *resource, const struct snapshot *snapshot, struct reconciler *reconciler,
		  Sluice__V1__ResourceState *state)
{
	(void)reconciler;
	return candidate_status(snapshot, resource, "", state);
}

_Static_assert(offsetof(struct route, key) == sizeof(struct resource), "resource_vrf_key() finds it there");

extern const struct kind_ops route_ops;
const struct kind_ops route_ops = {
	.kind = RESOURCE_ROUTE,
	.name = "route",
	.label = "route",
	.plural = "routes",
	.limit = LIMIT_routes,
	.message = &sluice__v1__route__descriptor,
	.key = {KEY_VRF_PREFIX, offsetof(Sluice__V1__Route, vrf), offsetof(Sluice__V1__Route, prefix)},
	.size = sizeof(struct route),
	.counters = {{DP_COUNTER_ROUTES, offsetof(Sluice__V1__ResourceState, counters)}},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
	.vrf = vrf,
	.pending = group,
	.forwards = group,
	.yields = yields,
	.preference = preference,
	.status = status,
};
