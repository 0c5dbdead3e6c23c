/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drains: since which generation members take no new flows, by the lists of pools' tables. It has no rows in a bank. A
 * daemon that begins anew knows none before its own first one.
 */
#include <errno.h>
#include <stdlib.h>

#include "vnf/features/service/service.h"
#include "vnf/reconcile/shown_drains.h"
#include "vnf/reconcile/table.h"

struct drains {
	struct id_array since; /* uint64_t by member: a generation; 0: it takes flows, or is none */
	uint32_t *changed;     /* by the run */
	size_t count, room;
};

static void open(void *state)
{
	((struct drains *)state)->since = id_array_of(sizeof(uint64_t));
}

static void close(void *state)
{
	id_array_free(&((struct drains *)state)->since);
	free(((struct drains *)state)->changed);
}

static struct drains *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_drains);
}

static void set(struct tables *tables, uint32_t id, uint64_t since)
{
	struct drains *drains = state_of(tables);

	if (!id_array_set(&drains->since, tables_log(tables), id, &since))
		return;
	if (drains->count == drains->room) {
		size_t room = drains->room ? drains->room * 2 : 16;
		uint32_t *grown = realloc(drains->changed, room * sizeof(*grown));

		if (!grown) {
			tables_log(tables)->no_memory = true;
			return;
		}
		drains->changed = grown;
		drains->room = room;
	}
	drains->changed[drains->count++] = id;
}

/* Ids of those that take flows, sorted. */
struct takers {
	uint32_t *id;
	uint32_t count;
};

static int compare(const void *left, const void *right)
{
	const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static bool find_takers(struct tables *tables, uint32_t pool, struct takers *takers)
{
	const struct dp_pool *row = bank_writer_row(tables_writer(tables), DP_TABLE_pools, pool);

	takers->count = row->rows ? row->members : 0;
	takers->id = malloc((takers->count + 1) * sizeof(*takers->id));
	if (!takers->id)
		return false;
	for (uint32_t i = 0; i < takers->count; i++) {
		const uint64_t *word =
			bank_writer_row(tables_writer(tables), DP_TABLE_service_words, row->list + i / 2);

		takers->id[i] = (uint32_t)(*word >> i % 2 * 32);
	}
	qsort(takers->id, takers->count, sizeof(*takers->id), compare);
	return true;
}

static void look_at_member(const struct tables *tables, uint32_t id, void *context)
{
	const struct takers *takers = context;
	const uint64_t since = *(const uint64_t *)id_array_get(&state_of(tables)->since, id);

	if (bsearch(&id, takers->id, takers->count, sizeof(id), compare))
		set((struct tables *)tables, id, 0);
	else if (!since)
		set((struct tables *)tables, id, tables_generation(tables));
}

static int row(struct tables *tables, struct table_row *row)
{
	struct takers takers;

	if (!row->after)
		return 0;
	if (!find_takers(tables, row->id, &takers))
		return -ENOMEM;
	tables_each_user(tables, row->after, RESOURCE_MEMBER, look_at_member, &takers);
	free(takers.id);
	return 0;
}

static void finish(struct tables *tables, bool undone)
{
	struct drains *drains = state_of(tables);

	for (size_t i = 0; i < drains->count && !undone; i++)
		shown_drain_set(tables_shown_drains(tables), drains->changed[i],
				*(const uint64_t *)id_array_get(&drains->since, drains->changed[i]));
	drains->count = 0;
}

static void mark_pool(struct tables *tables, const struct resource *member)
{
	if (member)
		tables_mark(tables, TABLE_drains, ((const struct member *)member)->pool->id);
}

/* Its id may become another's. */
static void follow_member(struct tables *tables, const struct resource *before, const struct resource *after)
{
	if (before && !after)
		set(tables, resource_id(before), 0);
	mark_pool(tables, before);
	mark_pool(tables, after);
}

extern const struct table drains_table;
const struct table drains_table = {
	.name = "drains",
	.kind = RESOURCE_POOL,
	.kinds = {{RESOURCE_MEMBER, follow_member}},
	.tables = {{TABLE_members, follow_member}},
	.state_size = sizeof(struct drains),
	.open = open,
	.close = close,
	.row = row,
	.finish = finish,
};
