/* SPDX-License-Identifier: Apache-2.0 */
/* Routes that VRFs have reserved and do not have yet are taken by no other VRF. */
#include <stddef.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/features/base/base.h"

struct reserves {
	struct check *check;
	uint64_t maximum, routes, kept;
	bool told;
};

static uint32_t kept_for(const struct resource *resource)
{
	const struct vrf *vrf = (const struct vrf *)resource;
	uint32_t routes = vrf->resource.self->routes;

	return vrf->reserved_routes > routes ? vrf->reserved_routes - routes : 0;
}

static bool add_kept(void *object, void *context)
{
	((struct reserves *)context)->kept += kept_for(object);
	return true;
}

static const char *remedy(uint64_t maximum)
{
	return maximum < DP_MAX_ROUTES ? ", or raise limits.max_routes in sluiced.yaml, and restart sluiced" : "";
}

/* The first change that wants more than there is: a reserve, or a route that none is for. */
static void blame(const struct resource *after, void *context)
{
	struct reserves *reserves = context;
	const struct handle *vrf = NULL;

	if (reserves->told || !check_is_new(reserves->check, after))
		return;
	if (kind_ops(after->kind)->forwards)
		vrf = resource_vrf_key(after)->vrf;
	if (vrf && vrf->routes > ((const struct vrf *)vrf->resource)->reserved_routes)
		check_fault(
			reserves->check, ERROR_RESOURCE_EXHAUSTED, NULL, -1, NULL,
			"%llu routes needed and %llu more reserved by VRFs (vrf.reserved_routes), the limit is %llu: "
			"delete routes, lower a reserve%s",
			(unsigned long long)reserves->routes, (unsigned long long)reserves->kept,
			(unsigned long long)reserves->maximum, remedy(reserves->maximum));
	else if (after->kind == RESOURCE_VRF && kept_for(after))
		check_fault(reserves->check, ERROR_RESOURCE_EXHAUSTED, "reserved_routes", -1, NULL,
			    "%llu routes and %llu more reserved, the limit is %llu: lower it, delete routes%s",
			    (unsigned long long)reserves->routes, (unsigned long long)reserves->kept,
			    (unsigned long long)reserves->maximum, remedy(reserves->maximum));
	else
		return;
	reserves->told = true;
}

/* Counts what is kept only where the sum of all reserves leaves a doubt. */
static void check_sum(struct check *check)
{
	struct reserves reserves = {.check = check, .maximum = check_router_limits(check)->routes};

	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind))
		if (kind_ops((enum resource_kind)kind)->forwards)
			reserves.routes += snapshot_count(check->next, (enum resource_kind)kind);
	if (reserves.routes + snapshot_parts(check->next, RESOURCE_VRF) <= reserves.maximum)
		return;
	check_walk(check, RESOURCE_VRF, add_kept, &reserves);
	if (reserves.routes + reserves.kept > reserves.maximum)
		check_changes(check, blame, &reserves);
}

void check_route_reserves(struct check *check)
{
	if (snapshot_parts(check->next, RESOURCE_VRF))
		check_at_end(check, check_sum);
}
