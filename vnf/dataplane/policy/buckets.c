/* SPDX-License-Identifier: Apache-2.0 */
/* The rules by key: in the bucket that the hash says or in the next. What finds both full makes the table grow. */
#include <errno.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

#define LEAST_BUCKETS 2
#define MOST_BUCKETS  (1U << 17)

struct table {
	struct dp_policy_bucket *bucket;
	uint32_t mask;
};

struct slot {
	struct dp_policy_bucket *home, *bucket;
	int index;
};

static struct table table_of(const struct policy *policy, const struct policy_vrf *vrf)
{
	const struct dp_policy *row = policy_vrf_row(policy, vrf);

	return (struct table){policy_at(policy, row->buckets), row->bucket_mask};
}

/* The slot with the key; with rule 0, a free one. */
static bool find(const struct table *table, uint64_t key, uint32_t flags_protocol, bool unused, struct slot *slot)
{
	uint32_t index = dp_policy_hash(key, flags_protocol) & table->mask;

	slot->home = &table->bucket[index];
	for (uint32_t next = 0; next < 2; next++) {
		slot->bucket = &table->bucket[(index + next) & table->mask];
		for (slot->index = 0; slot->index < DP_POLICY_SLOTS; slot->index++) {
			uint32_t rule = slot->bucket->rule[slot->index];

			if (unused ? !rule
				   : rule && slot->bucket->key[slot->index] == key && (rule & 0xffff) == flags_protocol)
				return true;
		}
	}
	return false;
}

/* Moves a rule from the key's second bucket to the one behind it, where it may be as well: then there is a free slot.
 */
static bool make_way(const struct table *table, uint64_t key, uint32_t flags_protocol)
{
	uint32_t index = (dp_policy_hash(key, flags_protocol) + 1) & table->mask;
	struct dp_policy_bucket *full = &table->bucket[index], *next = &table->bucket[(index + 1) & table->mask];
	int to = 0, from = 0;

	while (to < DP_POLICY_SLOTS && next->rule[to])
		to++;
	while (from < DP_POLICY_SLOTS &&
	       (dp_policy_hash(full->key[from], full->rule[from] & 0xffff) & table->mask) != index)
		from++;
	if (to == DP_POLICY_SLOTS || from == DP_POLICY_SLOTS)
		return false;
	next->key[to] = full->key[from];
	next->rule[to] = full->rule[from];
	full->key[from] = 0;
	full->rule[from] = 0;
	full->spilled++;
	return true;
}

static bool insert(const struct table *table, uint64_t key, uint32_t rule)
{
	struct slot slot;

	if (!find(table, key, rule & 0xffff, true, &slot) &&
	    !(make_way(table, key, rule & 0xffff) && find(table, key, rule & 0xffff, true, &slot)))
		return false;
	slot.bucket->key[slot.index] = key;
	slot.bucket->rule[slot.index] = rule;
	slot.home->spilled += slot.bucket != slot.home;
	return true;
}

static bool copy(const struct table *to, const struct table *from)
{
	for (uint32_t i = 0; i <= from->mask; i++)
		for (int j = 0; j < DP_POLICY_SLOTS; j++)
			if (from->bucket[i].rule[j] && !insert(to, from->bucket[i].key[j], from->bucket[i].rule[j]))
				return false;
	return true;
}

/* Powers of two, of which 16 would not begin with a line of the cache. */
static uint32_t usable(uint32_t buckets)
{
	return buckets == 16 ? 32 : buckets;
}

/* A table of so many buckets, or of more where the keys don't fit. */
static int resize(struct policy *policy, struct policy_vrf *vrf, uint32_t buckets)
{
	struct dp_policy *row = policy_vrf_row(policy, vrf);
	struct table from = table_of(policy, vrf), to;
	uint32_t block;

	for (; buckets <= MOST_BUCKETS; buckets *= 2) {
		block = policy_words_alloc(policy, usable(buckets) * BUCKET_WORDS);
		if (!block)
			return -ENOSPC;
		to = (struct table){policy_at(policy, block), usable(buckets) - 1};
		if (copy(&to, &from)) {
			fib_pool_release(policy->pool, row->buckets);
			row->buckets = block;
			row->bucket_mask = to.mask;
			return 0;
		}
		fib_pool_release(policy->pool, block);
	}
	return -ENOSPC;
}

int policy_key_reserve(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place)
{
	struct table table = table_of(policy, vrf);
	uint32_t flags_protocol = policy_flags_protocol(place), buckets = table.mask + 1;
	uint64_t key = policy_key(place->value);
	struct slot slot;
	int status;

	if (find(&table, key, flags_protocol, false, &slot))
		return 0;
	/* Half full: few spill. Without room for more it goes on as long as there is a slot. */
	if ((vrf->keys + 1) * 2 > buckets * DP_POLICY_SLOTS && !resize(policy, vrf, buckets * 2))
		table = table_of(policy, vrf);
	while (!find(&table, key, flags_protocol, true, &slot)) {
		if (make_way(&table, key, flags_protocol))
			continue;
		status = resize(policy, vrf, (table.mask + 1) * 2);
		if (status)
			return status;
		table = table_of(policy, vrf);
	}
	return 0;
}

uint32_t policy_key_find(const struct policy *policy, const struct policy_vrf *vrf, const struct policy_place *place)
{
	struct table table = table_of(policy, vrf);
	struct slot slot;

	if (!find(&table, policy_key(place->value), policy_flags_protocol(place), false, &slot))
		return 0;
	return slot.bucket->rule[slot.index] >> 16;
}

void policy_key_put(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place, uint32_t row)
{
	struct table table = table_of(policy, vrf);
	uint32_t flags_protocol = policy_flags_protocol(place);
	uint64_t key = policy_key(place->value);
	struct slot slot;

	if (!find(&table, key, flags_protocol, false, &slot)) {
		insert(&table, key, row << 16 | flags_protocol);
		vrf->keys++;
		return;
	}
	if (row) {
		slot.bucket->rule[slot.index] = row << 16 | flags_protocol;
		return;
	}
	slot.bucket->rule[slot.index] = 0;
	slot.bucket->key[slot.index] = 0;
	slot.home->spilled -= slot.bucket != slot.home;
	vrf->keys--;
	if (table.mask + 1 > LEAST_BUCKETS && vrf->keys * 16 < (table.mask + 1) * DP_POLICY_SLOTS)
		resize(policy, vrf, (table.mask + 1) / 4 < LEAST_BUCKETS ? LEAST_BUCKETS : (table.mask + 1) / 4);
}
