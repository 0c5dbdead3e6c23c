/* SPDX-License-Identifier: Apache-2.0 */
/* next_hops[]: how a frame to each next hop looks, as far as the kernel knows its neighbour. */
#include "vnf/features/base/next_hop_tables.h"
#include "vnf/features/base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/features/base/static_neighbours.h"
#include "vnf/features/base/vrf_tables.h"

/* A neighbour that a next hop wants resolved. */
struct gateway {
	uint32_t ifindex; /* 0: none */
	struct ip_address address;
	uint8_t pad[3];
};

struct next_hop_facts {
	struct gateway gateway;
	uint32_t vrf; /* whose router MAC the frame has; 0: none's */
	uint32_t pending;
	uint32_t neighbour; /* neighbour_hash of a gateway without a MAC of its own; 0: it has one */
};

_Static_assert(sizeof(struct next_hop_facts) == 36, "no holes");

struct next_hops {
	struct id_array facts; /* struct next_hop_facts */
	struct id_index by_gateway, by_vrf, by_neighbour;
	struct static_neighbours neighbours;
	/* Gateways that this run wanted or stopped wanting: looked at when it is over. */
	struct gateway *loose;
	size_t loose_count, loose_capacity;
};

static void open(void *state)
{
	struct next_hops *next_hops = state;

	next_hops->facts = id_array_of(sizeof(struct next_hop_facts));
	next_hops->by_gateway = id_index_new();
	next_hops->by_vrf = id_index_new();
	next_hops->by_neighbour = id_index_new();
	static_neighbours_open(&next_hops->neighbours);
}

static void close(void *state)
{
	struct next_hops *next_hops = state;

	id_array_free(&next_hops->facts);
	id_index_free(&next_hops->by_gateway);
	id_index_free(&next_hops->by_vrf);
	id_index_free(&next_hops->by_neighbour);
	static_neighbours_close(&next_hops->neighbours);
	free(next_hops->loose);
}

static struct next_hops *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_next_hops);
}

static struct next_hop_facts facts_of(const struct tables *tables, uint32_t id)
{
	return *(const struct next_hop_facts *)id_array_get(&state_of(tables)->facts, id);
}

enum pending_reason next_hop_pending(const struct tables *tables, uint32_t id)
{
	return (enum pending_reason)facts_of(tables, id).pending;
}

static uint32_t gateway_hash(uint32_t ifindex, const struct ip_address *address)
{
	uint32_t hash = id_hash(ID_HASH_START, &ifindex, sizeof(ifindex));

	return id_hash(hash, address, sizeof(*address));
}

static uint32_t vrf_hash(uint32_t vrf)
{
	return id_hash(ID_HASH_START, &vrf, sizeof(vrf));
}

