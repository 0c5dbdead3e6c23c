/* SPDX-License-Identifier: Apache-2.0 */
/* The members of pools that have a health monitor are targets of it: by monitor_address and monitor_port, or where
 * their flows go. */
#include "vnf/features/service/member_tables.h"
#include "vnf/reconcile/health.h"

static const struct resource *monitor_of(const struct tables *tables, uint32_t pool)
{
	return tables_user(tables, RESOURCE_POOL, pool, RESOURCE_HEALTH_MONITOR);
}

static struct health_key key_of(const struct member *member)
{
	return (struct health_key){RESOURCE_MEMBER, member->pool->text, member->resource.self->text};
}

bool member_is_up(const struct tables *tables, const struct member *member)
{
	const struct health_key key = key_of(member);

	return !monitor_of(tables, member->pool->id) || health_is_up(tables_health(tables), &key);
}

uint16_t member_weight_factor(const struct tables *tables, const struct member *member)
{
	const struct pool *pool = (const struct pool *)tables_resource(tables, RESOURCE_POOL, member->pool->id);
	const struct health_key key = key_of(member);

	return pool && pool->latency_weights.on && monitor_of(tables, member->pool->id)
		       ? health_weight_factor(tables_health(tables), &key)
		       : HEALTH_FACTOR_ALL;
}

/* Drained, quarantined, or weighed 0. */
static bool takes_no_new_flows(const struct member *member)
{
	return !member->weight || member->admin_state != SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_ACTIVE;
}

/* 0 or -ENOMEM. */
static int set_target(struct tables *tables, const struct member *member, const struct resource *monitor)
{
	const struct pool *pool = (const struct pool *)tables_resource(tables, RESOURCE_POOL, member->pool->id);
	const struct health_target target = {
		.key = key_of(member),
		.row_kind = RESOURCE_MEMBER,
		.row = member->resource.self->id,
		.monitor = monitor->self->text,
		.vrf = pool->vrf->text,
		.address = member->monitor_address.family ? member->monitor_address : member->address,
		.port = member->monitor_port ? member->monitor_port : member->port,
		.no_new_flows = takes_no_new_flows(member),
	};

	return health_set_target(tables_health(tables), &target);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct member *before = (const struct member *)row->before, *after = (const struct member *)row->after;
	const struct resource *monitor = after ? monitor_of(tables, after->pool->id) : NULL;
	struct health_key key;
	int error = 0;

	if (before && (!monitor || before->pool != after->pool)) {
		key = key_of(before);
		error = health_unset_target(tables_health(tables), &key);
	}
	return error || !monitor ? error : set_target(tables, after, monitor);
}

static void finish(struct tables *tables, bool undone)
{
	health_finish(tables_health(tables), undone);
}

static void mark_members(struct tables *tables, const struct handle *pool)
{
	tables_mark_users(tables, TABLE_probed_members, tables_resource(tables, RESOURCE_POOL, pool->id),
			  RESOURCE_MEMBER);
}

static void follow_monitor(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_used(tables, before, RESOURCE_POOL, mark_members);
	tables_each_used(tables, after, RESOURCE_POOL, mark_members);
}

/* Its VRF is another one, or how weights follow latencies. */
static void follow_pool(struct tables *tables, const struct resource *before, const struct resource *after)
{
	if (before && after && monitor_of(tables, after->self->id))
		tables_mark_users(tables, TABLE_probed_members, after, RESOURCE_MEMBER);
}

extern const struct table probed_members_table;
const struct table probed_members_table = {
	.name = "probed_members",
	.kind = RESOURCE_MEMBER,
	.kinds = {{RESOURCE_HEALTH_MONITOR, follow_monitor}, {RESOURCE_POOL, follow_pool}},
	.row = row,
	.finish = finish,
};
