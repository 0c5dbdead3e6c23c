/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/tables.h"
#include "vnf/reconcile/route_reserves.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/core/clock.h"
#include "vnf/reconcile/announcer.h"
#include "vnf/reconcile/paths.h"
#include "vnf/reconcile/shown_drains.h"
#include "vnf/reconcile/shown_links.h"
#include "vnf/reconcile/shown_members.h"

#define DECLARE(name) extern const struct table name##_table;
TABLE_LIST(DECLARE)
#undef DECLARE

static const struct table *const list[TABLE_COUNT] = {
#define LISTED(name) [TABLE_##name] = &name##_table,
	TABLE_LIST(LISTED)
#undef LISTED
};

/* A resource by its id. */
struct known {
	const struct resource *now, *before; /* `before`: the run */
	uint32_t run;			     /* in which it last changed */
};

static const struct resource *either(const struct delta_entry *entry)
{
	return entry->after ? entry->after : entry->before;
}

/* Routes have no rows. */
static bool has_rows(const struct delta_entry *entry)
{
	return !kind_ops(either(entry)->kind)->forwards;
}

struct tables *tables_new(const struct dp_limits *limits)
{
	struct tables *tables = calloc(1, sizeof(*tables));

	if (!tables)
		return NULL;
	tables->writer.limits = limits;
	references_init(&tables->references);
	group_routes_open(&tables->group_routes);
	for (int kind = 0; kind < RESOURCE_KINDS; kind++)
		tables->resources[kind] = id_array_of(sizeof(struct known));
	for (int i = 0; i < TABLE_COUNT; i++) {
		tables->state[i] = calloc(1, list[i]->state_size + 1);
		if (!tables->state[i]) {
			tables_free(tables);
			return NULL;
		}
		if (list[i]->open)
			list[i]->open(tables->state[i]);
	}
	tables->shown_drains = shown_drains_new(limits->members);
	tables->shown_links = shown_links_new(limits->interfaces);
	tables->shown_members = shown_members_new(limits->members);
	if (!tables->shown_drains || !tables->shown_links || !tables->shown_members) {
		tables_free(tables);
		return NULL;
	}
	return tables;
}

void tables_free(struct tables *tables)
{
	if (!tables)
		return;
	announcer_free(tables->announcer);
	shown_drains_free(tables->shown_drains);
	shown_links_free(tables->shown_links);
	shown_members_free(tables->shown_members);
	for (int i = 0; i < TABLE_COUNT; i++) {
		if (tables->state[i] && list[i]->close)
			list[i]->close(tables->state[i]);
		free(tables->state[i]);
		marks_free(&tables->marks[i]);
	}
	for (int kind = 0; kind < RESOURCE_KINDS; kind++)
		id_array_free(&tables->resources[kind]);
	references_free(&tables->references);
	route_changes_free(&tables->routes);
	policy_changes_free(&tables->policies);
	policy_costs_free(&tables->costs);
	group_routes_close(&tables->group_routes);
	undo_log_free(&tables->log);
	pending_updates_free(&tables->pending);
	deadlines_free(&tables->deadlines);
	bank_writer_free(&tables->writer);
	free(tables);
}

static struct known known_at(const struct tables *tables, enum resource_kind kind, uint32_t id)
{
	return *(const struct known *)id_array_get(&tables->resources[kind], id);
}

/* Takes a change in, before any row is looked at. */
static void enter(struct tables *tables, const struct delta_entry *entry)
{
	enum resource_kind kind = either(entry)->kind;
	uint32_t id = resource_id(either(entry));
	const struct known known = {.now = entry->after, .before = entry->before, .run = tables->run};

	id_array_set(&tables->resources[kind], &tables->log, id, &known);
	references_set(&tables->references, &tables->log, kind, id, entry->after);
}

