/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups[]: which flow-hash bucket goes to which next hop.
 *
 * First all members, programmed or not, share the buckets exactly by weight, each at least one: of all pairs of bucket
 * and member the one with the highest hash goes first, as long as the bucket is free and the member has not had its
 * share. Then the buckets of members that are not programmed go, each by itself, to the live member that weighted
 * rendezvous hashing prefers for it (Thaler, Ravishankar 1998). So a member that fails moves its own buckets and no
 * others, and gets the same ones back. Names decide, not ids or order: two routers with one configuration agree.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/features/base/next_hop_tables.h"
#include "vnf/features/base/base.h"

struct bid {
	uint32_t hash;
	uint8_t bucket, member;
};

static uint64_t name_hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3ULL;
	return h;
}

/* A finaliser with full avalanche (David Stafford's mix 13): neighbouring buckets must not have related hashes. */
static uint32_t bid_hash(uint64_t member, unsigned int bucket, unsigned int salt)
{
	uint64_t h = member + 0x9e3779b97f4a7c15ULL * (bucket + 1 + salt * DP_GROUP_BUCKETS);

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
	return (uint32_t)((h ^ (h >> 31)) >> 32);
}

static int by_hash(const void *left, const void *right)
{
	const struct bid *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash > b->hash ? -1 : 1;
	return a->bucket != b->bucket ? a->bucket - b->bucket : a->member - b->member;
}

/* Buckets by weight, largest remainders first; nobody is left without. */
static void shares(const struct next_hop_group *group, const uint64_t *hash, int share[DP_MAX_GROUP_MEMBERS])
{
	unsigned int total = 0, remainder[DP_MAX_GROUP_MEMBERS];
	int left = DP_GROUP_BUCKETS;

	for (size_t i = 0; i < group->count; i++)
		total += group->member[i].weight;
	for (size_t i = 0; i < group->count; i++) {
		share[i] = (int)(group->member[i].weight * DP_GROUP_BUCKETS / total);
		remainder[i] = group->member[i].weight * DP_GROUP_BUCKETS % total;
		if (!share[i]) {
			share[i] = 1;
			remainder[i] = 0;
		}
		left -= share[i];
	}
	while (left != 0) {
		size_t best = group->count;

		for (size_t i = 0; i < group->count; i++) {
			if (left < 0 && share[i] == 1)
				continue;
			if (best == group->count ||
			    (left > 0 ? remainder[i] > remainder[best] : share[i] > share[best]) ||
			    ((left > 0 ? remainder[i] == remainder[best] : share[i] == share[best]) &&
			     hash[i] < hash[best]))
				best = i;
		}
		share[best] += left > 0 ? 1 : -1;
		remainder[best] = 0;
		left += left > 0 ? -1 : 1;
	}
}

static int preferred(const struct next_hop_group *group, const uint64_t *hash, uint64_t live, unsigned int bucket)
{
	double best_score = 0;
	int best = -1;

	for (size_t i = 0; i < group->count; i++) {
		/* Uniform in (0, 1); -w / ln(u) makes the chance to win proportional to w. */
		double u = (bid_hash(hash[i], bucket, 1) + 0.5) / 4294967296.0;
		double score = -(double)group->member[i].weight / log(u);

		if (live >> i & 1 && (best < 0 || score > best_score)) {
			best = (int)i;
			best_score = score;
		}
	}
	return best;
}

void group_buckets(const struct next_hop_group *group, uint64_t live, int bucket[DP_GROUP_BUCKETS])
{
	struct bid bid[DP_GROUP_BUCKETS * DP_MAX_GROUP_MEMBERS];
	uint64_t hash[DP_MAX_GROUP_MEMBERS];
	int share[DP_MAX_GROUP_MEMBERS];
	size_t count = 0;

	for (size_t i = 0; i < DP_GROUP_BUCKETS; i++)
		bucket[i] = -1;
	if (!live)
		return;
	for (size_t i = 0; i < group->count; i++)
		hash[i] = name_hash(group->member[i].next_hop->text);
	shares(group, hash, share);
	for (unsigned int i = 0; i < DP_GROUP_BUCKETS; i++)
		for (size_t j = 0; j < group->count; j++)
			bid[count++] = (struct bid){bid_hash(hash[j], i, 0), (uint8_t)i, (uint8_t)j};
	qsort(bid, count, sizeof(*bid), by_hash);
	for (size_t i = 0; i < count; i++) {
		if (bucket[bid[i].bucket] < 0 && share[bid[i].member] > 0) {
			bucket[bid[i].bucket] = bid[i].member;
			share[bid[i].member]--;
		}
	}
	for (unsigned int i = 0; i < DP_GROUP_BUCKETS; i++)
		if (!(live >> bucket[i] & 1))
			bucket[i] = preferred(group, hash, live, i);
}

/* The next hop that all buckets have; 0: they differ. */
static uint32_t only_next_hop(const struct dp_group *group)
{
	for (size_t i = 1; i < DP_GROUP_BUCKETS; i++)
		if (group->bucket[i] != group->bucket[0])
			return 0;
	return group->bucket[0];
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

static uint64_t live_members(const struct tables *tables, const struct next_hop_group *group)
{
	uint64_t live = 0;

	for (size_t i = 0; group && i < group->count; i++)
		if (next_hop_pending(tables, group->member[i].next_hop->id) == PENDING_NONE)
			live |= 1ULL << i;
	return live;
}

/* The same members of which the same are programmed have the same buckets: working these out takes long. */
static int row(struct tables *tables, struct table_row *row)
{
	const struct next_hop_group *group = (const struct next_hop_group *)row->after;
	struct groups *groups = tables_state(tables, TABLE_groups);
	uint64_t live = live_members(tables, group);
	bool moved = id_array_set(&groups->live, tables_log(tables), row->id, &live);
	struct dp_group entry = {0};
	int bucket[DP_GROUP_BUCKETS];

	if (group)
		tables_set_pending(tables, row->after->self, live ? PENDING_NONE : PENDING_MEMBERS);
	if (!moved && row->before == row->after)
		return 0;
	if (live)
		group_buckets(group, live, bucket);
	for (size_t i = 0; live && i < DP_GROUP_BUCKETS; i++)
		entry.bucket[i] = group->member[bucket[i]].next_hop->id;
	entry.only = only_next_hop(&entry);
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
