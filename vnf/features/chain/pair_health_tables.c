/* SPDX-License-Identifier: Apache-2.0 */
/* The port pairs of groups that have a health monitor are targets of it: frames go into one port, and out of the
 * other. */
#include <string.h>

#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain_facts.h"
#include "vnf/reconcile/health.h"

static const struct resource *group_of(const struct tables *tables, uint32_t pair)
{
	return tables_user(tables, RESOURCE_PORT_PAIR, pair, RESOURCE_PORT_PAIR_GROUP);
}

static const struct resource *monitor_of(const struct tables *tables, const struct resource *group)
{
	return group ? tables_user(tables, RESOURCE_PORT_PAIR_GROUP, group->self->id, RESOURCE_HEALTH_MONITOR) : NULL;
}

static struct health_key key_of(const struct resource *group, const struct handle *pair)
{
	return (struct health_key){RESOURCE_PORT_PAIR, group->self->text, pair->text};
}

bool port_pair_is_up(const struct tables *tables, const struct port_pair *pair)
{
	const struct resource *group = group_of(tables, pair->resource.self->id);
	struct health_key key;

	if (!monitor_of(tables, group))
		return true;
	key = key_of(group, pair->resource.self);
	return health_is_up(tables_health(tables), &key);
}

static const struct interface *interface_of(const struct tables *tables, const struct handle *handle)
{
	return (const struct interface *)tables_resource(tables, RESOURCE_INTERFACE, handle->id);
}

/* 0 or -ENOMEM. */
static int set_target(struct tables *tables, const struct port_pair_group *group, const struct port_pair *pair,
		      const struct resource *monitor)
{
	const struct interface *ingress = interface_of(tables, pair->ingress);
	struct health_target target = {
		.key = key_of(&group->resource, pair->resource.self),
		.row_kind = RESOURCE_PORT_PAIR,
		.row = pair->resource.self->id,
		.monitor = monitor->self->text,
		.vrf = ingress->vrf->text,
	};

	memcpy(target.device, ingress->device, sizeof(target.device));
	memcpy(target.egress_device, interface_of(tables, pair->egress)->device, sizeof(target.egress_device));
	return health_set_target(tables_health(tables), &target);
}

static bool has_pair(const struct port_pair_group *group, const struct handle *pair)
{
	for (size_t i = 0; group && i < group->count; i++)
		if (group->port_pair[i] == pair)
			return true;
	return false;
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct port_pair_group *before = (const struct port_pair_group *)row->before,
				     *after = (const struct port_pair_group *)row->after;
	const struct resource *monitor = monitor_of(tables, row->after);
	struct health_key key;
	int error = 0;

	for (size_t i = 0; before && i < before->count && !error; i++)
		if (!monitor || !has_pair(after, before->port_pair[i])) {
			key = key_of(row->before, before->port_pair[i]);
			error = health_unset_target(tables_health(tables), &key);
		}
	for (size_t i = 0; monitor && i < after->count && !error; i++)
		error = set_target(
			tables, after,
			(const struct port_pair *)tables_resource(tables, RESOURCE_PORT_PAIR, after->port_pair[i]->id),
			monitor);
	return error;
}

static void finish(struct tables *tables, bool undone)
{
	health_finish(tables_health(tables), undone);
}

static void mark_group(struct tables *tables, const struct handle *group)
{
	tables_mark(tables, TABLE_probed_port_pairs, group->id);
}

static void follow_monitor(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_used(tables, before, RESOURCE_PORT_PAIR_GROUP, mark_group);
	tables_each_used(tables, after, RESOURCE_PORT_PAIR_GROUP, mark_group);
}

static void follow_pair(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_probed_port_pairs, after ? after : before, RESOURCE_PORT_PAIR_GROUP);
}

static void mark_group_of(const struct tables *tables, uint32_t pair, void *context)
{
	const struct resource *group = group_of(tables, pair);

	if (group)
		tables_mark(context, TABLE_probed_port_pairs, group->self->id);
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_user(tables, after ? after : before, RESOURCE_PORT_PAIR, mark_group_of, tables);
}

const struct table probed_port_pairs_table = {
	.name = "probed_port_pairs",
	.kind = RESOURCE_PORT_PAIR_GROUP,
	.kinds = {{RESOURCE_HEALTH_MONITOR, follow_monitor},
		  {RESOURCE_PORT_PAIR, follow_pair},
		  {RESOURCE_INTERFACE, follow_interface}},
	.row = row,
	.finish = finish,
};
