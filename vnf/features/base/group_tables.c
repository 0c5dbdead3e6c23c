/* SPDX-License-Identifier: Apache-2.0 */
/* groups[]: which flow-hash bucket goes to which next hop (buckets.h). */
#include "vnf/features/base/base.h"
#include "vnf/features/base/buckets.h"
#include "vnf/features/base/next_hop_tables.h"

/* The next hop that all buckets have; 0: they differ. */
static uint32_t only_next_hop(const struct dp_group *group)
{
	for (size_t i = 1; i < DP_GROUP_BUCKETS; i++)
		if (group->bucket[i] != group->bucket[0])
			return 0;
	return group->member[group->bucket[0]];
}

struct groups {
	struct id_array live; /* uint64_t by group: bit per member, of which the buckets were made */
};

static void open(void *state)
{
	((struct groups *)state)->live = id_array_of(sizeof(uint64_t));
}

static void close(void *state)
{
	id_array_free(&((struct groups *)state)->live);
}

static void collect_members(const struct tables *tables, const struct next_hop_group *group,
			    struct bucket_members *members)
{
	for (size_t i = 0; group && i < group->count; i++)
		buckets_add_member(members, group->member[i].next_hop->text, group->member[i].weight,
				   next_hop_pending(tables, group->member[i].next_hop->id) == PENDING_NONE);
}

/* The same members of which the same are programmed have the same buckets: working these out takes long. */
static int row(struct tables *tables, struct table_row *row)
{
	const struct next_hop_group *group = (const struct next_hop_group *)row->after;
	struct groups *groups = tables_state(tables, TABLE_groups);
	struct bucket_members members = {0};
	struct dp_group entry = {0};
	bool moved;

	collect_members(tables, group, &members);
	if (group)
		tables_set_group_state(tables, row->id,
				       (struct group_state){.tunnels = tables_group_state(tables, row->id).tunnels,
							    .dead = !members.live});
	moved = id_array_set(&groups->live, tables_log(tables), row->id, &members.live);
	if (group)
		tables_set_pending(tables, row->after->self, members.live ? PENDING_NONE : PENDING_MEMBERS);
	if (!moved && row->before == row->after)
		return 0;
	if (buckets_share(&members, entry.bucket, DP_GROUP_BUCKETS)) {
		for (size_t i = 0; i < group->count; i++)
			entry.member[i] = group->member[i].next_hop->id;
		entry.only = only_next_hop(&entry);
	}
	bank_write(tables_writer(tables), DP_TABLE_groups, row->id, &entry);
	return 0;
}

static void follow_next_hop(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_groups, after ? after : before, RESOURCE_NEXT_HOP_GROUP);
}

const struct table groups_table = {
	.name = "groups",
	.kind = RESOURCE_NEXT_HOP_GROUP,
	.tables = {{TABLE_gateways, follow_next_hop}, {TABLE_next_hops, follow_next_hop}},
	.state_size = sizeof(struct groups),
	.open = open,
	.close = close,
	.row = row,
};
