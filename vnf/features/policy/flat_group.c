/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/policy/flat_group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/features/policy/policy.h"

/* Groups to go on with, and those that were there already. */
struct walk {
	uint32_t *queue; /* ids; all that were ever put in, each once */
	size_t count, room;
	uint8_t *seen; /* bit per id */
	uint32_t end;  /* ids are below */
	bool no_memory;
};

static bool walk_begin(struct walk *walk, const struct tables *tables)
{
	*walk = (struct walk){.end = tables_end(tables, RESOURCE_ADDRESS_GROUP)};
	walk->seen = calloc(walk->end / 8 + 1, 1);
	return walk->seen != NULL;
}

static void walk_end(struct walk *walk)
{
	free(walk->queue);
	free(walk->seen);
}

static void walk_add(struct walk *walk, uint32_t id)
{
	if (id >= walk->end || walk->seen[id / 8] >> id % 8 & 1)
		return;
	if (walk->count == walk->room) {
		size_t room = walk->room ? walk->room * 2 : 16;
		uint32_t *queue = realloc(walk->queue, room * sizeof(*queue));

		if (!queue) {
			walk->no_memory = true;
			return;
		}
		walk->queue = queue;
		walk->room = room;
	}
	walk->seen[id / 8] |= (uint8_t)(1U << id % 8);
	walk->queue[walk->count++] = id;
}

static const struct address_group *group_at(const struct tables *tables, uint32_t id)
{
	return (const struct address_group *)tables_resource(tables, RESOURCE_ADDRESS_GROUP, id);
}

static int compare(const void *left, const void *right)
{
	return ip_prefix_compare(left, right);
}

/* Those of all groups of the walk. */
static struct flat_group *collect(const struct tables *tables, const struct walk *walk, size_t total)
{
	struct flat_group *flat = calloc(1, sizeof(*flat) + total * sizeof(flat->member[0]));
	size_t kept = 0;

	if (!flat)
		return NULL;
	for (size_t i = 0; i < walk->count; i++) {
		const struct address_group *group = group_at(tables, walk->queue[i]);

		if (group && group->count)
			memcpy(flat->member + flat->count, group->address, group->count * sizeof(flat->member[0]));
		flat->count += group ? group->count : 0;
	}
	if (walk->count > 1)
		qsort(flat->member, flat->count, sizeof(flat->member[0]), compare);
	for (size_t i = 0; i < flat->count; i++)
		if (i == 0 || ip_prefix_compare(&flat->member[i], &flat->member[kept - 1]) != 0)
			flat->member[kept++] = flat->member[i];
	flat->count = kept;
	return flat;
}

struct flat_group *flat_group_new(const struct tables *tables, uint32_t id)
{
	struct flat_group *flat = NULL;
	struct walk walk;
	size_t total = 0;

	if (!walk_begin(&walk, tables))
		return NULL;
	walk_add(&walk, id);
	for (size_t i = 0; i < walk.count; i++) {
		const struct address_group *group = group_at(tables, walk.queue[i]);

		total += group ? group->count : 0;
		for (size_t j = 0; group && j < group->group_count; j++)
			walk_add(&walk, group->group[j]->id);
	}
	if (!walk.no_memory)
		flat = collect(tables, &walk, total);
	walk_end(&walk);
	return flat;
}

static void add_user(const struct tables *tables, uint32_t user, void *context)
{
	(void)tables;
	walk_add(context, user);
}

int flat_group_mark(struct tables *tables, uint32_t id, struct id_array *changed, uint32_t run)
{
	struct walk walk;
	int error = 0;

	if (*(const uint32_t *)id_array_get(changed, id) == run)
		return 0; /* with all above it */
	if (!walk_begin(&walk, tables))
		return -ENOMEM;
	walk_add(&walk, id);
	for (size_t i = 0; i < walk.count && !walk.no_memory; i++) {
		const struct address_group *group = group_at(tables, walk.queue[i]);

		tables_mark(tables, TABLE_address_sets, walk.queue[i]);
		id_array_set(changed, NULL, walk.queue[i], &run);
		if (*(const uint32_t *)id_array_get(changed, walk.queue[i]) != run)
			walk.no_memory = true;
		if (group)
			tables_each_user(tables, &group->resource, RESOURCE_ADDRESS_GROUP, add_user, &walk);
	}
	error = walk.no_memory ? -ENOMEM : 0;
	walk_end(&walk);
	return error;
}