static void mark_gateways(struct tables *tables, uint32_t hash)
{
	const struct id_index *index = &state_of(tables)->by_neighbour;

	for (uint32_t id = id_index_first(index, hash); id; id = id_index_next(index, id))
		if (facts_of(tables, id).neighbour == hash)
			tables_mark(tables, TABLE_next_hops, id);
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

static bool loosen(struct next_hops *next_hops, const struct gateway *gateway)
{
	size_t capacity = next_hops->loose_capacity ? next_hops->loose_capacity * 2 : 8;
	struct gateway *grown;

	if (next_hops->loose_count == next_hops->loose_capacity) {
		grown = realloc(next_hops->loose, capacity * sizeof(*grown));
		if (!grown)
			return false;
		next_hops->loose = grown;
		next_hops->loose_capacity = capacity;
	}
	next_hops->loose[next_hops->loose_count++] = *gateway;
	return true;
}

/* To a neighbour on a link. 0, or -ENOMEM. */
static int to_gateway(struct tables *tables, const struct next_hop *hop, struct dp_next_hop *entry,
		      struct next_hop_facts *known)
{
	const struct interface_facts facts = interface_facts(tables, hop->via->id);
	struct netlink *netlink = tables_netlink(tables);
	struct dp_egress egress = {
		.ifindex = facts.ifindex,
		.mtu = facts.mtu,
		.interface = (uint16_t)hop->via->id,
		.vlan_id = facts.vlan_id,
		.inner_vlan_id = facts.inner_vlan_id,
	};

	entry->kind = DP_NEXT_HOP_UNRESOLVED;
	known->neighbour = hop->has_mac ? 0 : neighbour_hash(facts.vrf, &hop->address);
	known->pending = PENDING_INTERFACE;
	if (facts.pending != PENDING_NONE)
		return 0;
	known->pending = PENDING_NEIGHBOUR;
	if (hop->has_mac) {
		memcpy(egress.dst_mac, hop->mac, sizeof(egress.dst_mac));
	} else if (!static_neighbours_find(&state_of(tables)->neighbours, facts.vrf, &hop->address, egress.dst_mac)) {
		if (!facts.ip_ifindex)
			return 0;
		known->gateway = (struct gateway){.ifindex = facts.ip_ifindex, .address = hop->address};
		if (!loosen(state_of(tables), &known->gateway) ||
		    netlink_want(netlink, facts.ip_ifindex, &hop->address))
			return -ENOMEM;
		if (!netlink_neighbour(netlink, facts.ip_ifindex, &hop->address, egress.dst_mac))
			return 0;
	}
	memcpy(egress.src_mac, facts.mac, sizeof(egress.src_mac));
	entry->kind = DP_NEXT_HOP_GATEWAY;
	entry->egress = egress;
	known->pending = PENDING_NONE;
	return 0;
}

struct binding {
	uint32_t vni, vrf;
};

struct bindings {
	struct binding *binding; /* NULL: only one VNI is looked for */
	size_t count;
	uint32_t vni; /* that one, and the VRF that it means */
	const struct handle *vrf;
};

static void add_binding(const struct holding *holding, void *context)
{
	struct bindings *bindings = context;

	if (holding->key.rule != &vni_binding_rule)
		return;
	if (bindings->binding)
		bindings->binding[bindings->count] = (struct binding){holding->key.number, holding->holder->id};
	if (holding->key.number == bindings->vni)
		bindings->vrf = holding->holder;
	bindings->count++;
}

/* Visits the VNIs that a tunnel endpoint binds: it holds a key for each. */
static void visit_bindings(const struct resource *endpoint, struct bindings *bindings)
{
	bindings->count = 0;
	kind_ops(endpoint->kind)->unique_keys(endpoint, add_binding, bindings);
}

/* To a host or router behind a tunnel: the inner frame comes from the router's MAC in the VRF that the VNI means. */
static void to_tunnel(const struct tables *tables, const struct next_hop *hop, struct dp_next_hop *entry,
		      struct next_hop_facts *known)
{
	struct bindings bindings = {.vni = hop->vni};
	const struct vrf *vrf;

	visit_bindings(tables_resource(tables, hop->via->kind, hop->via->id), &bindings);
	entry->kind = DP_NEXT_HOP_TUNNEL;
	entry->tunnel = (uint16_t)hop->via->id;
	entry->vni = hop->vni;
	memcpy(entry->egress.dst_mac, hop->mac, sizeof(entry->egress.dst_mac));
	if (!bindings.vrf)
		return;
	known->vrf = bindings.vrf->id;
	vrf = (const struct vrf *)tables_resource(tables, RESOURCE_VRF, known->vrf);
	memcpy(entry->egress.src_mac, vrf->router_mac, sizeof(entry->egress.src_mac));
}

static void move(struct tables *tables, uint32_t id, const struct next_hop_facts *before,
		 const struct next_hop_facts *after)
{
	struct next_hops *next_hops = state_of(tables);
	struct undo_log *log = tables_log(tables);

	if (memcmp(&before->gateway, &after->gateway, sizeof(before->gateway)) != 0) {
		if (before->gateway.ifindex)
			id_index_remove(&next_hops->by_gateway, log,
					gateway_hash(before->gateway.ifindex, &before->gateway.address), id);
		if (before->gateway.ifindex && !loosen(next_hops, &before->gateway))
			log->no_memory = true;
		if (after->gateway.ifindex)
			id_index_add(&next_hops->by_gateway, log,
				     gateway_hash(after->gateway.ifindex, &after->gateway.address), id);
	}
	if (before->neighbour != after->neighbour && before->neighbour)
		id_index_remove(&next_hops->by_neighbour, log, before->neighbour, id);
	if (before->neighbour != after->neighbour && after->neighbour)
		id_index_add(&next_hops->by_neighbour, log, after->neighbour, id);
	if (before->vrf == after->vrf)
		return;
	if (before->vrf)
		id_index_remove(&next_hops->by_vrf, log, vrf_hash(before->vrf), id);
	if (after->vrf)
		id_index_add(&next_hops->by_vrf, log, vrf_hash(after->vrf), id);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct next_hop *hop = (const struct next_hop *)row->after;
	const struct next_hop_facts before = facts_of(tables, row->id);
	struct next_hop_facts after = {.pending = PENDING_NONE};
	struct dp_next_hop entry = {0};
	int error = 0;

	if (hop && hop->target == NEXT_HOP_GATEWAY)
		error = to_gateway(tables, hop, &entry, &after);
	else if (hop && hop->target == NEXT_HOP_TUNNEL)
		to_tunnel(tables, hop, &entry, &after);
	else if (hop)
		entry.kind = DP_NEXT_HOP_DISCARD;
	if (error)
		return error;
	move(tables, row->id, &before, &after);
	id_array_set(&state_of(tables)->facts, tables_log(tables), row->id, &after);
	bank_write(tables_writer(tables), DP_TABLE_next_hops, row->id, &entry);
	row->changed = before.pending != after.pending;
	if (hop)
		tables_set_pending(tables, row->after->self, (enum pending_reason)after.pending);
	return 0;
}

static bool is_wanted(const struct tables *tables, const struct gateway *gateway)
{
	const struct id_index *index = &state_of(tables)->by_gateway;
	uint32_t id = id_index_first(index, gateway_hash(gateway->ifindex, &gateway->address));

	for (; id; id = id_index_next(index, id)) {
		const struct next_hop_facts facts = facts_of(tables, id);

		if (memcmp(&facts.gateway, gateway, sizeof(*gateway)) == 0)
			return true;
	}
	return false;
}

static void finish(struct tables *tables, bool undone)
{
	struct next_hops *next_hops = state_of(tables);

	(void)undone;
	for (size_t i = 0; i < next_hops->loose_count; i++)
		if (!is_wanted(tables, &next_hops->loose[i]))
			netlink_unwant(tables_netlink(tables), next_hops->loose[i].ifindex,
				       &next_hops->loose[i].address);
	next_hops->loose_count = 0;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_next_hops, after ? after : before, RESOURCE_NEXT_HOP);
}

