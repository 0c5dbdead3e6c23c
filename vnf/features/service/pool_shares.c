/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/service/pool_shares.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/error.h"
#include "vnf/dataplane/service/maglev.h"
#include "vnf/dataplane/service/rendezvous.h"
#include "vnf/features/service/member_tables.h"
#include "vnf/reconcile/health.h"

_Static_assert(256 * HEALTH_FACTOR_ALL <= SHARE_WEIGHT_MOST, "weights times their factors");

/* Those that can take flows, and among them backups. */
struct found {
	struct share_member *member;
	bool *backup;
	size_t count, room, all, backups;
	bool no_memory;
};

static bool make_room(struct found *found)
{
	size_t room = found->room ? found->room * 2 : 16;
	struct share_member *member;
	bool *backup;

	if (found->count < found->room)
		return true;
	member = realloc(found->member, room * sizeof(*member));
	if (member)
		found->member = member;
	backup = realloc(found->backup, room * sizeof(*backup));
	if (backup)
		found->backup = backup;
	if (member && backup)
		found->room = room;
	return member && backup;
}

static void find_member(const struct tables *tables, uint32_t id, void *context)
{
	const struct member *member = (const struct member *)tables_resource(tables, RESOURCE_MEMBER, id);
	const uint32_t weight = (uint32_t)member->weight * member_weight_factor(tables, member);
	struct found *found = context;

	found->all++;
	if (!weight || member_state(tables, member) != DP_MEMBER_ACTIVE || found->count > POOL_MEMBERS_MOST)
		return;
	if (found->no_memory || !make_room(found)) {
		found->no_memory = true;
		return;
	}
	found->backup[found->count] = member->backup;
	found->backups += member->backup;
	found->member[found->count++] = (struct share_member){.name = member->resource.self->text,
							      .hash = share_name_hash(member->resource.self->text),
							      .id = id,
							      .weight = weight};
}

/* Backups only while there is no other. */
static void leave_backups_out(struct found *found)
{
	size_t kept = 0;

	for (size_t i = 0; i < found->count && found->backups < found->count; i++)
		if (!found->backup[i])
			found->member[kept++] = found->member[i];
	if (kept)
		found->count = kept;
}

static uint64_t digest_of(const struct pool_shares *shares, const struct pool *pool)
{
	uint64_t digest = share_mix((uint64_t)shares->rows << 8 | pool->lb_algorithm);

	for (size_t i = 0; i < shares->count; i++) {
		const struct share_member *member = &shares->member[i];

		digest = share_mix(digest ^ member->hash);
		digest = share_mix(digest ^ ((uint64_t)member->id << 32 | member->weight));
	}
	return digest | 1;
}

int pool_shares_collect(struct tables *tables, const struct pool *pool, struct pool_shares *shares)
{
	struct found found = {0};

	tables_each_user(tables, &pool->resource, RESOURCE_MEMBER, find_member, &found);
	leave_backups_out(&found);
	free(found.backup);
	if (!found.no_memory && found.all <= POOL_MEMBERS_MOST) {
		share_members_sort(found.member, found.count);
		*shares = (struct pool_shares){.member = found.member, .count = found.count};
		shares->rows = found.count ? share_rows(found.all) : 0;
		shares->digest = digest_of(shares, pool);
		return 0;
	}
	free(found.member);
	if (found.no_memory)
		return -ENOMEM;
	error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
		  "pool \"%s\": more than %d members: share them among several pools of a listener",
		  pool->resource.self->text, POOL_MEMBERS_MOST);
	return -ENOSPC;
}

void pool_shares_free(struct pool_shares *shares)
{
	free(shares->member);
}

int pool_shares_table(const struct pool_shares *shares, const struct pool *pool, uint64_t *word)
{
	memset(word, 0, share_words(shares->rows) * sizeof(*word));
	if (pool->lb_algorithm == SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_RENDEZVOUS)
		return rendezvous_fill(shares->member, shares->count, word, shares->rows);
	return maglev_fill(shares->member, shares->count, word, shares->rows);
}

uint32_t pool_shares_list_words(const struct pool_shares *shares)
{
	return (uint32_t)(shares->count + 1) / 2;
}

void pool_shares_list(const struct pool_shares *shares, uint64_t *word)
{
	memset(word, 0, pool_shares_list_words(shares) * sizeof(*word));
	for (size_t i = 0; i < shares->count; i++)
		word[i / 2] |= (uint64_t)shares->member[i].id << i % 2 * 32;
}
