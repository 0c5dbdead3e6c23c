/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers anew: each value, the narrowest first, gets the lowest layer that none of its classes has yet. All that can
 * fail is done before anything changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

struct layout {
	uint16_t *layer[FIELDS];     /* by value id; NULL: the field keeps its own */
	struct policy_value **order; /* of one field's values */
	struct pairs pairs;
	struct dp_policy_tuple tuple[DP_POLICY_TUPLES];
	uint32_t rules[DP_POLICY_TUPLES]; /* of each tuple */
	uint32_t tuples, block, room;
};

/* Sets are wider than prefixes. */
static uint32_t width_of(const struct policy_value *value)
{
	if (value->ask.set)
		return UINT16_MAX + value->ask.set->count;
	return value->ask.family ? 128U - value->ask.length : (uint32_t)value->ask.last - value->ask.first;
}

static int narrower_first(const void *a, const void *b)
{
	const struct policy_value *x = *(struct policy_value *const *)a, *y = *(struct policy_value *const *)b;
	uint32_t wide = width_of(x), other = width_of(y);

	return wide != other ? (wide > other) - (wide < other) : (x->id > y->id) - (x->id < y->id);
}

/* Layers of a field's values. `taken` of the nodes is used for it, and set right by fill_field or restore_taken. */
static int choose_layers(struct policy_field *field, struct layout *layout, int f)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < field->nodes; i++)
		field->node[i]->taken = 1;
	for (uint32_t id = 1; id < field->values; id++)
		if (field->value[id])
			layout->order[count++] = field->value[id];
	qsort(layout->order, count, sizeof(*layout->order), narrower_first);
	for (uint32_t i = 0; i < count; i++) {
		const struct policy_value *value = layout->order[i];
		struct policy_extent extent;
		uint32_t taken = 1, at = 0;
		struct trie_node *top, *node;

		while (policy_value_extent(value, &at, &extent)) {
			top = policy_node_find(field, &extent);
			for (node = trie_first(top); node; node = trie_next(node, top))
				taken |= node->taken;
		}
		taken = (uint32_t)__builtin_ctz(~taken);
		if (taken >= DP_POLICY_LAYERS)
			return -E2BIG;
		layout->layer[f][value->id] = (uint16_t)taken;
		at = 0;
		while (policy_value_extent(value, &at, &extent)) {
			top = policy_node_find(field, &extent);
			for (node = trie_first(top); node; node = trie_next(node, top))
				node->taken |= (uint16_t)(1U << taken);
		}
	}
	return 0;
}

/* As the classes say, which are there still. */
static void restore_taken(struct policy *policy, struct policy_field *field)
{
	for (uint32_t i = 0; i < field->nodes; i++) {
		const struct dp_policy_class *class = policy_class(policy, field->node[i]->class);

		field->node[i]->taken = 0;
		for (unsigned int layer = 1; layer < DP_POLICY_LAYERS; layer++)
			field->node[i]->taken |= (uint16_t)((class->value[layer] != 0) << layer);
	}
}

static struct dp_policy_tuple tuple_for(const struct policy_vrf *vrf, const struct layout *layout,
					const struct policy_place *place)
{
	struct dp_policy_tuple tuple = policy_tuple_for(vrf, place);

	for (int f = 0; f < FIELDS; f++)
		if (layout->layer[f])
			tuple.layer[f] = (uint8_t)layout->layer[f][place->value[f]];
	return tuple;
}

static uint32_t find_tuple(const struct layout *layout, const struct dp_policy_tuple *tuple)
{
	uint32_t i = 0;

	while (i < layout->tuples && !policy_tuple_equal(&layout->tuple[i], tuple))
		i++;
	return i;
}

static int better_first(const void *a, const void *b)
{
	const struct dp_policy_tuple *x = a, *y = b;

	return (x->best > y->best) - (x->best < y->best);
}

/* The tuples of all rules, that of the best rule first. */
static int collect_tuples(const struct policy *policy, const struct policy_vrf *vrf, struct layout *layout)
{
	for (uint32_t id = vrf->first_rule; id; id = policy->place[id].next) {
		struct dp_policy_tuple tuple = tuple_for(vrf, layout, &policy->place[id]);
		uint32_t i = find_tuple(layout, &tuple);
		uint64_t order = policy->bank->policy_rules[id].order;

		if (i == DP_POLICY_TUPLES)
			return -E2BIG;
		if (i == layout->tuples) {
			layout->tuple[layout->tuples++] = tuple;
			layout->tuple[i].best = order;
		}
		if (order < layout->tuple[i].best)
			layout->tuple[i].best = order;
	}
	qsort(layout->tuple, layout->tuples, sizeof(*layout->tuple), better_first);
	return 0;
}

static int allocate(struct policy *policy, const struct policy_vrf *vrf, struct layout *layout)
{
	for (layout->room = 8; layout->room < layout->tuples; layout->room *= 2)
		;
	/* As many pairs as there can be: those of rules that are about to come are not among them. */
	if (pairs_reserve(&layout->pairs, vrf->rules * (FIELDS + 1) + 1))
		return -ENOMEM;
	layout->block = policy_words_alloc(policy, layout->room * TUPLE_WORDS);
	return layout->block ? 0 : -ENOSPC;
}

