/* SPDX-License-Identifier: Apache-2.0 */
/* The tuples of a VRF, and in the classes of each field the bits of those that have a rule there. */
#include <errno.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

#define LEAST_TUPLES 8

uint32_t policy_words_alloc(struct policy *policy, uint32_t words)
{
	uint32_t block = fib_pool_alloc(policy->pool, words);

	if (block)
		memset(policy_at(policy, block), 0, words * sizeof(uint64_t));
	return block;
}

bool policy_tuple_equal(const struct dp_policy_tuple *a, const struct dp_policy_tuple *b)
{
	return !memcmp(a->layer, b->layer, sizeof(a->layer)) && a->flags == b->flags;
}

struct dp_policy_tuple policy_tuple_for(const struct policy_vrf *vrf, const struct policy_place *place)
{
	struct dp_policy_tuple tuple = {.flags = place->flags};

	for (int f = 0; f < FIELDS; f++)
		tuple.layer[f] = (uint8_t)(place->value[f] ? vrf->field[f].value[place->value[f]]->layer : 0);
	return tuple;
}

static void mark_class(struct policy *policy, uint32_t class, uint8_t tuple, bool set)
{
	__u64 *word = &policy_class(policy, class)->tuples[tuple / 64], bit = 1ULL << tuple % 64;

	*word = set ? *word | bit : *word & ~bit;
}

static void mark_bitmap(uint64_t bitmap[BITMAP_WORDS], uint8_t tuple, bool set)
{
	uint64_t bit = 1ULL << tuple % 64;

	bitmap[tuple / 64] = set ? bitmap[tuple / 64] | bit : bitmap[tuple / 64] & ~bit;
}

/* All classes that the value is in; of id 0, all of the field. A tuple is about one layer, so none has it otherwise. */
static void mark(struct policy *policy, struct policy_vrf *vrf, int f, uint16_t id, uint8_t tuple, bool set)
{
	struct policy_field *field = &vrf->field[f];
	struct policy_value *value = id ? field->value[id] : NULL;
	struct policy_extent extent;
	uint32_t at = 0;

	mark_bitmap(value ? value->tuples : field->any, tuple, set);
	if (!value) {
		mark_class(policy, policy_default_class(policy, vrf, f), tuple, set);
		for (uint32_t i = 0; i < field->nodes; i++)
			mark_class(policy, field->node[i]->class, tuple, set);
		return;
	}
	while (policy_value_extent(value, &at, &extent)) {
		struct trie_node *top = policy_node_find(field, &extent);

		for (const struct trie_node *node = trie_first(top); node; node = trie_next(node, top))
			mark_class(policy, node->class, tuple, set);
	}
}

/* What a tuple does not ask for it finds everywhere. */
static void mark_any(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place, uint8_t tuple,
		     bool set)
{
	for (int f = 0; f < FIELDS; f++)
		if (!place->value[f])
			mark(policy, vrf, f, 0, tuple, set);
	if (!(place->flags & DP_TUPLE_PROTOCOL))
		policy_protocol_tuple(policy, vrf, 0, tuple, place->flags, set);
}

/* The tuple's number, or that of a free one; DP_POLICY_TUPLES: there is none. */
static uint32_t find(const struct policy *policy, const struct policy_vrf *vrf, const struct policy_place *place)
{
	struct dp_policy_tuple wanted = policy_tuple_for(vrf, place);
	uint32_t unused = vrf->tuples;

	for (uint32_t i = vrf->tuples; i-- > 0;) {
		if (!vrf->tuple_rules[i])
			unused = i;
		else if (policy_tuple_equal(policy_tuple(policy, vrf, i), &wanted))
			return i;
	}
	return unused;
}

static int make_room(struct policy *policy, struct policy_vrf *vrf, uint32_t tuple)
{
	struct dp_policy *row = policy_vrf_row(policy, vrf);
	uint32_t room = vrf->tuple_room ? vrf->tuple_room * 2 : LEAST_TUPLES, block;

	if (tuple == DP_POLICY_TUPLES)
		return -E2BIG;
	if (tuple < vrf->tuple_room)
		return 0;
	block = policy_words_alloc(policy, room * TUPLE_WORDS);
	if (!block)
		return -ENOSPC;
	memcpy(policy_at(policy, block), policy_at(policy, row->tuples), vrf->tuples * sizeof(struct dp_policy_tuple));
	fib_pool_release(policy->pool, row->tuples);
	row->tuples = block;
	vrf->tuple_room = room;
	return 0;
}

