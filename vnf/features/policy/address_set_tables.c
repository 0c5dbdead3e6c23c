/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address groups as sets of the policy engine: in each VRF whose rules refer to a group its members, and those of the
 * groups in it, each once. What they are together is worked out when one of these groups changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/features/policy/flat_group.h"
#include "vnf/features/policy/policy_facts.h"

/* A group in a VRF. Without holes: facts are compared as bytes. */
struct set_use {
	uint32_t group;
	uint32_t users; /* references of the VRF's rules */
	uint16_t vrf;
	uint16_t in_engine; /* 1: its members are */
};

struct address_sets {
	struct id_pool use;			/* struct set_use */
	struct id_index by_group, by_vrf_group; /* of uses */
	struct id_array flat;			/* struct flat_group * by group that is in use */
	struct id_array changed;		/* uint32_t by group: the run in which it, or one in it, last changed */
	uint32_t run;
	struct flat_group *made, *dropped; /* by the run, in lists */
};

static void open(void *state)
{
	struct address_sets *sets = state;

	sets->use = id_pool_of(sizeof(struct set_use));
	sets->by_group = id_index_new();
	sets->by_vrf_group = id_index_new();
	sets->flat = id_array_of(sizeof(struct flat_group *));
	sets->changed = id_array_of(sizeof(uint32_t));
	sets->run = 1;
}

static struct flat_group *flat_of(const struct address_sets *sets, uint32_t group)
{
	return *(struct flat_group *const *)id_array_get(&sets->flat, group);
}

static void close(void *state)
{
	struct address_sets *sets = state;

	for (uint32_t id = 1; id < id_array_end(&sets->flat); id++)
		free(flat_of(sets, id));
	id_pool_free(&sets->use);
	id_index_free(&sets->by_group);
	id_index_free(&sets->by_vrf_group);
	id_array_free(&sets->flat);
	id_array_free(&sets->changed);
}

static struct address_sets *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_address_sets);
}

static struct set_use use_at(const struct address_sets *sets, uint32_t id)
{
	return *(const struct set_use *)id_array_get(&sets->use.element, id);
}

static uint32_t group_hash(uint32_t group)
{
	return id_hash(ID_HASH_START, &group, sizeof(group));
}

static uint32_t vrf_group_hash(uint16_t vrf, uint32_t group)
{
	return id_hash(group_hash(group), &vrf, sizeof(vrf));
}

/* 0: out of memory. */
static uint32_t find_or_make(struct tables *tables, uint16_t vrf, uint32_t group)
{
	struct address_sets *sets = state_of(tables);
	const struct set_use made = {.group = group, .vrf = vrf};
	uint32_t hash = vrf_group_hash(vrf, group), id = id_index_first(&sets->by_vrf_group, hash);

	for (; id; id = id_index_next(&sets->by_vrf_group, id)) {
		const struct set_use use = use_at(sets, id);

		if (use.vrf == vrf && use.group == group)
			return id;
	}
	id = id_pool_take(&sets->use, tables_log(tables));
	if (!id)
		return 0;
	id_array_set(&sets->use.element, tables_log(tables), id, &made);
	id_index_add(&sets->by_vrf_group, tables_log(tables), hash, id);
	id_index_add(&sets->by_group, tables_log(tables), group_hash(group), id);
	return id;
}

void address_set_use(struct tables *tables, uint16_t vrf, uint32_t group, int step)
{
	struct address_sets *sets = state_of(tables);
	uint32_t id = find_or_make(tables, vrf, group);
	struct set_use use;

	if (!id)
		return; /* the log knows */
	use = use_at(sets, id);
	use.users += (uint32_t)step;
	id_array_set(&sets->use.element, tables_log(tables), id, &use);
	if (use.users && use.in_engine)
		return;
	tables_mark(tables, TABLE_address_sets, group);
}

static void forget_use(struct tables *tables, uint32_t id, const struct set_use *use)
{
	struct address_sets *sets = state_of(tables);

	id_index_remove(&sets->by_group, tables_log(tables), group_hash(use->group), id);
	id_index_remove(&sets->by_vrf_group, tables_log(tables), vrf_group_hash(use->vrf, use->group), id);
	id_pool_give(&sets->use, tables_log(tables), id);
}

