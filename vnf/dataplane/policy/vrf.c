/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/policy/vrf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 2

struct policy_vrf *policy_vrf_get(struct policy *policy, uint16_t id)
{
	if (!policy->vrf[id]) {
		policy->vrf[id] = calloc(1, sizeof(**policy->vrf));
		if (policy->vrf[id])
			policy->vrf[id]->id = id;
	}
	return policy->vrf[id];
}

/* What the VRF's row refers to. */
static void drop_tables(struct policy *policy, struct policy_vrf *vrf)
{
	struct dp_policy *row = policy_vrf_row(policy, vrf);

	fib_pool_release(policy->pool, row->classes);
	fib_pool_release(policy->pool, row->buckets);
	fib_pool_release(policy->pool, row->protocols);
	fib_pool_release(policy->pool, row->tuples);
	row->classes = row->buckets = row->bucket_mask = row->protocols = row->tuples = 0;
	vrf->tuple_room = 0;
	vrf->protocol_room = 0;
}

int policy_vrf_begin(struct policy *policy, struct policy_vrf *vrf)
{
	struct dp_policy *row = policy_vrf_row(policy, vrf);

	if (row->classes)
		return 0;
	row->classes = policy_words_alloc(policy, FIELDS * CLASS_WORDS);
	row->buckets = policy_words_alloc(policy, FIRST_BUCKETS * BUCKET_WORDS);
	row->protocols = policy_words_alloc(policy, DP_POLICY_PROTOCOL_WORDS + 2 * BITMAP_WORDS);
	row->bucket_mask = FIRST_BUCKETS - 1;
	vrf->protocol_room = 1;
	if (row->classes && row->buckets && row->protocols)
		return 0;
	drop_tables(policy, vrf);
	return -ENOSPC;
}

void policy_vrf_end(struct policy *policy, struct policy_vrf *vrf)
{
	if (vrf->rules)
		return;
	drop_tables(policy, vrf);
	vrf->words = 0;
	if (vrf->sets)
		return;
	policy->vrf[vrf->id] = NULL;
	policy_vrf_free(vrf);
}

void policy_vrf_free(struct policy_vrf *vrf)
{
	if (!vrf)
		return;
	for (int f = 0; f < FIELDS; f++)
		policy_field_free(&vrf->field[f]);
	for (uint32_t i = 0; i < vrf->sets; i++) {
		free(vrf->set[i]->member);
		free(vrf->set[i]);
	}
	free(vrf->set);
	pairs_free(&vrf->pairs);
	free(vrf);
}

int policy_chain_check(const struct policy *policy, const struct policy_vrf *vrf, const struct policy_place *place,
		       uint32_t id, bool guarded)
{
	uint32_t guards = guarded, open = !guarded;

	for (uint32_t i = policy_key_find(policy, vrf, place); i; i = policy->place[i].below) {
		if (i == id)
			continue;
		if (policy->bank->policy_rules[i].guard)
			guards++;
		else
			open = 1;
	}
	/* Of those without a guard packets see the first, whichever may be taken out. */
	return guards + open > DP_POLICY_CHAIN ? -E2BIG : 0;
}

/* Packets go on behind a rule only where it has a guard. */
static void write_next(struct policy *policy, uint32_t id)
{
	struct dp_policy_rule *rule = &policy->bank->policy_rules[id];

	rule->next = rule->guard ? policy->place[id].below : 0;
}

static void chain_insert(struct policy *policy, struct policy_vrf *vrf, uint32_t id)
{
	const struct dp_policy_rule *rules = policy->bank->policy_rules;
	struct policy_place *place = &policy->place[id];
	uint32_t first = policy_key_find(policy, vrf, place), before = 0, next = first;

	while (next && rules[next].order < rules[id].order) {
		before = next;
		next = policy->place[next].below;
	}
	place->below = next;
	write_next(policy, id);
	if (!before) {
		policy_key_put(policy, vrf, place, id);
		return;
	}
	policy->place[before].below = id;
	write_next(policy, before);
}

static void chain_remove(struct policy *policy, struct policy_vrf *vrf, uint32_t id)
{
	const struct policy_place *place = &policy->place[id];
	uint32_t before = policy_key_find(policy, vrf, place);

	if (before == id) {
		policy_key_put(policy, vrf, place, place->below);
		return;
	}
	while (policy->place[before].below != id)
		before = policy->place[before].below;
	policy->place[before].below = place->below;
	write_next(policy, before);
}

/* One rule more or fewer in what the VRF's row says of all. */
static void count(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place, uint32_t change)
{
	struct dp_policy *row = policy_vrf_row(policy, vrf);

	vrf->rules += change;
	vrf->categories[place->flags & DP_TUPLE_CATEGORY] += change;
	row->categories = 0;
	row->flags = 0;
	for (unsigned int i = 0; i < DP_POLICY_CATEGORIES; i++)
		row->categories |= (__u16)((vrf->categories[i] != 0) << i);
	for (unsigned int i = 0; i < sizeof(vrf->features) / sizeof(*vrf->features); i++) {
		vrf->features[i] += place->features >> i & 1 ? change : 0;
		row->flags |= (__u8)((vrf->features[i] != 0) << i);
	}
}

void policy_link(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place,
		 const struct dp_policy_rule *rule, const struct dp_policy_guard *guard)
{
	struct dp_policy_rule *row = &policy->bank->policy_rules[rule->id];
	struct policy_place *own = &policy->place[rule->id];

	*row = *rule;
	row->guard = guard ? rule->id : 0;
	memset(row->pad, 0, sizeof(row->pad));
	policy->bank->policy_guards[rule->id] = guard ? *guard : (struct dp_policy_guard){0};
	*own = *place;
	own->previous = 0;
	own->next = vrf->first_rule;
	if (own->next)
		policy->place[own->next].previous = rule->id;
	vrf->first_rule = rule->id;
	chain_insert(policy, vrf, rule->id);
	count(policy, vrf, own, 1);
}

void policy_unlink(struct policy *policy, struct policy_vrf *vrf, uint32_t id)
{
	struct policy_place *own = &policy->place[id];

	chain_remove(policy, vrf, id);
	count(policy, vrf, own, -1U);
	if (own->next)
		policy->place[own->next].previous = own->previous;
	if (own->previous)
		policy->place[own->previous].next = own->next;
	else
		vrf->first_rule = own->next;
	*own = (struct policy_place){0};
	policy->bank->policy_rules[id] = (struct dp_policy_rule){0};
	policy->bank->policy_guards[id] = (struct dp_policy_guard){0};
}
