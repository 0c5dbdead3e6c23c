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

static enum pending_reason pair_pending(const struct tables *tables, const struct port_pair *pair)
{
	if (interface_facts(tables, pair->ingress->id).pending != PENDING_NONE ||
	    interface_facts(tables, pair->egress->id).pending != PENDING_NONE)
		return PENDING_PORTS;
	return port_pair_is_up(tables, pair) ? PENDING_NONE : PENDING_UNHEALTHY;
}

static int pair_row(struct tables *tables, struct table_row *row)
{
	const struct port_pair *pair = (const struct port_pair *)row->after;
	enum pending_reason pending = pair ? pair_pending(tables, pair) : PENDING_PORTS;
	uint32_t live = pending == PENDING_NONE;

	id_array_set(&state_of(tables)->live, tables_log(tables), row->id, &live);
	if (pair)
		tables_set_pending(tables, row->after->self, pending);
	row->changed = true; /* stages show the interfaces, which may have changed as well */
	return 0;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_port_pairs, after ? after : before, RESOURCE_PORT_PAIR);
}

static void mark_pair(struct tables *tables, const struct handle *pair)
{
	tables_mark(tables, TABLE_port_pairs, pair->id);
}

/* A pair that is in another group has another monitor, or none. */
static void follow_group(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_used(tables, before, RESOURCE_PORT_PAIR, mark_pair);
	tables_each_used(tables, after, RESOURCE_PORT_PAIR, mark_pair);
}

static void mark_pairs_of(struct tables *tables, const struct handle *group)
{
	tables_each_used(tables, tables_resource(tables, RESOURCE_PORT_PAIR_GROUP, group->id), RESOURCE_PORT_PAIR,
			 mark_pair);
}

static void follow_monitor(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_used(tables, before, RESOURCE_PORT_PAIR_GROUP, mark_pairs_of);
	tables_each_used(tables, after, RESOURCE_PORT_PAIR_GROUP, mark_pairs_of);
}

static void follow_health(struct tables *tables, const struct fact *fact)
{
	if (fact->resource == RESOURCE_PORT_PAIR)
		tables_mark(tables, TABLE_port_pairs, fact->ifindex);
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
	.kinds = {{RESOURCE_PORT_PAIR_GROUP, follow_group}, {RESOURCE_HEALTH_MONITOR, follow_monitor}},
	.facts = {{FACT_HEALTH, follow_health}},
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
