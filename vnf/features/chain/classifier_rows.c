/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/chain/classifier_rows.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/features/chain/chain_facts.h"

/* Which flow classifiers are in chains, by VRF. */
struct flow_classifiers {
	struct id_array vrf; /* uint32_t by classifier; 0: it is in no chain and selects nothing */
	struct id_index by_vrf;
};

static void open(void *state)
{
	struct flow_classifiers *flow_classifiers = state;

	flow_classifiers->vrf = id_array_of(sizeof(uint32_t));
	flow_classifiers->by_vrf = id_index_new();
}

static void close(void *state)
{
	struct flow_classifiers *flow_classifiers = state;

	id_array_free(&flow_classifiers->vrf);
	id_index_free(&flow_classifiers->by_vrf);
}

static struct flow_classifiers *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_flow_classifiers);
}

static uint32_t vrf_of(const struct tables *tables, uint32_t id)
{
	return *(const uint32_t *)id_array_get(&state_of(tables)->vrf, id);
}

static uint32_t vrf_hash(uint32_t vrf)
{
	return id_hash(ID_HASH_START, &vrf, sizeof(vrf));
}

static uint32_t skip_others(const struct tables *tables, uint32_t vrf, uint32_t id)
{
	while (id && vrf_of(tables, id) != vrf)
		id = id_index_next(&state_of(tables)->by_vrf, id);
	return id;
}

uint32_t flow_classifiers_first(const struct tables *tables, uint32_t vrf)
{
	return skip_others(tables, vrf, id_index_first(&state_of(tables)->by_vrf, vrf_hash(vrf)));
}

uint32_t flow_classifiers_next(const struct tables *tables, uint32_t vrf, uint32_t id)
{
	return skip_others(tables, vrf, id_index_next(&state_of(tables)->by_vrf, id));
}

static int row(struct tables *tables, struct table_row *row)
{
	struct flow_classifiers *flow_classifiers = state_of(tables);
	uint32_t before = vrf_of(tables, row->id), after = 0;

	if (row->after && tables_user(tables, RESOURCE_FLOW_CLASSIFIER, row->id, RESOURCE_PORT_CHAIN))
		after = ((const struct flow_classifier *)row->after)->vrf->id;
	if (before && before != after)
		id_index_remove(&flow_classifiers->by_vrf, tables_log(tables), vrf_hash(before), row->id);
	if (after && before != after)
		id_index_add(&flow_classifiers->by_vrf, tables_log(tables), vrf_hash(after), row->id);
	id_array_set(&flow_classifiers->vrf, tables_log(tables), row->id, &after);
	row->changed = before || after;
	return 0;
}

static void mark_members(struct tables *tables, const struct resource *resource)
{
	const struct port_chain *chain = (const struct port_chain *)resource;

	for (size_t i = 0; chain && i < chain->classifier_count; i++)
		tables_mark(tables, TABLE_flow_classifiers, chain->classifier[i]->id);
}

static void follow_chain(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_members(tables, before);
	if (before != after)
		mark_members(tables, after);
}

const struct table flow_classifiers_table = {
	.name = "flow_classifiers",
	.kind = RESOURCE_FLOW_CLASSIFIER,
	.tables = {{TABLE_port_chains, follow_chain}},
	.state_size = sizeof(struct flow_classifiers),
	.open = open,
	.close = close,
	.row = row,
};

/* By priority, name; the way forward before the way back. */
static int compare(const void *left, const void *right)
{
	const struct classifier_entry *a = left, *b = right;

	if (a->classifier->priority != b->classifier->priority)
		return a->classifier->priority < b->classifier->priority ? -1 : 1;
	if (a->classifier != b->classifier)
		return strcmp(a->classifier->resource.self->text, b->classifier->resource.self->text);
	return a->reverse - b->reverse;
}

static void add(struct classifier_rows *rows, const struct classifier_entry *entry)
{
	if (rows->count < DP_VRF_CLASSIFIERS)
		rows->row[rows->count] = *entry;
	rows->count++;
}

void classifier_rows_collect(const struct tables *tables, uint32_t vrf, struct classifier_rows *rows)
{
	uint32_t id = vrf ? flow_classifiers_first(tables, vrf) : 0;

	rows->count = 0;
	for (; id && rows->count <= DP_VRF_CLASSIFIERS; id = flow_classifiers_next(tables, vrf, id)) {
		const struct flow_classifier *classifier =
			(const struct flow_classifier *)tables_resource(tables, RESOURCE_FLOW_CLASSIFIER, id);
		const struct resource *chain = tables_user(tables, RESOURCE_FLOW_CLASSIFIER, id, RESOURCE_PORT_CHAIN);
		const struct chain_layout layout = chain_layout(tables, chain->self->id);

		add(rows, &(struct classifier_entry){classifier, false, layout.fail_closed,
						     chain_stage(tables, chain->self->id, 0, 1)});
		if (layout.symmetric)
			add(rows,
			    &(struct classifier_entry){classifier, true, layout.fail_closed,
						       chain_stage(tables, chain->self->id, layout.stages - 1, -1)});
	}
	if (rows->count <= DP_VRF_CLASSIFIERS)
		qsort(rows->row, rows->count, sizeof(*rows->row), compare);
}

static void put_prefix(const struct ip_prefix *prefix, struct dp_address *value, struct dp_address *mask)
{
	int bits = prefix->length + (prefix->address.family == 4 ? 96 : 0);

	if (!prefix->address.family)
		return; /* any: a mask of zeros */
	ip_address_map(&prefix->address, value->byte);
	for (int i = 0; i < 16 && bits > 0; i++, bits -= 8)
		mask->byte[i] = bits >= 8 ? 0xff : (uint8_t)(0xff << (8 - bits));
	for (int i = 0; i < 16; i++)
		value->byte[i] &= mask->byte[i];
}

struct dp_classifier classifier_row(const struct classifier_entry *entry)
{
	const struct flow_classifier *from = entry->classifier;
	struct dp_classifier to = {
		.protocol = from->protocol,
		.family = from->source.address.family ? from->source.address.family : from->destination.address.family,
		.stage = entry->stage,
		.id = (uint16_t)from->resource.self->id,
		.fail_closed = entry->fail_closed,
	};

	if (entry->reverse) {
		put_prefix(&from->destination, &to.src, &to.src_mask);
		put_prefix(&from->source, &to.dst, &to.dst_mask);
		to.src_port_first = from->destination_first;
		to.src_port_last = from->destination_last;
		to.dst_port_first = from->source_first;
		to.dst_port_last = from->source_last;
	} else {
		put_prefix(&from->source, &to.src, &to.src_mask);
		put_prefix(&from->destination, &to.dst, &to.dst_mask);
		to.src_port_first = from->source_first;
		to.src_port_last = from->source_last;
		to.dst_port_first = from->destination_first;
		to.dst_port_last = from->destination_last;
	}
	return to;
}