/* Marks the rows that stand for the resource and those that read it. */
static void mark_change(struct tables *tables, const struct delta_entry *entry)
{
	enum resource_kind kind = either(entry)->kind;

	for (int i = 0; i < TABLE_COUNT; i++) {
		if (list[i]->kind == kind)
			tables_mark(tables, (enum table_id)i, resource_id(either(entry)));
		for (int j = 0; j < TABLE_READS && list[i]->kinds[j].follow; j++)
			if (list[i]->kinds[j].kind == kind)
				list[i]->kinds[j].follow(tables, entry->before, entry->after);
	}
}

static void mark_fact(struct tables *tables, const struct fact *fact)
{
	if (fact->kind == FACT_TIME)
		tables_mark(tables, (enum table_id)fact->table, fact->ifindex);
	for (int i = 0; i < TABLE_COUNT; i++)
		for (int j = 0; j < TABLE_READS && list[i]->facts[j].follow; j++)
			if (list[i]->facts[j].fact == fact->kind)
				list[i]->facts[j].follow(tables, fact);
}

static void mark_all(struct tables *tables)
{
	for (int i = 0; i < TABLE_COUNT; i++)
		for (uint32_t id = 1; id < tables_end(tables, list[i]->kind); id++)
			if (tables_resource(tables, list[i]->kind, id))
				tables_mark(tables, (enum table_id)i, id);
}

static struct table_row row_of(const struct tables *tables, enum table_id table, uint32_t id)
{
	struct known known = known_at(tables, list[table]->kind, id);

	return (struct table_row){
		.id = id, .before = known.run == tables->run ? known.before : known.now, .after = known.now};
}

static void mark_readers(struct tables *tables, enum table_id table, const struct table_row *row)
{
	for (int i = table + 1; i < TABLE_COUNT; i++)
		for (int j = 0; j < TABLE_READS && list[i]->tables[j].follow; j++)
			if (list[i]->tables[j].table == table)
				list[i]->tables[j].follow(tables, row->before, row->after);
}

static int update_table(struct tables *tables, enum table_id table)
{
	const struct marks *marks = &tables->marks[table];
	int error = 0;

	for (size_t i = 0; i < marks->count && list[table]->clear; i++) {
		const struct table_row row = row_of(tables, table, marks->id[i]);

		if (row.before || row.after)
			list[table]->clear(tables, &row);
	}
	for (size_t i = 0; i < marks->count && !error; i++) {
		struct table_row row = row_of(tables, table, marks->id[i]);

		if (!row.before && !row.after)
			continue;
		tables->rows++;
		error = list[table]->row(tables, &row);
		if (!error && row.changed)
			mark_readers(tables, table, &row);
		if (tables->log.no_memory)
			error = -ENOMEM;
	}
	return error;
}

static void mark_route(void *context, const struct handle *vrf, const struct ip_prefix *prefix)
{
	struct tables *tables = context;

	for (int i = TABLE_LAST_BEFORE_ROUTES + 1; i < TABLE_COUNT; i++)
		if (list[i]->follow_route)
			list[i]->follow_route(tables, vrf, prefix);
}

static int add_routes(struct tables *tables)
{
	int error;

	fib_guard(tables->fib, tables->guards_routes);
	error = route_changes_add(&tables->routes, tables->fib);
	fib_guard(tables->fib, false);
	return error ? route_changes_explain(tables->fib, error, tables->error) : 0;
}

static int update_routes(struct tables *tables, const struct snapshot *next, const struct delta *delta)
{
	int error = route_changes_make(&tables->routes, next, delta, tables->state[TABLE_local_routes],
				       &tables->group_routes);

	if (!error)
		error = add_routes(tables);
	if (!error)
		route_changes_visit(&tables->routes, mark_route, tables);
	return error;
}