static bool same_category(const struct dp_policy_tuple *a, const struct dp_policy_tuple *b)
{
	return !((a->flags ^ b->flags) & DP_TUPLE_CATEGORY);
}

/* What the next tuple of the category says. */
static uint64_t best_behind(const struct policy *policy, const struct policy_vrf *vrf, uint32_t number)
{
	const struct dp_policy_tuple *tuple = policy_tuple(policy, vrf, number);

	for (uint32_t i = number + 1; i < vrf->tuples; i++)
		if (vrf->tuple_rules[i] && same_category(tuple, policy_tuple(policy, vrf, i)))
			return policy_tuple(policy, vrf, i)->best;
	return UINT64_MAX;
}

/* The tuple has a rule of this order: those before it, too, must not say that there is no better one behind them. */
static void lower_best(const struct policy *policy, const struct policy_vrf *vrf, uint32_t number, uint64_t order)
{
	const struct dp_policy_tuple *own = policy_tuple(policy, vrf, number);

	for (uint32_t i = number + 1; i-- > 0;) {
		struct dp_policy_tuple *tuple = policy_tuple(policy, vrf, i);

		if (vrf->tuple_rules[i] && same_category(own, tuple) && order < tuple->best)
			tuple->best = order;
	}
}

int policy_tuple_use(struct policy *policy, struct policy_vrf *vrf, struct policy_place *place, uint64_t order)
{
	uint32_t number = find(policy, vrf, place);
	int status = make_room(policy, vrf, number);
	struct dp_policy_tuple *tuple;
	uint32_t more = 0;

	if (!status)
		status = pairs_reserve(&vrf->pairs, vrf->pairs.used + FIELDS + 1);
	if (status)
		return status;
	place->tuple = (uint8_t)number;
	tuple = policy_tuple(policy, vrf, number);
	if (!vrf->tuple_rules[number]++) {
		*tuple = policy_tuple_for(vrf, place);
		tuple->best = best_behind(policy, vrf, number);
		if (number == vrf->tuples)
			vrf->tuples++;
		mark_any(policy, vrf, place, place->tuple, true);
		more = 1;
	}
	lower_best(policy, vrf, number, order);
	for (int f = 0; f < FIELDS; f++) {
		if (place->value[f] && pairs_add(&vrf->pairs, policy_pair(f, place->value[f], place->tuple)) == 1) {
			mark(policy, vrf, f, place->value[f], place->tuple, true);
			more = 1;
		}
	}
	if (place->number && pairs_add(&vrf->pairs, policy_pair(PROTOCOL, place->number, place->tuple)) == 1) {
		policy_protocol_tuple(policy, vrf, place->number, place->tuple, place->flags, true);
		more = 1;
	}
	vrf->added += more;
	return 0;
}

void policy_tuple_leave(struct policy *policy, struct policy_vrf *vrf, const struct policy_place *place)
{
	uint32_t fewer = 0;

	for (int f = 0; f < FIELDS; f++) {
		if (place->value[f] && !pairs_take(&vrf->pairs, policy_pair(f, place->value[f], place->tuple))) {
			mark(policy, vrf, f, place->value[f], place->tuple, false);
			fewer = 1;
		}
	}
	if (place->number && !pairs_take(&vrf->pairs, policy_pair(PROTOCOL, place->number, place->tuple))) {
		policy_protocol_tuple(policy, vrf, place->number, place->tuple, place->flags, false);
		fewer = 1;
	}
	vrf->removed += fewer;
	if (--vrf->tuple_rules[place->tuple])
		return;
	mark_any(policy, vrf, place, place->tuple, false);
	while (vrf->tuples && !vrf->tuple_rules[vrf->tuples - 1])
		vrf->tuples--;
}
