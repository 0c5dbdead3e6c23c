/* SPDX-License-Identifier: Apache-2.0 */
/* shown_members: which share of a pool's new flows each member gets, for the state service. It has no rows in a bank.
 */
#include "vnf/reconcile/shown_members.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/features/service/member_tables.h"

#define PER_MILLE 1000

struct shown {
	struct id_array member; /* struct shown_member */
	/* Members that the run has changed. */
	uint32_t *changed;
	size_t count, capacity;
};

/* Weights of those that can take flows. */
struct weights {
	uint64_t all, backups;
};

static void open(void *state)
{
	((struct shown *)state)->member = id_array_of(sizeof(struct shown_member));
}

static void close(void *state)
{
	struct shown *shown = state;

	id_array_free(&shown->member);
	free(shown->changed);
}

static struct shown *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_shown_members);
}

static void show(struct tables *tables, uint32_t id, const struct shown_member *member)
{
	struct shown *shown = state_of(tables);
	size_t capacity = shown->capacity ? 2 * shown->capacity : 16;
	uint32_t *grown;

	if (!id_array_set(&shown->member, tables_log(tables), id, member))
		return;
	if (shown->count == shown->capacity) {
		grown = realloc(shown->changed, capacity * sizeof(*grown));
		if (!grown) {
			tables_log(tables)->no_memory = true;
			return;
		}
		shown->changed = grown;
		shown->capacity = capacity;
	}
	shown->changed[shown->count++] = id;
}

static const struct member *member_at(const struct tables *tables, uint32_t id)
{
	return (const struct member *)tables_resource(tables, RESOURCE_MEMBER, id);
}

static void add_weight(const struct tables *tables, uint32_t id, void *context)
{
	const struct member *member = member_at(tables, id);
	struct weights *weights = context;

	if (member_state(tables, member) != DP_MEMBER_ACTIVE)
		return;
	if (member->backup)
		weights->backups += member_weight(tables, member);
	else
		weights->all += member_weight(tables, member);
}

/* Backups take flows only while there is no other. */
static void show_share(const struct tables *tables, uint32_t id, void *context)
{
	const struct weights *weights = context;
	const struct member *member = member_at(tables, id);
	uint64_t sum = weights->all ? weights->all : weights->backups;
	struct shown_member shown = {.state = (uint16_t)member_state(tables, member)};

	if (shown.state == DP_MEMBER_ACTIVE && sum && member->backup == !weights->all)
		shown.share = (uint16_t)((member_weight(tables, member) * PER_MILLE + sum / 2) / sum);
	show((struct tables *)tables, id, &shown);
}

static int row(struct tables *tables, struct table_row *row)
{
	struct weights weights = {0};

	if (!row->after)
		return 0;
	tables_each_user(tables, row->after, RESOURCE_MEMBER, add_weight, &weights);
	tables_each_user(tables, row->after, RESOURCE_MEMBER, show_share, &weights);
	return 0;
}

static void mark_pool(struct tables *tables, const struct resource *member)
{
	if (member)
		tables_mark(tables, TABLE_shown_members, ((const struct member *)member)->pool->id);
}

static void follow_member(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_pool(tables, before);
	mark_pool(tables, after);
}

static void finish(struct tables *tables, bool undone)
{
	struct shown *shown = state_of(tables);

	for (size_t i = 0; i < shown->count && !undone; i++)
		shown_member_set(tables_shown_members(tables), shown->changed[i],
				 *(const struct shown_member *)id_array_get(&shown->member, shown->changed[i]));
	shown->count = 0;
}

extern const struct table shown_members_table;
const struct table shown_members_table = {
	.name = "shown_members",
	.kind = RESOURCE_POOL,
	.kinds = {{RESOURCE_MEMBER, follow_member}},
	.tables = {{TABLE_members, follow_member}},
	.state_size = sizeof(struct shown),
	.open = open,
	.close = close,
	.row = row,
	.finish = finish,
};