static bool is_used(const struct address_sets *sets, uint32_t group)
{
	for (uint32_t id = id_index_first(&sets->by_group, group_hash(group)); id;
	     id = id_index_next(&sets->by_group, id)) {
		const struct set_use use = use_at(sets, id);

		if (use.group == group && use.users)
			return true;
	}
	return false;
}

/* What the group is together is another; NULL: it is in no use. 0 or -ENOMEM. */
static int refresh(struct tables *tables, uint32_t group, struct flat_group **flat)
{
	struct address_sets *sets = state_of(tables);
	const uint32_t changed = *(const uint32_t *)id_array_get(&sets->changed, group);
	struct flat_group *now = NULL;

	*flat = flat_of(sets, group);
	if (is_used(sets, group)) {
		if (*flat && changed != sets->run)
			return 0;
		now = flat_group_new(tables, group);
		if (!now)
			return -ENOMEM;
		now->next = sets->made;
		sets->made = now;
	}
	if (*flat) {
		(*flat)->next = sets->dropped;
		sets->dropped = *flat;
	}
	id_array_set(&sets->flat, tables_log(tables), group, &now);
	*flat = now;
	return 0;
}

static int row(struct tables *tables, struct table_row *row)
{
	static const struct flat_group none;
	struct address_sets *sets = state_of(tables);
	const struct flat_group *old = flat_of(sets, row->id);
	struct flat_group *new;
	uint32_t next;
	int error = refresh(tables, row->id, &new);

	for (uint32_t id = id_index_first(&sets->by_group, group_hash(row->id)); id && !error; id = next) {
		struct set_use use = use_at(sets, id);
		const struct flat_group *before = use.in_engine && old ? old : &none;
		const struct flat_group *after = use.users && new ? new : &none;

		next = id_index_next(&sets->by_group, id);
		if (use.group != row->id)
			continue;
		error = policy_replace_members(tables, use.vrf, row->id, before->member, before->count, after->member,
					       after->count);
		use.in_engine = use.users > 0;
		id_array_set(&sets->use.element, tables_log(tables), id, &use);
		if (!use.users)
			forget_use(tables, id, &use);
	}
	return error;
}

/* The group and those that it is in, however deep. */
static void follow_group(struct tables *tables, const struct resource *before, const struct resource *after)
{
	struct address_sets *sets = state_of(tables);

	if (flat_group_mark(tables, resource_id(after ? after : before), &sets->changed, sets->run))
		tables_log(tables)->no_memory = true;
}

static void free_list(struct flat_group **list)
{
	while (*list) {
		struct flat_group *next = (*list)->next;

		free(*list);
		*list = next;
	}
}

/* Undone, the log has put back what was dropped. */
static void finish(struct tables *tables, bool undone)
{
	struct address_sets *sets = state_of(tables);

	free_list(undone ? &sets->made : &sets->dropped);
	sets->made = sets->dropped = NULL;
	sets->run++;
}

static int fill(struct tables *tables)
{
	struct address_sets *sets = state_of(tables);

	for (uint32_t id = 1; id < id_array_end(&sets->use.element); id++) {
		const struct set_use use = use_at(sets, id);
		const struct flat_group *flat = use.in_engine ? flat_of(sets, use.group) : NULL;

		for (size_t i = 0; flat && i < flat->count; i++)
			if (policy_changes_member(tables_policies(tables), use.vrf, use.group, &flat->member[i], true))
				return -ENOMEM;
	}
	return 0;
}

const struct table address_sets_table = {
	.name = "address_sets",
	.kind = RESOURCE_ADDRESS_GROUP,
	.kinds = {{RESOURCE_ADDRESS_GROUP, follow_group}},
	.state_size = sizeof(struct address_sets),
	.open = open,
	.close = close,
	.row = row,
	.finish = finish,
	.fill_policy = fill,
};