/* Each value into the nodes of its prefixes, and from there into the classes beneath. */
static void fill_field(struct policy *policy, struct policy_field *field, const uint16_t *layer)
{
	for (uint32_t i = 0; i < field->nodes; i++)
		memset(field->node[i]->own, 0, sizeof(field->node[i]->own));
	for (uint32_t id = 1; id < field->values; id++) {
		struct policy_value *value = field->value[id];
		struct policy_extent extent;
		uint32_t at = 0;

		if (!value)
			continue;
		value->layer = layer[id];
		while (policy_value_extent(value, &at, &extent))
			policy_node_find(field, &extent)->own[value->layer] = value->id;
	}
	for (int root = 0; root < 2; root++) {
		struct trie_node *top = field->root[root];

		for (struct trie_node *node = top ? trie_first(top) : NULL; node; node = trie_next(node, top)) {
			struct dp_policy_class *class = policy_class(policy, node->class);
			const struct trie_node *around = trie_around(node);

			for (unsigned int i = 1; i < DP_POLICY_LAYERS; i++)
				class->value[i] = node->own[i] ? node->own[i]
						  : around     ? policy_class(policy, around->class)->value[i]
							       : 0;
		}
	}
	restore_taken(policy, field);
}

/* Counts the rules of each tuple and value. */
static void count_rules(struct policy *policy, struct policy_vrf *vrf, struct layout *layout)
{
	for (uint32_t id = vrf->first_rule; id; id = policy->place[id].next) {
		struct policy_place *place = &policy->place[id];
		struct dp_policy_tuple tuple = policy_tuple_for(vrf, place);
		uint64_t bit;

		place->tuple = (uint8_t)find_tuple(layout, &tuple);
		bit = 1ULL << place->tuple % 64;
		layout->rules[place->tuple]++;
		for (int f = 0; f < FIELDS; f++) {
			struct policy_field *field = &vrf->field[f];
			uint64_t *bitmap = place->value[f] ? field->value[place->value[f]]->tuples : field->any;

			bitmap[place->tuple / 64] |= bit;
			if (place->value[f])
				pairs_add(&layout->pairs, policy_pair(f, place->value[f], place->tuple));
		}
		policy_protocol_tuple(policy, vrf, place->number, place->tuple, place->flags, true);
		if (place->number)
			pairs_add(&layout->pairs, policy_pair(PROTOCOL, place->number, place->tuple));
	}
}

static void clear_bitmaps(struct policy *policy, struct policy_vrf *vrf)
{
	for (int f = 0; f < FIELDS; f++) {
		memset(vrf->field[f].any, 0, sizeof(vrf->field[f].any));
		for (uint32_t id = 1; id < vrf->field[f].values; id++)
			if (vrf->field[f].value[id])
				memset(vrf->field[f].value[id]->tuples, 0, sizeof(vrf->field[f].value[id]->tuples));
	}
	policy_protocols_clear(policy, vrf);
}

/* What its values have, and what no rule asks for. */
static void fill_class(struct policy *policy, const struct policy_field *field, uint32_t word)
{
	struct dp_policy_class *class = policy_class(policy, word);

	memcpy(class->tuples, field->any, sizeof(class->tuples));
	for (unsigned int layer = 1; layer < DP_POLICY_LAYERS; layer++) {
		const struct policy_value *value = class->value[layer] ? field->value[class->value[layer]] : NULL;

		for (unsigned int i = 0; value && i < BITMAP_WORDS; i++)
			class->tuples[i] |= value->tuples[i];
	}
}

static void apply(struct policy *policy, struct policy_vrf *vrf, struct layout *layout)
{
	struct dp_policy *row = policy_vrf_row(policy, vrf);

	for (int f = 0; f < FIELDS; f++)
		if (layout->layer[f])
			fill_field(policy, &vrf->field[f], layout->layer[f]);
	clear_bitmaps(policy, vrf);
	count_rules(policy, vrf, layout);
	for (int f = 0; f < FIELDS; f++) {
		fill_class(policy, &vrf->field[f], policy_default_class(policy, vrf, f));
		for (uint32_t i = 0; i < vrf->field[f].nodes; i++)
			fill_class(policy, &vrf->field[f], vrf->field[f].node[i]->class);
	}
	memcpy(policy_at(policy, layout->block), layout->tuple, layout->tuples * sizeof(*layout->tuple));
	fib_pool_release(policy->pool, row->tuples);
	row->tuples = layout->block;
	vrf->tuples = layout->tuples;
	vrf->tuple_room = layout->room;
	memcpy(vrf->tuple_rules, layout->rules, sizeof(vrf->tuple_rules));
	pairs_free(&vrf->pairs);
	vrf->pairs = layout->pairs;
	layout->pairs = (struct pairs){0};
	vrf->measured = false;
}

int policy_relayout(struct policy *policy, struct policy_vrf *vrf, unsigned int fields)
{
	struct layout *layout = calloc(1, sizeof(*layout));
	int status = layout ? 0 : -ENOMEM;

	for (int f = 0; f < FIELDS && !status; f++) {
		if (!(fields & 1U << f) || !vrf->field[f].count)
			continue;
		layout->layer[f] = calloc(vrf->field[f].values, sizeof(*layout->layer[f]));
		layout->order = calloc(vrf->field[f].values, sizeof(struct policy_value *));
		status = layout->layer[f] && layout->order ? choose_layers(&vrf->field[f], layout, f) : -ENOMEM;
		restore_taken(policy, &vrf->field[f]);
		free(layout->order);
	}
	if (!status)
		status = collect_tuples(policy, vrf, layout);
	if (!status)
		status = allocate(policy, vrf, layout);
	if (!status)
		apply(policy, vrf, layout);
	for (int f = 0; layout && f < FIELDS; f++)
		free(layout->layer[f]);
	if (layout)
		pairs_free(&layout->pairs);
	free(layout);
	return status;
}
