/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of next_hops[] that lead into a tunnel; the others are the gateways' table's. */
#include "vnf/features/base/next_hop_tables.h"
#include "vnf/features/base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/vrf_tables.h"

struct next_hop_facts {
	uint32_t vrf; /* whose router MAC the frame has; 0: none's */
	uint32_t pending;
};

struct next_hops {
	struct id_array facts; /* struct next_hop_facts */
	struct id_index by_vrf;
	struct id_array tunnel_pending; /* uint32_t by tunnel endpoint */
};

static void open(void *state)
{
	struct next_hops *next_hops = state;

	next_hops->facts = id_array_of(sizeof(struct next_hop_facts));
	next_hops->by_vrf = id_index_new();
	next_hops->tunnel_pending = id_array_of(sizeof(uint32_t));
}

static void close(void *state)
{
	struct next_hops *next_hops = state;

	id_array_free(&next_hops->facts);
	id_index_free(&next_hops->by_vrf);
	id_array_free(&next_hops->tunnel_pending);
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
	enum pending_reason pending = gateway_pending(tables, id);

	return pending == PENDING_NONE ? (enum pending_reason)facts_of(tables, id).pending : pending;
}

void next_hops_set_tunnel(struct tables *tables, const struct resource *endpoint, enum pending_reason pending)
{
	const uint32_t value = pending == PENDING_NONE ? PENDING_NONE : PENDING_TUNNEL;

	if (id_array_set(&state_of(tables)->tunnel_pending, tables_log(tables), resource_id(endpoint), &value))
		tables_mark_users(tables, TABLE_next_hops, endpoint, RESOURCE_NEXT_HOP);
}

static uint32_t vrf_hash(uint32_t vrf)
{
	return id_hash(ID_HASH_START, &vrf, sizeof(vrf));
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

	known->pending = *(const uint32_t *)id_array_get(&state_of(tables)->tunnel_pending, hop->via->id);
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

static int row(struct tables *tables, struct table_row *row)
{
	const struct next_hop *hop = (const struct next_hop *)row->after;
	const struct next_hop_facts before = facts_of(tables, row->id);
	struct next_hop_facts after = {.pending = PENDING_NONE};
	struct next_hops *next_hops = state_of(tables);
	struct undo_log *log = tables_log(tables);
	struct dp_next_hop entry = {0};

	if (hop && hop->target == NEXT_HOP_TUNNEL) {
		to_tunnel(tables, hop, &entry, &after);
		bank_write(tables_writer(tables), DP_TABLE_next_hops, row->id, &entry);
		tables_set_pending(tables, row->after->self, (enum pending_reason)after.pending);
	}
	if (before.vrf != after.vrf && before.vrf)
		id_index_remove(&next_hops->by_vrf, log, vrf_hash(before.vrf), row->id);
	if (before.vrf != after.vrf && after.vrf)
		id_index_add(&next_hops->by_vrf, log, vrf_hash(after.vrf), row->id);
	id_array_set(&next_hops->facts, log, row->id, &after);
	row->changed = before.pending != after.pending;
	return 0;
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

const struct table next_hops_table = {
	.name = "next_hops",
	.kind = RESOURCE_NEXT_HOP,
	.kinds = {{RESOURCE_TUNNEL_ENDPOINT, follow_endpoint}, {RESOURCE_VRF, follow_vrf}},
	.state_size = sizeof(struct next_hops),
	.open = open,
	.close = close,
	.row = row,
};
