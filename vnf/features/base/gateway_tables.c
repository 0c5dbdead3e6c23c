/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateways and gateway_groups: the rows of next_hops[] that lead to a neighbour on a link, as far as the kernel knows
 * it, and which groups have one that does: only these carry a tunnel. A table of their own, because tunnels stand
 * between them and the next hops that lead into tunnels.
 */
#include "vnf/features/base/next_hop_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/group_health.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/features/base/static_neighbours.h"

/* A neighbour that a next hop wants resolved. */
struct gateway {
	uint32_t ifindex; /* 0: none */
	struct ip_address address;
	uint8_t pad[3];
};

struct gateway_facts {
	struct gateway gateway;
	uint32_t pending;
	uint32_t target;    /* enum next_hop_target; 0: there is no next hop */
	uint32_t neighbour; /* neighbour_hash of a gateway without a MAC of its own; 0: it has one */
};

_Static_assert(sizeof(struct gateway_facts) == 36, "no holes");

struct gateways {
	struct id_array facts; /* struct gateway_facts */
	struct id_index by_gateway, by_neighbour;
	struct static_neighbours neighbours;
	/* Gateways that this run wanted or stopped wanting: looked at when it is over. */
	struct gateway *loose;
	size_t loose_count, loose_capacity;
};

static void open(void *state)
{
	struct gateways *gateways = state;

	gateways->facts = id_array_of(sizeof(struct gateway_facts));
	gateways->by_gateway = id_index_new();
	gateways->by_neighbour = id_index_new();
	static_neighbours_open(&gateways->neighbours);
}

static void close(void *state)
{
	struct gateways *gateways = state;

	id_array_free(&gateways->facts);
	id_index_free(&gateways->by_gateway);
	id_index_free(&gateways->by_neighbour);
	static_neighbours_close(&gateways->neighbours);
	free(gateways->loose);
}

static struct gateways *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_gateways);
}

static struct gateway_facts facts_of(const struct tables *tables, uint32_t id)
{
	return *(const struct gateway_facts *)id_array_get(&state_of(tables)->facts, id);
}

enum pending_reason gateway_pending(const struct tables *tables, uint32_t id)
{
	return (enum pending_reason)facts_of(tables, id).pending;
}

static uint32_t gateway_hash(uint32_t ifindex, const struct ip_address *address)
{
	uint32_t hash = id_hash(ID_HASH_START, &ifindex, sizeof(ifindex));

	return id_hash(hash, address, sizeof(*address));
}

static void mark_gateways(struct tables *tables, uint32_t hash)
{
	const struct id_index *index = &state_of(tables)->by_neighbour;

	for (uint32_t id = id_index_first(index, hash); id; id = id_index_next(index, id))
		if (facts_of(tables, id).neighbour == hash)
			tables_mark(tables, TABLE_gateways, id);
}

void next_hops_set_neighbour(struct tables *tables, uint32_t id, const struct vrf_key *key, const uint8_t mac[6])
{
	uint32_t touched[2];

	if (!static_neighbours_set(&state_of(tables)->neighbours, tables_log(tables), id, key, mac, touched))
		return;
	for (int i = 0; i < 2; i++)
		if (touched[i])
			mark_gateways(tables, touched[i]);
}

static bool loosen(struct gateways *gateways, const struct gateway *gateway)
{
	size_t capacity = gateways->loose_capacity ? gateways->loose_capacity * 2 : 8;
	struct gateway *grown;

	if (gateways->loose_count == gateways->loose_capacity) {
		grown = realloc(gateways->loose, capacity * sizeof(*grown));
		if (!grown)
			return false;
		gateways->loose = grown;
		gateways->loose_capacity = capacity;
	}
	gateways->loose[gateways->loose_count++] = *gateway;
	return true;
}

/* To a neighbour on a link. 0, or -ENOMEM. */
static int to_gateway(struct tables *tables, const struct next_hop *hop, struct dp_next_hop *entry,
		      struct gateway_facts *known)
{
	const struct interface_facts facts = interface_facts(tables, hop->via->id);
	struct netlink *netlink = tables_netlink(tables);
	struct dp_egress egress = {
		.ifindex = facts.ifindex,
		.tc_only = facts.tc_only,
		.mtu = facts.mtu,
		.interface = (uint16_t)hop->via->id,
		.vlan_id = facts.vlan_id,
		.inner_vlan_id = facts.inner_vlan_id,
	};

