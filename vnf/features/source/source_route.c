/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/dp/counters.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/state/candidates.h"
#include "vnf/features/base/base.h"
#include "vnf/features/source/source.h"

static int encode(const struct resource *resource, void *message)
{
	const struct source_route *route = (const struct source_route *)resource;
	Sluice__V1__SourceRoute *to = message;

	to->protocol = route->protocol;
	to->preference = route->preference;
	to->metric = route->metric;
	return route->group ? encode_text(&to->next_hop_group, route->group->text) : 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct source_route *x = (const struct source_route *)a, *y = (const struct source_route *)b;

	return x->group == y->group && x->metric == y->metric && x->preference == y->preference &&
	       x->protocol == y->protocol && x->guard == y->guard;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct source_route *route = (const struct source_route *)resource;

	visit(&(struct reference){route->key.vrf, "vrf", -1, NULL, false}, context);
	if (route->group)
		visit(&(struct reference){route->group, "next_hop_group", -1, NULL,
					  route->key.prefix.address.family == 6},
		      context);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct source_route *)resource)->key.vrf;
}

static const struct handle *group(const struct resource *resource)
{
	return ((const struct source_route *)resource)->group;
}

static uint8_t preference(const struct resource *resource)
{
	return ((const struct source_route *)resource)->preference;
}

static bool withheld(const struct resource *resource)
{
	return ((const struct source_route *)resource)->guard != SOURCE_ALLOWED;
}

static const char *const guard_texts[] = {
	[SOURCE_NOT_ALLOWED] = "its route source does not allow this prefix: see route_source.allowed",
	[SOURCE_BOGON] =
		"nobody should announce this prefix (RFC 6890): set route_source.allow_bogons where it is meant",
};

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	if (after && !before)
		check_route_reserves(check);
}

static int status(const struct resource *resource, const struct snapshot *snapshot, struct reconciler *reconciler,
		  Sluice__V1__ResourceState *state)
{
	const struct source_route *route = (const struct source_route *)resource;

	(void)reconciler;
	if (candidate_status(snapshot, resource, route->guard ? guard_texts[route->guard] : "", state))
		return -ENOMEM;
	state->candidate_status->since_unix_ms = route->since_unix_ms;
	return 0;
}

_Static_assert(offsetof(struct source_route, key) == sizeof(struct resource), "resource_vrf_key() finds it there");

extern const struct kind_ops source_route_ops;
const struct kind_ops source_route_ops = {
	.kind = RESOURCE_SOURCE_ROUTE,
	.name = "source_route",
	.label = "source route",
	.plural = "source_routes",
	.limit = LIMIT_routes,
	.ids_of = RESOURCE_ROUTE,
	.message = &sluice__v1__source_route__descriptor,
	.key = {KEY_VRF_PREFIX_OWNER, offsetof(Sluice__V1__SourceRoute, vrf), offsetof(Sluice__V1__SourceRoute, prefix),
		offsetof(Sluice__V1__SourceRoute, source)},
	.size = sizeof(struct source_route),
	.counters = {{DP_COUNTER_ROUTES, offsetof(Sluice__V1__ResourceState, counters)}},
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
	.vrf = vrf,
	.pending = group,
	.forwards = group,
	.preference = preference,
	.withheld = withheld,
	.status = status,
};
