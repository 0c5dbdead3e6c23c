/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/ways.h"

#include <pthread.h>
#include <stdlib.h>

#include "vnf/control/kinds/key.h"
#include "vnf/control/seen/names.h"
#include "vnf/control/state/history.h"
#include "vnf/features/base/base.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

#define IPV4_BITS 96 /* of a mapped address in front of it */

struct seen_ways {
	struct history *history;
	const struct dp_limits *limits;
	pthread_mutex_t lock;
	struct seen_names names; /* guarded by the lock; of a snapshot that is pinned, or NULL */
};

struct seen_ways *seen_ways_new(struct history *history, const struct dp_limits *limits)
{
	struct seen_ways *ways = calloc(1, sizeof(*ways));

	if (!ways)
		return NULL;
	ways->history = history;
	ways->limits = limits;
	pthread_mutex_init(&ways->lock, NULL);
	return ways;
}

static void clear(struct seen_names *names)
{
	const struct snapshot *snapshot = names->snapshot;

	seen_names_clear(names);
	if (snapshot)
		snapshot_unpin(snapshot);
}

void seen_ways_free(struct seen_ways *ways)
{
	if (!ways)
		return;
	clear(&ways->names);
	pthread_mutex_destroy(&ways->lock);
	free(ways);
}

/* The kinds are looked through here, and not by who finds a way. */
static void make_ready(struct seen_names *names)
{
	static const enum resource_kind kinds[] = {RESOURCE_NEXT_HOP, RESOURCE_INTERFACE, RESOURCE_VRF,
						   RESOURCE_TUNNEL_ENDPOINT};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		seen_resource(names, kinds[i], 1);
}

void seen_ways_refresh(struct seen_ways *ways)
{
	const struct snapshot *snapshot = history_pin(ways->history);
	struct seen_names names, before;

	if (snapshot == ways->names.snapshot) { /* which only this function changes */
		snapshot_unpin(snapshot);
		return;
	}
	seen_names_init(&names, snapshot, ways->limits);
	make_ready(&names);
	pthread_mutex_lock(&ways->lock);
	before = ways->names;
	ways->names = names;
	pthread_mutex_unlock(&ways->lock);
	clear(&before);
}

static void find_next_hop(struct seen_names *names, const struct dp_step *last, struct seen_way *way)
{
	const struct next_hop *next_hop =
		(const struct next_hop *)seen_resource(names, RESOURCE_NEXT_HOP, last->next_hop);
	const struct tunnel_endpoint *endpoint =
		(const struct tunnel_endpoint *)seen_resource(names, RESOURCE_TUNNEL_ENDPOINT, last->encapsulated);

	if (next_hop && next_hop->target == NEXT_HOP_GATEWAY)
		way->next_hop = next_hop->address;
	if (!endpoint)
		return;
	way->tunnelled = true;
	way->tunnel_kind = endpoint->kind;
	way->udp_port = endpoint->udp_port;
	way->local = endpoint->local;
	way->remote = endpoint->remote;
	way->next_hop = endpoint->remote;
	if (next_hop && next_hop->target == NEXT_HOP_TUNNEL)
		way->vni = next_hop->vni;
}

static void find_prefix(struct seen_names *names, const struct dp_step *last, struct seen_way *way)
{
	const struct resource *route;

	if (last->prefix_length <= 128) {
		way->prefix_length = last->family == 4 && last->prefix_length >= IPV4_BITS
					     ? last->prefix_length - IPV4_BITS
					     : last->prefix_length;
		return;
	}
	route = seen_route(names, last->vrf, &last->dst, last->route);
	if (route && !route->self)
		way->prefix_length = resource_vrf_key(route)->prefix.length;
}

void seen_ways_find(struct seen_ways *ways, const struct dp_observation *head, struct seen_way *way)
{
	const struct interface *interface;

	*way = (struct seen_way){0};
	pthread_mutex_lock(&ways->lock);
	if (ways->names.snapshot) {
		find_next_hop(&ways->names, &head->last, way);
		find_prefix(&ways->names, &head->last, way);
		interface =
			(const struct interface *)seen_resource(&ways->names, RESOURCE_INTERFACE, head->out_interface);
		if (interface)
			way->vlan_id = interface->vlan_id;
	}
	pthread_mutex_unlock(&ways->lock);
}
