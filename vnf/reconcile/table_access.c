/* SPDX-License-Identifier: Apache-2.0 */
/* What tables of features may have of the tables as a whole. */
#include "vnf/control/kinds/kinds.h"
#include "vnf/reconcile/tables.h"

void *tables_state(const struct tables *tables, enum table_id table)
{
	return tables->state[table];
}

struct netlink *tables_netlink(const struct tables *tables)
{
	return tables->netlink;
}

struct devices *tables_devices(const struct tables *tables)
{
	return tables->devices;
}

struct paths *tables_paths(const struct tables *tables)
{
	return tables->paths;
}

struct health_targets *tables_health(const struct tables *tables)
{
	return tables->health;
}

struct announcer *tables_announcer(const struct tables *tables)
{
	return tables->announcer;
}

struct shown_drains *tables_shown_drains(const struct tables *tables)
{
	return tables->shown_drains;
}

struct shown_links *tables_shown_links(const struct tables *tables)
{
	return tables->shown_links;
}

struct shown_members *tables_shown_members(const struct tables *tables)
{
	return tables->shown_members;
}

struct undo_log *tables_log(struct tables *tables)
{
	return &tables->log;
}

struct bank_writer *tables_writer(struct tables *tables)
{
	return &tables->writer;
}

struct policy_changes *tables_policies(struct tables *tables)
{
	return &tables->policies;
}

uint64_t tables_generation(const struct tables *tables)
{
	return tables->generation;
}

uint64_t tables_revision(const struct tables *tables)
{
	return tables->revision;
}

struct error *tables_error(const struct tables *tables)
{
	return tables->error;
}

void tables_mark(struct tables *tables, enum table_id table, uint32_t id)
{
	if (marks_add(&tables->marks[table], id))
		tables->log.no_memory = true;
}

void tables_wake(struct tables *tables, enum table_id table, uint32_t id, uint64_t ms)
{
	if (deadlines_add(&tables->deadlines, ms, table, id))
		tables->log.no_memory = true;
}

void tables_mark_users(struct tables *tables, enum table_id table, const struct resource *used, enum resource_kind by)
{
	const struct references *references = &tables->references;

	if (!used)
		return;
	for (uint32_t edge = references_first(references, used->kind, resource_id(used), by); edge;
	     edge = references_next(references, edge))
		tables_mark(tables, table, references_user(references, edge));
}

void tables_each_user(const struct tables *tables, const struct resource *used, enum resource_kind by,
		      void (*visit)(const struct tables *tables, uint32_t user, void *context), void *context)
{
	const struct references *references = &tables->references;

	for (uint32_t edge = references_first(references, used->kind, resource_id(used), by); edge;
	     edge = references_next(references, edge))
		visit(tables, references_user(references, edge), context);
}

struct used_visit {
	struct tables *tables;
	enum resource_kind kind;
	void (*visit)(struct tables *tables, const struct handle *used);
};

static void visit_used(const struct reference *reference, void *context)
{
	const struct used_visit *visit = context;

	if (reference->handle->kind == visit->kind)
		visit->visit(visit->tables, reference->handle);
}

void tables_each_used(struct tables *tables, const struct resource *user, enum resource_kind kind,
		      void (*visit)(struct tables *tables, const struct handle *used))
{
	struct used_visit used = {tables, kind, visit};

	if (user && kind_ops(user->kind)->references)
		kind_ops(user->kind)->references(user, visit_used, &used);
}

void tables_set_pending(struct tables *tables, struct handle *handle, enum pending_reason reason)
{
	if (!pending_updates_add(&tables->pending, handle, reason))
		tables->log.no_memory = true;
}

struct dp_fib_leaf tables_route_to(const struct tables *tables, const struct handle *vrf,
				   const struct ip_address *address)
{
	return route_changes_lookup(&tables->routes, tables->fib, vrf, address);
}

struct group_state tables_group_state(const struct tables *tables, uint32_t group)
{
	return group_routes_state(&tables->group_routes, group);
}

void tables_set_group_state(struct tables *tables, uint32_t group, struct group_state state)
{
	group_routes_set_state(&tables->group_routes, &tables->log, group, state);
}

const struct resource *tables_user(const struct tables *tables, enum resource_kind kind, uint32_t id,
				   enum resource_kind by)
{
	uint32_t edge = references_first(&tables->references, kind, id, by);

	return edge ? tables_resource(tables, by, references_user(&tables->references, edge)) : NULL;
}

uint32_t tables_end(const struct tables *tables, enum resource_kind kind)
{
	return id_array_end(&tables->resources[kind]);
}
