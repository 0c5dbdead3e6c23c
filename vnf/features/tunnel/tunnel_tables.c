/* SPDX-License-Identifier: Apache-2.0 */
/*
 * underlays, bound_vrfs, tunnels[] and tunnel_ports[]: which VRFs tunnels end in, which ones VNIs are bound to, how to
 * reach a remote VTEP, and on which UDP ports a VTEP of ours listens. A tunnel is programmed while the underlay's route
 * to its remote has a gateway that is.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "api/dp/fib.h"
#include "vnf/features/base/link_tables.h"
#include "vnf/features/base/next_hop_tables.h"
#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/tunnel/remotes.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"
#include "vnf/reconcile/paths.h"
#include "vnf/reconcile/table.h"

struct tunnels {
	struct remotes remotes;
	struct id_array group; /* uint32_t by tunnel: that the route to its remote has */
	struct id_array up;    /* bool by tunnel: it is programmed */
	struct id_array leaf;  /* struct dp_fib_leaf by tunnel: of the route */
	struct id_index by_group;
};

static void open_tunnels(void *state)
{
	struct tunnels *tunnels = state;

	tunnels->group = id_array_of(sizeof(uint32_t));
	tunnels->up = id_array_of(sizeof(bool));
	tunnels->leaf = id_array_of(sizeof(struct dp_fib_leaf));
	tunnels->by_group = id_index_new();
}

static void close_tunnels(void *state)
{
	struct tunnels *tunnels = state;

	remotes_close(&tunnels->remotes);
	id_array_free(&tunnels->group);
	id_array_free(&tunnels->up);
	id_array_free(&tunnels->leaf);
	id_index_free(&tunnels->by_group);
}

static struct tunnels *tunnels_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_tunnels);
}

static uint32_t group_of(const struct tables *tables, uint32_t id)
{
	return *(const uint32_t *)id_array_get(&tunnels_of(tables)->group, id);
}

static uint32_t group_hash(uint32_t group)
{
	return id_hash(ID_HASH_START, &group, sizeof(group));
}

static void set_group(struct tables *tables, uint32_t id, uint32_t group)
{
	struct tunnels *tunnels = tunnels_of(tables);
	struct undo_log *log = tables_log(tables);
	uint32_t before = group_of(tables, id);

	if (before == group)
		return;
	if (before)
		id_index_remove(&tunnels->by_group, log, group_hash(before), id);
	if (group)
		id_index_add(&tunnels->by_group, log, group_hash(group), id);
	id_array_set(&tunnels->group, log, id, &group);
}

/* A host on a link counts from when its MAC is known. */
static enum pending_reason tunnel_pending(const struct tables *tables, struct dp_fib_leaf leaf)
{
	switch (leaf.group) {
	case DP_GROUP_NONE:
	case DP_GROUP_BROADCAST:
		return PENDING_UNDERLAY_ROUTE;
	case DP_GROUP_LOCAL:
	case DP_GROUP_ANYCAST:
		return PENDING_UNDERLAY_LOCAL;
	case DP_GROUP_CONNECTED:
		return PENDING_UNDERLAY_HOST;
	case DP_GROUP_HOST:
		return leaf.route ? PENDING_NONE : PENDING_UNDERLAY_HOST;
	}
	return gateway_group_pending(tables, leaf.group);
}

bool tunnel_is_up(const struct tables *tables, uint32_t id)
{
	return *(const bool *)id_array_get(&tunnels_of(tables)->up, id);
}

struct dp_fib_leaf tunnel_leaf(const struct tables *tables, uint32_t id)
{
	return *(const struct dp_fib_leaf *)id_array_get(&tunnels_of(tables)->leaf, id);
}

bool tunnel_is_another(const struct tunnel_endpoint *before, const struct tunnel_endpoint *after)
{
	return before && after &&
	       (before->underlay_vrf != after->underlay_vrf || before->udp_port != after->udp_port ||
		ip_address_compare(&before->local, &after->local) != 0 ||
		ip_address_compare(&before->remote, &after->remote) != 0);
}

