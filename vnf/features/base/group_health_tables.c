/* SPDX-License-Identifier: Apache-2.0 */
/* The next hops of groups that have a health monitor are targets of it: by their gateways, from their links. */
#include <string.h>

#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/group_health.h"
#include "vnf/features/base/interface_facts.h"

static const struct resource *monitor_of(const struct tables *tables, uint32_t group)
{
	return tables_user(tables, RESOURCE_NEXT_HOP_GROUP, group, RESOURCE_HEALTH_MONITOR);
}

struct next_hop_health next_hop_health(const struct tables *tables, const struct next_hop_group *group)
{
	struct next_hop_health health = {0};

	if (group && monitor_of(tables, group->resource.self->id))
		health = (struct next_hop_health){tables_health(tables), group->resource.self->text};
	return health;
}

bool next_hop_is_up(const struct next_hop_health *health, const struct handle *next_hop)
{
	return !health->health ||
	       health_is_up(health->health, &(struct health_key){RESOURCE_NEXT_HOP, health->group, next_hop->text});
}

/* 0 or -ENOMEM. */
static int set_target(struct tables *tables, const struct next_hop_group *group, const struct resource *monitor,
		      const struct next_hop *hop)
{
	const struct interface *interface =
		(const struct interface *)tables_resource(tables, RESOURCE_INTERFACE, hop->via->id);
	const struct netlink_link *link =
		netlink_link_by_index(tables_netlink(tables), interface_facts(tables, hop->via->id).ip_ifindex);
	struct health_target target = {
		.key = {RESOURCE_NEXT_HOP, group->resource.self->text, hop->resource.self->text},
		.row_kind = RESOURCE_NEXT_HOP_GROUP,
		.row = group->resource.self->id,
		.monitor = monitor->self->text,
		.vrf = interface->vrf->text,
		.address = hop->address,
	};

	if (link)
		memcpy(target.device, link->name, sizeof(target.device));
	return health_set_target(tables_health(tables), &target);
}

static bool has_member(const struct next_hop_group *group, const struct handle *next_hop)
{
	for (size_t i = 0; group && i < group->count; i++)
		if (group->member[i].next_hop == next_hop)
			return true;
	return false;
}

static int set_targets(struct tables *tables, const struct next_hop_group *group, const struct resource *monitor)
{
	int error = 0;

	for (size_t i = 0; i < group->count && !error; i++) {
		const struct next_hop *hop = (const struct next_hop *)tables_resource(tables, RESOURCE_NEXT_HOP,
										      group->member[i].next_hop->id);

		error = hop->target == NEXT_HOP_GATEWAY
				? set_target(tables, group, monitor, hop)
				: health_unset_target(tables_health(tables),
						      &(struct health_key){RESOURCE_NEXT_HOP,
									   group->resource.self->text,
									   hop->resource.self->text});
	}
	return error;
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct next_hop_group *before = (const struct next_hop_group *)row->before,
				    *after = (const struct next_hop_group *)row->after;
	const struct resource *monitor = after ? monitor_of(tables, row->id) : NULL;
	int error = 0;

	for (size_t i = 0; before && i < before->count && !error; i++)
		if (!monitor || !has_member(after, before->member[i].next_hop))
			error = health_unset_target(tables_health(tables),
						    &(struct health_key){RESOURCE_NEXT_HOP, before->resource.self->text,
									 before->member[i].next_hop->text});
	return error || !monitor ? error : set_targets(tables, after, monitor);
}

static void finish(struct tables *tables, bool undone)
{
	health_finish(tables_health(tables), undone);
}

static void mark_group(struct tables *tables, const struct handle *group)
{
	tables_mark(tables, TABLE_probed_next_hops, group->id);
}

static void follow_monitor(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_used(tables, before, RESOURCE_NEXT_HOP_GROUP, mark_group);
	tables_each_used(tables, after, RESOURCE_NEXT_HOP_GROUP, mark_group);
}

/* Only groups that have a monitor have something to do with it. */
static void mark_probed(const struct tables *tables, uint32_t group, void *context)
{
	if (monitor_of(tables, group))
		tables_mark(context, TABLE_probed_next_hops, group);
}

static void follow_next_hop(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_user(tables, after ? after : before, RESOURCE_NEXT_HOP_GROUP, mark_probed, tables);
}

static void mark_groups_of(const struct tables *tables, uint32_t next_hop, void *context)
{
	const struct resource *hop = tables_resource(tables, RESOURCE_NEXT_HOP, next_hop);

	tables_each_user(tables, hop, RESOURCE_NEXT_HOP_GROUP, mark_probed, context);
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_user(tables, after ? after : before, RESOURCE_NEXT_HOP, mark_groups_of, tables);
}

const struct table probed_next_hops_table = {
	.name = "probed_next_hops",
	.kind = RESOURCE_NEXT_HOP_GROUP,
	.kinds = {{RESOURCE_HEALTH_MONITOR, follow_monitor}, {RESOURCE_NEXT_HOP, follow_next_hop}},
	.tables = {{TABLE_interfaces, follow_interface}},
	.row = row,
	.finish = finish,
};
