/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups[]: which flow-hash bucket goes to which next hop (buckets.h). Backups share the buckets only while no other
 * member can take flows, so the others' shares are exact.
 */
#include "vnf/features/base/base.h"
#include "vnf/features/base/buckets.h"
#include "vnf/features/base/group_health.h"
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
	struct id_array live; /* uint64_t by group: bit per member, of those that have buckets */
};

static void open(void *state)
{
	((struct groups *)state)->live = id_array_of(sizeof(uint64_t));
}

static void close(void *state)
{
	id_array_free(&((struct groups *)state)->live);
}

/* Who shares a group's buckets: its members but for the backups, or these. A bit per member. */
struct sharers {
	uint64_t all, live;
	bool programmed; /* some member is, whatever its health */
};

static struct sharers find_sharers(const struct tables *tables, const struct next_hop_group *group)
{
	const struct next_hop_health health = next_hop_health(tables, group);
	uint64_t usable = 0, primary = 0;
	struct sharers sharers = {0};

	for (size_t i = 0; group && i < group->count; i++) {
		const struct next_hop_member *member = &group->member[i];
		bool programmed = next_hop_pending(tables, member->next_hop->id) == PENDING_NONE;

		sharers.programmed |= programmed;
		sharers.all |= 1ULL << i;
		primary |= (uint64_t)!member->backup << i;
		usable |= (uint64_t)(programmed && next_hop_is_up(&health, member->next_hop)) << i;
	}
	sharers.all &= usable & primary ? primary : ~primary;
	sharers.live = usable & sharers.all;
	return sharers;
}

/* False: nobody is live. */
static bool share_buckets(const struct next_hop_group *group, const struct sharers *sharers, struct dp_group *entry)
{
	struct bucket_members members = {0};
	uint8_t place[DP_MAX_GROUP_MEMBERS] = {0};

	for (size_t i = 0; group && i < group->count; i++) {
		if (!(sharers->all >> i & 1))
			continue;
		place[members.count] = (uint8_t)i;
		buckets_add_member(&members, group->member[i].next_hop->text, group->member[i].weight,
				   sharers->live >> i & 1);
	}
	if (!members.count || !buckets_share(&members, entry->bucket, DP_GROUP_BUCKETS))
		return false;
	for (size_t i = 0; i < DP_GROUP_BUCKETS; i++)
		entry->bucket[i] = place[entry->bucket[i]];
	for (size_t i = 0; i < group->count; i++)
		entry->member[i] = group->member[i].next_hop->id;
	entry->only = only_next_hop(entry);
	return true;
}

static enum pending_reason pending_of(const struct sharers *sharers)
{
	if (sharers->live)
		return PENDING_NONE;
	return sharers->programmed ? PENDING_NO_HEALTHY : PENDING_MEMBERS;
}

/* The same members of which the same take flows have the same buckets: working these out takes long. */
static int row(struct tables *tables, struct table_row *row)
{
	const struct next_hop_group *group = (const struct next_hop_group *)row->after;
	struct groups *groups = tables_state(tables, TABLE_groups);
	const struct sharers sharers = find_sharers(tables, group);
	struct dp_group entry = {0};
	bool moved;

	if (group)
		tables_set_group_state(tables, row->id,
				       (struct group_state){.tunnels = tables_group_state(tables, row->id).tunnels,
							    .dead = !sharers.live});
	moved = id_array_set(&groups->live, tables_log(tables), row->id, &sharers.live);
	if (group)
		tables_set_pending(tables, row->after->self, pending_of(&sharers));
	if (!moved && row->before == row->after)
		return 0;
	(void)share_buckets(group, &sharers, &entry); /* without, all of it is 0 */
	bank_write(tables_writer(tables), DP_TABLE_groups, row->id, &entry);
	return 0;
}

static void follow_next_hop(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_groups, after ? after : before, RESOURCE_NEXT_HOP_GROUP);
}

static void mark_group(struct tables *tables, const struct handle *group)
{
	tables_mark(tables, TABLE_groups, group->id);
}

static void follow_monitor(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_used(tables, before, RESOURCE_NEXT_HOP_GROUP, mark_group);
	tables_each_used(tables, after, RESOURCE_NEXT_HOP_GROUP, mark_group);
}

static void follow_health(struct tables *tables, const struct fact *fact)
{
	if (fact->resource == RESOURCE_NEXT_HOP_GROUP)
		tables_mark(tables, TABLE_groups, fact->ifindex);
}

const struct table groups_table = {
	.name = "groups",
	.kind = RESOURCE_NEXT_HOP_GROUP,
	.kinds = {{RESOURCE_HEALTH_MONITOR, follow_monitor}},
	.facts = {{FACT_HEALTH, follow_health}},
	.tables = {{TABLE_gateways, follow_next_hop}, {TABLE_next_hops, follow_next_hop}},
	.state_size = sizeof(struct groups),
	.open = open,
	.close = close,
	.row = row,
};
