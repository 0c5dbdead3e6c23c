/* SPDX-License-Identifier: Apache-2.0 */
/* The router's own addresses: what the kernel has on the devices of interfaces, in the VRFs of these interfaces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/compile.h"
#include "vnf/dataplane/kernel/netlink.h"

int local_route_compare(const struct local_route *a, const struct local_route *b)
{
	if (a->vrf->id != b->vrf->id)
		return a->vrf->id < b->vrf->id ? -1 : 1;
	return ip_prefix_compare(&a->prefix, &b->prefix);
}

static int compare(const void *a, const void *b)
{
	return local_route_compare(a, b);
}

bool local_routes_contain(const struct local_routes *local_routes, const struct local_route *local_route)
{
	return local_routes->count &&
	       bsearch(local_route, local_routes->local_route, local_routes->count, sizeof(*local_route), compare);
}

int compile_local_routes(const struct compile *compile, struct local_routes *local_routes)
{
	const struct resource *resource = NULL;
	size_t capacity = 0, unique = 0;
	struct local_route *grown;

	memset(local_routes, 0, sizeof(*local_routes));
	while ((resource = snapshot_next(compile->snapshot, RESOURCE_INTERFACE, resource))) {
		const struct interface_facts *facts = &compile->interface[resource->self->id];
		const struct netlink_address *address = NULL;

		if (facts->ip_ifindex)
			address = netlink_addresses(compile->netlink, facts->ip_ifindex);
		for (; address; address = address->next) {
			if (local_routes->count == capacity) {
				capacity = capacity ? capacity * 2 : 64;
				grown = realloc(local_routes->local_route, capacity * sizeof(*grown));
				if (!grown) {
					free(local_routes->local_route);
					memset(local_routes, 0, sizeof(*local_routes));
					return -ENOMEM;
				}
				local_routes->local_route = grown;
			}
			local_routes->local_route[local_routes->count++] = (struct local_route){
				.vrf = ((const struct interface *)resource)->vrf,
				.prefix = {.address = address->address,
					   .length = address->address.family == 4 ? 32 : 128},
			};
		}
	}
	if (!local_routes->count)
		return 0;
	qsort(local_routes->local_route, local_routes->count, sizeof(*local_routes->local_route), compare);
	for (size_t i = 1; i < local_routes->count; i++)
		if (local_route_compare(&local_routes->local_route[i], &local_routes->local_route[unique]) != 0)
			local_routes->local_route[++unique] = local_routes->local_route[i];
	local_routes->count = unique + 1;
	return 0;
}
