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

#include "vnf/reconcile/compile.h"

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

void compile_group(struct compile *compile, const struct next_hop_group *group)
{
	struct group_memory now = {.revision = group->resource.revision};
	uint32_t id = group->resource.self->id;
	struct dp_group entry = {0};
	int bucket[DP_GROUP_BUCKETS];

	for (size_t i = 0; i < group->count; i++)
		if (compile->next_hop_pending[group->member[i].next_hop->id] == PENDING_NONE)
			now.live |= 1ULL << i;
	compile_use(compile, id, &compile->end.groups);
	compile_pending(compile, group->resource.self, now.live ? PENDING_NONE : PENDING_MEMBERS);
	if (now.revision && memcmp(&compile->group[id], &now, sizeof(now)) == 0)
		return;
	group_buckets(group, now.live, bucket);
	for (size_t i = 0; i < DP_GROUP_BUCKETS; i++)
		if (bucket[i] >= 0)
			entry.bucket[i] = group->member[bucket[i]].next_hop->id;
	entry.only = only_next_hop(&entry);
	compile_write(compile, &compile->bank->groups[id], &entry, sizeof(entry));
	compile->group[id] = now;
}

int compile_groups(struct compile *compile)
{
	struct dp_group *table = compile->bank->groups;
	const struct resource *resource = NULL;

	while ((resource = snapshot_next(compile->snapshot, RESOURCE_NEXT_HOP_GROUP, resource)))
		compile_group(compile, (const struct next_hop_group *)resource);
	/* An id that is given anew later is compiled anew. */
	for (uint32_t id = 1; id < compile->end.groups; id++)
		if (!compile->used[id])
			compile->group[id].revision = 0;
	compile_clear_unused(compile, table, sizeof(*table), sizeof(*table), &compile->end.groups);
	return 0;
}