const struct tunnel_endpoint *tunnel_beside(const struct tables *tables, const struct tunnel_endpoint *endpoint,
					    const struct tunnel_endpoint *previous)
{
	const struct ip_prefix remote = ip_prefix_of(&endpoint->remote, endpoint->remote.family == 4 ? 32 : 128);

	do
		previous = remotes_next(&tunnels_of(tables)->remotes, endpoint->underlay_vrf, &remote, previous);
	while (previous && (previous->resource.self == endpoint->resource.self || previous->kind != endpoint->kind ||
			    tunnel_is_another(previous, endpoint)));
	return previous;
}

/* Packets find out about a path on behalf of one of the endpoints between its ends. */
static uint16_t path_mtu(const struct tables *tables, const struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)row->after, *beside = NULL;
	uint16_t least, mtu;

	if (!before || tunnel_is_another(before, endpoint))
		paths_forget(tables_paths(tables), row->id);
	least = paths_mtu(tables_paths(tables), row->id);
	while ((beside = tunnel_beside(tables, endpoint, beside))) {
		mtu = paths_mtu(tables_paths(tables), resource_id(&beside->resource));
		if (mtu && (!least || mtu < least))
			least = mtu;
	}
	return least ? least : DP_PATH_MTU_NONE;
}

static int tunnel_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)row->after;
	enum pending_reason pending = PENDING_NONE;
	struct dp_tunnel tunnel = {0};
	struct dp_fib_leaf leaf = {.group = DP_GROUP_NONE};
	bool up;

	if (before != endpoint && !remotes_replace(&tunnels_of(tables)->remotes, before, endpoint))
		return -ENOMEM;
	if (endpoint) {
		tunnel.underlay_vrf = (uint16_t)endpoint->underlay_vrf->id;
		tunnel.udp_port = htons(endpoint->udp_port);
		tunnel.kind = endpoint->kind;
		tunnel.ipv6 = endpoint->local.family == 6;
		tunnel.mtu = path_mtu(tables, row);
		ip_address_map(&endpoint->local, tunnel.local.byte);
		ip_address_map(&endpoint->remote, tunnel.remote.byte);
		if (tunnel_endpoint_has_checksum(endpoint))
			tunnel.checksum = dp_tunnel_checksum(&tunnel);
		leaf = tables_route_to(tables, endpoint->underlay_vrf, &endpoint->remote);
		pending = tunnel_pending(tables, leaf);
		tables_set_pending(tables, row->after->self, pending);
	}
	up = endpoint && pending == PENDING_NONE;
	row->changed = id_array_set(&tunnels_of(tables)->up, tables_log(tables), row->id, &up);
	id_array_set(&tunnels_of(tables)->leaf, tables_log(tables), row->id, &leaf);
	set_group(tables, row->id, leaf.group);
	if (hosts_ask_for_remote(tables, row->id, leaf.group == DP_GROUP_CONNECTED ? leaf.route : 0,
				 endpoint ? &endpoint->remote : NULL))
		return -ENOMEM;
	next_hops_set_tunnel(tables, endpoint ? row->after : row->before, pending);
	bank_write(tables_writer(tables), DP_TABLE_tunnels, row->id, &tunnel);
	return 0;
}

static void finish_tunnels(struct tables *tables, bool undone)
{
	remotes_finish(&tunnels_of(tables)->remotes, undone);
}

static void follow_route(struct tables *tables, const struct handle *vrf, const struct ip_prefix *prefix)
{
	const struct remotes *remotes = &tunnels_of(tables)->remotes;
	const struct tunnel_endpoint *endpoint = NULL;

	while ((endpoint = remotes_next(remotes, vrf, prefix, endpoint)))
		tables_mark(tables, TABLE_tunnels, resource_id(&endpoint->resource));
}

static void follow_group(struct tables *tables, const struct resource *before, const struct resource *after)
{
	uint32_t group = resource_id(after ? after : before);
	const struct id_index *index = &tunnels_of(tables)->by_group;

	for (uint32_t id = id_index_first(index, group_hash(group)); id; id = id_index_next(index, id))
		if (group_of(tables, id) == group)
			tables_mark(tables, TABLE_tunnels, id);
}

