/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prefixes that nobody has configured as routes: the router's own addresses, VIPs of load balancers, what is on the
 * links of its interfaces, and hosts there. Each is there for as long as somebody in its VRF holds it. Of a run the
 * state before it is known, too, until local_routes_finish. Internal to vnf/reconcile and the tables of addresses.
 *
 * What a leaf says decides about a prefix: the router's own addresses (DP_GROUP_LOCAL) and those of all routers
 * (DP_GROUP_ANYCAST), then VIPs (DP_GROUP_VIP), then prefixes of links (DP_GROUP_CONNECTED) and their broadcast
 * addresses (DP_GROUP_BROADCAST), then configured routes, then hosts (DP_GROUP_HOST).
 */
#ifndef SLUICE_RECONCILE_LOCAL_ROUTES_H
#define SLUICE_RECONCILE_LOCAL_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/fib.h"
#include "api/dp/limits.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/reconcile/id_array.h"

struct local_route {
	struct handle *vrf;
	struct ip_prefix prefix;
};

struct local_routes {
	struct id_pool entry;	  /* struct local_route_entry */
	struct id_index by_route; /* entries by VRF and prefix */
	struct id_pool use;	  /* of an entry by a holder */
	struct id_array first;	  /* uint32_t use by holder */

	/* Entries whose uses are others since this run. */
	uint32_t *touched;
	size_t touched_count, touched_capacity;

	/* Of the holder at hand. */
	uint32_t holder, old_first, new_first;
};

void local_routes_open(struct local_routes *local_routes); /* all zeros before */
void local_routes_close(struct local_routes *local_routes);

/* Holders' numbers: an interface's is its id as regards its addresses; then come VRFs, links, tunnels, load balancers,
 * and hosts. */
static inline uint32_t local_routes_vrf_holder(uint32_t vrf)
{
	return DP_MAX_INTERFACES + vrf;
}

static inline uint32_t local_routes_link_holder(uint32_t interface)
{
	return DP_MAX_INTERFACES + DP_MAX_VRFS + interface;
}

static inline uint32_t local_routes_tunnel_holder(uint32_t tunnel)
{
	return 2 * DP_MAX_INTERFACES + DP_MAX_VRFS + tunnel;
}

static inline uint32_t local_routes_balancer_holder(uint32_t load_balancer)
{
	return 2 * DP_MAX_INTERFACES + DP_MAX_VRFS + DP_MAX_TUNNEL_ENDPOINTS + load_balancer;
}

static inline uint32_t local_routes_host_holder(uint32_t host)
{
	return 2 * DP_MAX_INTERFACES + DP_MAX_VRFS + DP_MAX_TUNNEL_ENDPOINTS + DP_MAX_LOAD_BALANCERS + host;
}

/* Begins to say anew which routes the holder has, and ends it. Of equal prefixes of links, and of hosts, the interface
 * with the lower id decides. */
void local_routes_begin(struct local_routes *local_routes, uint32_t holder);
void local_routes_add(struct local_routes *local_routes, struct undo_log *log, const struct local_route *local_route,
		      struct dp_fib_leaf leaf, uint32_t interface);
void local_routes_end(struct local_routes *local_routes, struct undo_log *log);
/* The run is over; `undone`: and was undone. */
void local_routes_finish(struct local_routes *local_routes, bool undone);

/* The leaf of the prefix, of DP_GROUP_NONE where nobody holds it. */
struct dp_fib_leaf local_routes_find(const struct local_routes *local_routes, const struct local_route *local_route);
/* Is it there, or was it before this run? */
bool local_routes_know(const struct local_routes *local_routes, const struct local_route *local_route);
/* Do configured routes stand behind such a leaf? */
static inline bool local_leaf_wins(struct dp_fib_leaf leaf)
{
	return leaf.group > DP_GROUP_HOST;
}

/* At most so many have changed in the run; the n-th of them: false, it is as before. */
size_t local_routes_touched(const struct local_routes *local_routes);
bool local_routes_changed(const struct local_routes *local_routes, size_t n, struct local_route *local_route);

#endif
