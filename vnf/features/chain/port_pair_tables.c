/* SPDX-License-Identifier: Apache-2.0 */
/* Which port pairs and which of their groups are live. */
#include "vnf/features/base/interface_facts.h"
#include "vnf/features/chain/chain_facts.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

struct port_pairs {
	struct id_array live; /* uint32_t by port pair */
};

static void open(void *state)
{
	((struct port_pairs *)state)->live = id_array_of(sizeof(uint32_t));
}

static void close(void *state)
{
	id_array_free(&((struct port_pairs *)state)->live);
}

static struct port_pairs *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_port_pairs);
}

bool port_pair_is_live(const struct tables *tables, uint32_t id)
{
	return *(const uint32_t *)id_array_get(&state_of(tables)->live, id);
}

bool port_pair_group_is_live(const struct tables *tables, const struct port_pair_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (port_pair_is_live(tables, group->port_pair[i]->id))
			return true;
	return false;
}

static int pair_row(struct tables *tables, struct table_row *row)
{
	const struct port_pair *pair = (const struct port_pair *)row->after;
	uint32_t live = pair && interface_facts(tables, pair->ingress->id).pending == PENDING_NONE &&
			interface_facts(tables, pair->egress->id).pending == PENDING_NONE;

	id_array_set(&state_of(tables)->live, tables_log(tables), row->id, &live);
	if (pair)
		tables_set_pending(tables, row->after->self, live ? PENDING_NONE : PENDING_PORTS);
	row->changed = true; /* stages show the interfaces, which may have changed as well */
	return 0;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_port_pairs, after ? after : before, RESOURCE_PORT_PAIR);
}

static int group_row(struct tables *tables, struct table_row *row)
{
	const struct port_pair_group *group = (const struct port_pair_group *)row->after;

	if (group)
		tables_set_pending(tables, row->after->self,
				   port_pair_group_is_live(tables, group) ? PENDING_NONE : PENDING_PAIRS);
	row->changed = true;
	return 0;
}

static void follow_pair(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_port_pair_groups, after ? after : before, RESOURCE_PORT_PAIR_GROUP);
}

const struct table port_pairs_table = {
	.name = "port_pairs",
	.kind = RESOURCE_PORT_PAIR,
	.tables = {{TABLE_interfaces, follow_interface}},
	.state_size = sizeof(struct port_pairs),
	.open = open,
	.close = close,
	.row = pair_row,
};

const struct table port_pair_groups_table = {
	.name = "port_pair_groups",
	.kind = RESOURCE_PORT_PAIR_GROUP,
	.tables = {{TABLE_port_pairs, follow_pair}},
	.row = group_row,
};