	entry->kind = DP_NEXT_HOP_UNRESOLVED;
	known->neighbour = hop->has_mac ? 0 : neighbour_hash(facts.vrf, &hop->address);
	known->pending = PENDING_INTERFACE;
	/* what is learned may outlive its interface */
	if (!tables_resource(tables, RESOURCE_INTERFACE, hop->via->id) || facts.pending != PENDING_NONE)
		return 0;
	known->pending = PENDING_NEIGHBOUR;
	if (hop->has_mac) {
		memcpy(egress.dst_mac, hop->mac, sizeof(egress.dst_mac));
	} else if (!static_neighbours_find(&state_of(tables)->neighbours, facts.vrf, &hop->address, egress.dst_mac)) {
		if (!facts.ip_ifindex)
			return 0;
		known->gateway = (struct gateway){.ifindex = facts.ip_ifindex, .address = hop->address};
		if (!loosen(state_of(tables), &known->gateway) ||
		    netlink_want(netlink, facts.ip_ifindex, &hop->address, NETLINK_GATEWAYS))
			return -ENOMEM;
		if (!netlink_neighbour(netlink, facts.ip_ifindex, &hop->address, egress.dst_mac)) {
			if (netlink_neighbour_refused(netlink, facts.ip_ifindex, &hop->address))
				known->pending = PENDING_NO_ROOM;
			return 0;
		}
	}
	memcpy(egress.src_mac, facts.mac, sizeof(egress.src_mac));
	entry->kind = DP_NEXT_HOP_GATEWAY;
	entry->egress = egress;
	known->pending = PENDING_NONE;
	return 0;
}

static void move(struct tables *tables, uint32_t id, const struct gateway_facts *before,
		 const struct gateway_facts *after)
{
	struct gateways *gateways = state_of(tables);
	struct undo_log *log = tables_log(tables);

	if (memcmp(&before->gateway, &after->gateway, sizeof(before->gateway)) != 0) {
		if (before->gateway.ifindex)
			id_index_remove(&gateways->by_gateway, log,
					gateway_hash(before->gateway.ifindex, &before->gateway.address), id);
		if (before->gateway.ifindex && !loosen(gateways, &before->gateway))
			log->no_memory = true;
		if (after->gateway.ifindex)
			id_index_add(&gateways->by_gateway, log,
				     gateway_hash(after->gateway.ifindex, &after->gateway.address), id);
	}
	if (before->neighbour == after->neighbour)
		return;
	if (before->neighbour)
		id_index_remove(&gateways->by_neighbour, log, before->neighbour, id);
	if (after->neighbour)
		id_index_add(&gateways->by_neighbour, log, after->neighbour, id);
}

static const uint8_t discards[] = {
	[DISCARD_BLACKHOLE] = DP_NEXT_HOP_DISCARD,
	[DISCARD_UNREACHABLE] = DP_NEXT_HOP_UNREACHABLE,
	[DISCARD_PROHIBIT] = DP_NEXT_HOP_PROHIBIT,
};

/* Next hops into tunnels have their rows from next_hops_table. */
static int row(struct tables *tables, struct table_row *row)
{
	const struct next_hop *hop = (const struct next_hop *)row->after;
	const struct gateway_facts before = facts_of(tables, row->id);
	struct gateway_facts after = {.pending = PENDING_NONE, .target = hop ? hop->target : 0};
	struct dp_next_hop entry = {0};
	int error = 0;

	if (hop && hop->target == NEXT_HOP_GATEWAY)
		error = to_gateway(tables, hop, &entry, &after);
	else if (hop && hop->target == NEXT_HOP_DISCARD)
		entry.kind = discards[hop->discard];
	if (error)
		return error;
	move(tables, row->id, &before, &after);
	id_array_set(&state_of(tables)->facts, tables_log(tables), row->id, &after);
	row->changed = before.pending != after.pending || before.target != after.target;
	if (hop && hop->target == NEXT_HOP_TUNNEL)
		return 0;
	bank_write(tables_writer(tables), DP_TABLE_next_hops, row->id, &entry);
	if (hop)
		tables_set_pending(tables, row->after->self, (enum pending_reason)after.pending);
	return 0;
}

static bool is_wanted(const struct tables *tables, const struct gateway *gateway)
{
	const struct id_index *index = &state_of(tables)->by_gateway;
	uint32_t id = id_index_first(index, gateway_hash(gateway->ifindex, &gateway->address));

	for (; id; id = id_index_next(index, id)) {
		const struct gateway_facts facts = facts_of(tables, id);

		if (memcmp(&facts.gateway, gateway, sizeof(*gateway)) == 0)
			return true;
	}
	return false;
}

static void finish(struct tables *tables, bool undone)
{
	struct gateways *gateways = state_of(tables);

	(void)undone;
	for (size_t i = 0; i < gateways->loose_count; i++)
		if (!is_wanted(tables, &gateways->loose[i]))
			netlink_unwant(tables_netlink(tables), gateways->loose[i].ifindex, &gateways->loose[i].address,
				       NETLINK_GATEWAYS);
	gateways->loose_count = 0;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_gateways, after ? after : before, RESOURCE_NEXT_HOP);
}