/* All groups are known now, those into tunnels, too. Nothing fails behind it. */
static int finish_routes(struct tables *tables)
{
	int error = route_changes_follow_groups(&tables->routes);

	if (!error)
		error = add_routes(tables);
	if (!error && tables->log.no_memory)
		error = -ENOMEM;
	if (!error && route_reserves_set(&tables->routes, tables->fib) && tables->guards_routes &&
	    !fib_reserves_fit(tables->fib))
		error = route_reserves_explain(tables->fib, tables->error);
	if (!error)
		route_changes_remove(&tables->routes, tables->fib);
	return error;
}

int tables_fill_policy(struct tables *tables)
{
	int error = 0;

	for (int i = 0; i < TABLE_COUNT && !error; i++)
		error = list[i]->fill_policy ? list[i]->fill_policy(tables) : 0;
	if (error)
		policy_changes_free(&tables->policies);
	return error;
}

static void enter_all(struct tables *tables, const struct delta *delta)
{
	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];

		if (has_rows(entry))
			enter(tables, entry);
		else
			group_routes_change(&tables->group_routes, &tables->log, entry->before, entry->after);
	}
	for (size_t i = 0; i < delta->count; i++)
		if (has_rows(&delta->entry[i]))
			mark_change(tables, &delta->entry[i]);
}

int tables_update(struct tables *tables, const struct snapshot *next, const struct delta *delta,
		  const struct facts *facts, struct error *error)
{
	int result = 0;

	tables->error = error;
	if (++tables->run == 0)
		tables->run = 1;
	enter_all(tables, delta);
	for (size_t i = 0; i < facts->count; i++)
		mark_fact(tables, &facts->fact[i]);
	if (facts->lost)
		mark_all(tables);
	tables->revision = snapshot_revision(next);
	for (int i = 0; i < TABLE_COUNT && !result; i++) {
		result = tables->log.no_memory ? -ENOMEM : update_table(tables, (enum table_id)i);
		if (!result && i == TABLE_LAST_BEFORE_ROUTES)
			result = update_routes(tables, next, delta);
	}
	if (!result)
		result = policy_costs_update(tables);
	if (!result)
		result = finish_routes(tables);
	if (result == -ENOMEM && !error->count)
		error_no_memory(error, NULL);
	return result;
}

bool tables_look(struct tables *tables, struct facts *facts)
{
	bool any = paths_look(tables->paths, facts);

	return deadlines_look(&tables->deadlines, monotonic_ms(), facts) || any;
}

void tables_finish(struct tables *tables, bool undone)
{
	if (undone) {
		route_reserves_take_back(&tables->routes, tables->fib);
		route_changes_undo(&tables->routes, tables->fib);
		route_changes_free(&tables->routes);
		tables->policy_lost |= !policy_changes_undo(&tables->policies, tables->policy);
		policy_changes_free(&tables->policies);
		undo_log_roll_back(&tables->log);
	} else {
		undo_log_clear(&tables->log);
	}
	pending_updates_clear(&tables->pending);
	deadlines_finish(&tables->deadlines, undone);
	group_routes_forget_touched(&tables->group_routes);
	for (int i = 0; i < TABLE_COUNT; i++) {
		marks_clear(&tables->marks[i]);
		if (list[i]->finish)
			list[i]->finish(tables, undone);
	}
	tables->error = NULL;
}

bool tables_have_changed(const struct tables *tables)
{
	return tables->routes.any || policy_changes_any(&tables->policies) || bank_writer_has_written(&tables->writer);
}

void tables_settle(struct tables *tables)
{
	for (int i = 0; i < TABLE_COUNT; i++)
		if (list[i]->settle)
			list[i]->settle(tables);
}

const struct resource *tables_resource(const struct tables *tables, enum resource_kind kind, uint32_t id)
{
	return known_at(tables, kind, id).now;
}

const struct resource *tables_resource_before(const struct tables *tables, enum resource_kind kind, uint32_t id)
{
	struct known known = known_at(tables, kind, id);

	return known.run == tables->run ? known.before : known.now;
}