static int by_vni(const void *left, const void *right)
{
	const struct binding *a = left, *b = right;

	return a->vni < b->vni ? -1 : a->vni > b->vni;
}

/* The endpoint's bindings in order. 0 or -ENOMEM; the caller frees them. */
static int sort_bindings(const struct resource *endpoint, struct bindings *bindings)
{
	*bindings = (struct bindings){0};
	visit_bindings(endpoint, bindings);
	bindings->binding = malloc((bindings->count + 1) * sizeof(*bindings->binding));
	if (!bindings->binding)
		return -ENOMEM;
	visit_bindings(endpoint, bindings);
	qsort(bindings->binding, bindings->count, sizeof(*bindings->binding), by_vni);
	return 0;
}

/* A VNI of the first ones is not there any more or means another VRF. */
static bool has_lost(const struct bindings *before, const struct bindings *after)
{
	size_t at = 0;

	for (size_t i = 0; i < before->count; i++) {
		while (at < after->count && after->binding[at].vni < before->binding[i].vni)
			at++;
		if (at == after->count || after->binding[at].vni != before->binding[i].vni ||
		    after->binding[at].vrf != before->binding[i].vrf)
			return true;
	}
	return false;
}

/* Only a VNI that means another VRF concerns those that use it. */
static void follow_endpoint(struct tables *tables, const struct resource *before, const struct resource *after)
{
	struct bindings old, new;

	if (!before || !after)
		return;
	if (sort_bindings(before, &old)) {
		tables_log(tables)->no_memory = true;
		return;
	}
	if (sort_bindings(after, &new))
		tables_log(tables)->no_memory = true;
	else if (has_lost(&old, &new))
		tables_mark_users(tables, TABLE_next_hops, after, RESOURCE_NEXT_HOP);
	free(old.binding);
	free(new.binding);
}

static void follow_vrf(struct tables *tables, const struct resource *before, const struct resource *after)
{
	const struct id_index *index = &state_of(tables)->by_vrf;

	if (!before || !after)
		return;
	for (uint32_t id = id_index_first(index, vrf_hash(after->self->id)); id; id = id_index_next(index, id))
		if (facts_of(tables, id).vrf == after->self->id)
			tables_mark(tables, TABLE_next_hops, id);
}

static void follow_neighbour(struct tables *tables, const struct fact *fact)
{
	const struct id_index *index = &state_of(tables)->by_gateway;
	uint32_t id = id_index_first(index, gateway_hash(fact->ifindex, &fact->address));

	for (; id; id = id_index_next(index, id))
		tables_mark(tables, TABLE_next_hops, id);
}

const struct table next_hops_table = {
	.name = "next_hops",
	.kind = RESOURCE_NEXT_HOP,
	.kinds = {{RESOURCE_TUNNEL_ENDPOINT, follow_endpoint}, {RESOURCE_VRF, follow_vrf}},
	.tables = {{TABLE_interfaces, follow_interface}},
	.facts = {{FACT_NEIGHBOUR, follow_neighbour}},
	.state_size = sizeof(struct next_hops),
	.open = open,
	.close = close,
	.row = row,
	.finish = finish,
};