static void follow_path(struct tables *tables, const struct fact *fact)
{
	const struct tunnel_endpoint *endpoint, *beside = NULL;

	tables_mark(tables, TABLE_tunnels, fact->ifindex);
	endpoint = (const struct tunnel_endpoint *)tables_resource(tables, RESOURCE_TUNNEL_ENDPOINT, fact->ifindex);
	while (endpoint && (beside = tunnel_beside(tables, endpoint, beside)))
		tables_mark(tables, TABLE_tunnels, resource_id(&beside->resource));
}

struct users {
	struct id_array count; /* uint32_t: tunnel endpoints or VNIs that have it; by UDP port, by VRF */
};

static void open(void *state)
{
	((struct users *)state)->count = id_array_of(sizeof(uint32_t));
}

static void close(void *state)
{
	id_array_free(&((struct users *)state)->count);
}

/* How many there are with one more or less. */
static uint32_t count(struct tables *tables, enum table_id table, uint32_t id, int step)
{
	struct users *users = tables_state(tables, table);
	uint32_t now = *(const uint32_t *)id_array_get(&users->count, id) + (uint32_t)step;

	id_array_set(&users->count, tables_log(tables), id, &now);
	return now;
}

static void count_underlay(struct tables *tables, uint32_t vrf, int step)
{
	vrf_set_underlay(tables, vrf, count(tables, TABLE_underlays, vrf, step) > 0);
}

static int underlay_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *after = (const struct tunnel_endpoint *)row->after;

	if (before && after && before->underlay_vrf == after->underlay_vrf)
		return 0;
	if (after)
		count_underlay(tables, after->underlay_vrf->id, 1);
	if (before)
		count_underlay(tables, before->underlay_vrf->id, -1);
	return 0;
}

static void count_bound(struct tables *tables, const struct tunnel_endpoint *endpoint, int step)
{
	for (size_t i = 0; endpoint && i < endpoint->count; i++) {
		uint32_t vrf = endpoint->binding[i].vrf->id;

		vrf_set_bound(tables, vrf, count(tables, TABLE_bound_vrfs, vrf, step) > 0);
	}
}

static int bound_vrf_row(struct tables *tables, struct table_row *row)
{
	if (row->before == row->after)
		return 0;
	count_bound(tables, (const struct tunnel_endpoint *)row->after, 1);
	count_bound(tables, (const struct tunnel_endpoint *)row->before, -1);
	return 0;
}

static void count_port(struct tables *tables, uint16_t port, int step)
{
	struct bank_writer *writer = tables_writer(tables);
	uint32_t uses = count(tables, TABLE_tunnel_ports, port, step);
	__u64 word = *(const __u64 *)bank_writer_row(writer, DP_TABLE_tunnel_ports, port / 64);
	__u64 bit = 1ULL << (port % 64);

	word = uses ? word | bit : word & ~bit;
	bank_write(writer, DP_TABLE_tunnel_ports, port / 64, &word);
}

static int port_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *after = (const struct tunnel_endpoint *)row->after;

	if (before && after && before->udp_port == after->udp_port)
		return 0;
	if (after)
		count_port(tables, after->udp_port, 1);
	if (before)
		count_port(tables, before->udp_port, -1);
	return 0;
}

const struct table underlays_table = {
	.name = "underlays",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.state_size = sizeof(struct users),
	.open = open,
	.close = close,
	.row = underlay_row,
};

const struct table bound_vrfs_table = {
	.name = "bound_vrfs",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.state_size = sizeof(struct users),
	.open = open,
	.close = close,
	.row = bound_vrf_row,
};

const struct table tunnels_table = {
	.name = "tunnels",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.tables = {{TABLE_gateway_groups, follow_group}},
	.facts = {{FACT_PATH, follow_path}},
	.follow_route = follow_route,
	.state_size = sizeof(struct tunnels),
	.open = open_tunnels,
	.close = close_tunnels,
	.row = tunnel_row,
	.finish = finish_tunnels,
};

const struct table tunnel_ports_table = {
	.name = "tunnel_ports",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.state_size = sizeof(struct users),
	.open = open,
	.close = close,
	.row = port_row,
};