static void follow_neighbour(struct tables *tables, const struct fact *fact)
{
	const struct id_index *index = &state_of(tables)->by_gateway;
	uint32_t id = id_index_first(index, gateway_hash(fact->ifindex, &fact->address));

	for (; id; id = id_index_next(index, id))
		tables_mark(tables, TABLE_gateways, id);
}

const struct table gateways_table = {
	.name = "gateways",
	.kind = RESOURCE_NEXT_HOP,
	.tables = {{TABLE_interfaces, follow_interface}},
	.facts = {{FACT_NEIGHBOUR, follow_neighbour}},
	.state_size = sizeof(struct gateways),
	.open = open,
	.close = close,
	.row = row,
	.finish = finish,
};

struct gateway_groups {
	struct id_array pending; /* uint32_t by group */
};

static void open_groups(void *state)
{
	((struct gateway_groups *)state)->pending = id_array_of(sizeof(uint32_t));
}

static void close_groups(void *state)
{
	id_array_free(&((struct gateway_groups *)state)->pending);
}

static const struct id_array *groups_of(const struct tables *tables)
{
	return &((struct gateway_groups *)tables_state(tables, TABLE_gateway_groups))->pending;
}

enum pending_reason gateway_group_pending(const struct tables *tables, uint32_t id)
{
	return *(const enum pending_reason *)id_array_get(groups_of(tables), id);
}

static uint32_t group_pending(const struct tables *tables, const struct next_hop_group *group)
{
	const struct next_hop_health health = next_hop_health(tables, group);
	uint32_t pending = PENDING_UNDERLAY_MEMBERS;

	for (size_t i = 0; group && i < group->count; i++) {
		const struct gateway_facts facts = facts_of(tables, group->member[i].next_hop->id);

		if (facts.target == NEXT_HOP_TUNNEL)
			return PENDING_UNDERLAY_TUNNEL;
		if (facts.target == NEXT_HOP_GATEWAY && facts.pending == PENDING_NONE &&
		    next_hop_is_up(&health, group->member[i].next_hop))
			pending = PENDING_NONE;
	}
	return pending;
}

/* Dead or not is known here of a group that has no member into a tunnel; of others it stays, until groups_table says.
 */
static struct group_state group_state(const struct tables *tables, const struct next_hop_group *group,
				      struct group_state before)
{
	const struct next_hop_health health = next_hop_health(tables, group);
	struct group_state state = {.dead = group != NULL};

	for (size_t i = 0; group && i < group->count; i++) {
		const struct gateway_facts facts = facts_of(tables, group->member[i].next_hop->id);

		if (facts.target == NEXT_HOP_TUNNEL)
			state.tunnels = 1;
		else if (facts.pending == PENDING_NONE && next_hop_is_up(&health, group->member[i].next_hop))
			state.dead = 0;
	}
	if (state.tunnels && state.dead)
		state.dead = before.tunnels && before.dead;
	return state;
}

static int group_row(struct tables *tables, struct table_row *row)
{
	const uint32_t pending = group_pending(tables, (const struct next_hop_group *)row->after);
	struct gateway_groups *groups = tables_state(tables, TABLE_gateway_groups);

	tables_set_group_state(
		tables, row->id,
		group_state(tables, (const struct next_hop_group *)row->after, tables_group_state(tables, row->id)));
	row->changed = id_array_set(&groups->pending, tables_log(tables), row->id, &pending);
	return 0;
}

static void follow_gateway(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_gateway_groups, after ? after : before, RESOURCE_NEXT_HOP_GROUP);
}

static void mark_group(struct tables *tables, const struct handle *group)
{
	tables_mark(tables, TABLE_gateway_groups, group->id);
}

static void follow_monitor(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_used(tables, before, RESOURCE_NEXT_HOP_GROUP, mark_group);
	tables_each_used(tables, after, RESOURCE_NEXT_HOP_GROUP, mark_group);
}

static void follow_health(struct tables *tables, const struct fact *fact)
{
	if (fact->resource == RESOURCE_NEXT_HOP_GROUP)
		tables_mark(tables, TABLE_gateway_groups, fact->ifindex);
}

const struct table gateway_groups_table = {
	.name = "gateway_groups",
	.kind = RESOURCE_NEXT_HOP_GROUP,
	.kinds = {{RESOURCE_HEALTH_MONITOR, follow_monitor}},
	.facts = {{FACT_HEALTH, follow_health}},
	.tables = {{TABLE_gateways, follow_gateway}},
	.state_size = sizeof(struct gateway_groups),
	.open = open_groups,
	.close = close_groups,
	.row = group_row,
};
