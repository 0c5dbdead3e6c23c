/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports of port pairs in ports[]. What comes out of the pair's egress went through it forward, what comes out of
 * its ingress in reverse; both go on in their direction. Without a chain, or against the direction of a chain that has
 * but one, packets that were under way are let through by the FIB.
 */
#include "vnf/features/base/interface_facts.h"
#include "vnf/features/chain/chain_facts.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

static int index_in(const struct port_chain *chain, const struct resource *group)
{
	int index = 0;

	while (chain->group[index] != group->self)
		index++;
	return index;
}

static void place_in_chain(const struct tables *tables, const struct port_pair *pair, uint32_t interface,
			   struct port_place *place)
{
	const struct resource *group =
		tables_user(tables, RESOURCE_PORT_PAIR, pair->resource.self->id, RESOURCE_PORT_PAIR_GROUP);
	const struct resource *chain =
		group ? tables_user(tables, RESOURCE_PORT_PAIR_GROUP, group->self->id, RESOURCE_PORT_CHAIN) : NULL;
	struct chain_layout layout;
	int index;

	place->from_stage = 1;
	if (!chain)
		return;
	layout = chain_layout(tables, chain->self->id);
	index = index_in((const struct port_chain *)chain, group);
	place->vrf = layout.vrf;
	if (pair->egress->id == interface)
		place->stage = chain_stage(tables, chain->self->id, index + 1, 1);
	else if (layout.symmetric)
		place->stage = chain_stage(tables, chain->self->id, index - 1, -1);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct resource *pair =
		row->after ? tables_user(tables, RESOURCE_INTERFACE, row->id, RESOURCE_PORT_PAIR) : NULL;
	struct port_place place = {0};

	if (pair)
		place_in_chain(tables, (const struct port_pair *)pair, row->id, &place);
	port_set_place(tables, row->id, &place);
	return 0;
}

static void mark_pair(struct tables *tables, const struct resource *resource)
{
	const struct port_pair *pair = (const struct port_pair *)resource;

	if (!pair)
		return;
	tables_mark(tables, TABLE_chain_ports, pair->ingress->id);
	tables_mark(tables, TABLE_chain_ports, pair->egress->id);
}

/* What is not there any more has changed, too, and marks its own. */
static void mark_group(struct tables *tables, const struct resource *resource)
{
	const struct port_pair_group *group = (const struct port_pair_group *)resource;

	for (size_t i = 0; group && i < group->count; i++)
		mark_pair(tables, tables_resource(tables, RESOURCE_PORT_PAIR, group->port_pair[i]->id));
}

static void mark_chain(struct tables *tables, const struct resource *resource)
{
	const struct port_chain *chain = (const struct port_chain *)resource;

	for (size_t i = 0; chain && i < chain->group_count; i++)
		mark_group(tables, tables_resource(tables, RESOURCE_PORT_PAIR_GROUP, chain->group[i]->id));
}

static void follow_pair(struct tables *tables, const struct resource *before, const struct resource *after)
{
	if (before == after)
		return; /* it is where it was */
	mark_pair(tables, before);
	mark_pair(tables, after);
}

static void follow_group(struct tables *tables, const struct resource *before, const struct resource *after)
{
	if (before == after)
		return;
	mark_group(tables, before);
	mark_group(tables, after);
}

static void follow_chain(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_chain(tables, before);
	if (before != after)
		mark_chain(tables, after);
}

const struct table chain_ports_table = {
	.name = "chain_ports",
	.kind = RESOURCE_INTERFACE,
	.tables = {{TABLE_port_pairs, follow_pair},
		   {TABLE_port_pair_groups, follow_group},
		   {TABLE_port_chains, follow_chain}},
	.row = row,
};
