/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: what rules ask of a field. Each is in a layer in which no class has another; first the lowest that is free,
 * and where there is none, all values of the field get layers anew.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

#define LEAST_HASH 16
#define ALL_LAYERS ((1U << DP_POLICY_LAYERS) - 1)
#define ANY_LAYER  1U /* bit of layer 0 */

static bool asks_same(const struct policy_ask *a, const struct policy_ask *b)
{
	return a->set == b->set && a->bits == b->bits && a->family == b->family && a->length == b->length &&
	       a->first == b->first && a->last == b->last;
}

static uint32_t hash_of(const struct policy_ask *ask)
{
	uint64_t hash = (uint64_t)ask->bits ^ (uint64_t)(ask->bits >> 64) * 0x9e3779b97f4a7c15ULL;

	hash ^= ((uint64_t)ask->first << 32 | (uint64_t)ask->last << 16 | (uint64_t)ask->length << 4 | ask->family) *
		0xd6e8feb86659fd93ULL;
	hash ^= ask->set ? ask->set->number * 0xff51afd7ed558ccdULL : 0;
	return (uint32_t)(hash * 0x9e3779b97f4a7c15ULL >> 32);
}

static struct policy_value *find(const struct policy_field *field, const struct policy_ask *ask)
{
	uint16_t id = field->hash ? field->hash[hash_of(ask) & field->hash_mask] : 0;

	while (id && !asks_same(&field->value[id]->ask, ask))
		id = field->value[id]->next;
	return id ? field->value[id] : NULL;
}

static void hash_put(struct policy_field *field, struct policy_value *value)
{
	uint16_t *head = &field->hash[hash_of(&value->ask) & field->hash_mask];

	value->next = *head;
	*head = value->id;
}

static void hash_take(struct policy_field *field, const struct policy_value *value)
{
	uint16_t *link = &field->hash[hash_of(&value->ask) & field->hash_mask];

	while (*link != value->id)
		link = &field->value[*link]->next;
	*link = value->next;
}

/* A longer table, if there is memory for it: else chains become longer. */
static int hash_grow(struct policy_field *field)
{
	uint32_t size = field->hash ? (field->hash_mask + 1) * 2 : LEAST_HASH;
	uint16_t *hash;

	if (field->hash && field->count <= field->hash_mask)
		return 0;
	hash = calloc(size, sizeof(*hash));
	if (!hash)
		return field->hash ? 0 : -ENOMEM;
	free(field->hash);
	field->hash = hash;
	field->hash_mask = size - 1;
	for (uint32_t id = 1; id < field->values; id++)
		if (field->value[id])
			hash_put(field, field->value[id]);
	return 0;
}

static int ids_grow(struct policy_field *field)
{
	uint32_t room = field->value_room ? field->value_room * 2 : 8;
	struct policy_value **value;
	uint16_t *unused;

	if (field->unused_count || field->values < field->value_room)
		return 0;
	if (field->value_room > UINT16_MAX)
		return -E2BIG;
	unused = reallocarray(field->unused, room, sizeof(*unused));
	if (unused)
		field->unused = unused;
	value = reallocarray(field->value, room, sizeof(struct policy_value *));
	if (value)
		field->value = value;
	if (!unused || !value)
		return -ENOMEM;
	field->value_room = room;
	if (!field->values) {
		field->value[0] = NULL;
		field->values = 1;
	}
	return 0;
}

static int create(struct policy_field *field, const struct policy_ask *ask, struct policy_value **created)
{
	int status = ids_grow(field);
	struct policy_value *value;

	if (!status)
		status = hash_grow(field);
	if (status)
		return status;
	value = calloc(1, sizeof(*value));
	if (!value)
		return -ENOMEM;
	value->ask = *ask;
	value->id = (uint16_t)(field->unused_count ? field->unused[--field->unused_count] : field->values++);
	field->value[value->id] = value;
	field->count++;
	hash_put(field, value);
	*created = value;
	return 0;
}

static void destroy(struct policy_field *field, struct policy_value *value)
{
	hash_take(field, value);
	field->value[value->id] = NULL;
	field->unused[field->unused_count++] = value->id;
	field->count--;
	free(value);
}

/* Layers taken by other values in what the prefix covers. */
static uint32_t taken_beneath(const struct policy *policy, struct trie_node *top, const struct policy_value *value)
{
	uint32_t taken = 0;

	for (const struct trie_node *node = trie_first(top); node; node = trie_next(node, top)) {
		uint32_t here = node->taken;

		if (value->layer && policy_class(policy, node->class)->value[value->layer] == value->id)
			here &= ~(1U << value->layer);
		taken |= here;
	}
	return taken;
}

/* Puts the value, which has a layer, into the classes of what the prefix covers. */
static void attach(struct policy *policy, struct trie_node *top, const struct policy_value *value)
{
	top->own[value->layer] = value->id;
	for (struct trie_node *node = trie_first(top); node; node = trie_next(node, top)) {
		struct dp_policy_class *class = policy_class(policy, node->class);

		node->taken |= (uint16_t)(1U << value->layer);
		class->value[value->layer] = value->id;
		for (unsigned int i = 0; i < BITMAP_WORDS; i++)
			class->tuples[i] |= value->tuples[i];
	}
}

/* Takes it out of them, but where another of its prefixes is. */
static void detach(struct policy *policy, struct trie_node *top, const struct policy_value *value)
{
	const struct trie_node *around = trie_around(top), *node = trie_first(top);

	top->own[value->layer] = 0;
	if (around && policy_class(policy, around->class)->value[value->layer] == value->id)
		return;
	while (node) {
		struct trie_node *here = (struct trie_node *)node;
		struct dp_policy_class *class = policy_class(policy, node->class);

		if (node->own[value->layer] == value->id) {
			node = trie_skip(node, top);
			continue;
		}
		here->taken &= (uint16_t) ~(1U << value->layer);
		class->value[value->layer] = 0;
		for (unsigned int i = 0; i < BITMAP_WORDS; i++)
			class->tuples[i] &= ~value->tuples[i];
		node = trie_next(node, top);
	}
}

/* Gives the prefixes back, of which the first `count` are in use. */
static void leave_nodes(struct policy *policy, struct policy_vrf *vrf, int f, const struct policy_value *value,
			uint32_t count)
{
	struct policy_extent extent;
	uint32_t at = 0;

	while (count-- && policy_value_extent(value, &at, &extent))
		policy_node_leave(policy, vrf, f, &extent);
}

static int use_nodes(struct policy *policy, struct policy_vrf *vrf, int f, const struct policy_value *value)
{
	struct policy_extent extent;
	uint32_t at = 0, count = 0;
	int status = 0;

	while (!status && policy_value_extent(value, &at, &extent)) {
		status = policy_node_use(policy, vrf, f, &extent);
		count += !status;
	}
	if (status)
		leave_nodes(policy, vrf, f, value, count);
	return status;
}

/* A layer for a value whose prefixes have nodes. */
static int place(struct policy *policy, struct policy_vrf *vrf, int f, struct policy_value *value)
{
	struct policy_extent extent;
	uint32_t taken = ANY_LAYER, at = 0;

	while (policy_value_extent(value, &at, &extent))
		taken |= taken_beneath(policy, policy_node_find(&vrf->field[f], &extent), value);
	if (taken == ALL_LAYERS)
		return policy_relayout(policy, vrf, 1U << f);
	value->layer = (uint16_t)__builtin_ctz(~taken);
	at = 0;
	while (policy_value_extent(value, &at, &extent))
		attach(policy, policy_node_find(&vrf->field[f], &extent), value);
	return 0;
}

int policy_value_use(struct policy *policy, struct policy_vrf *vrf, int f, const struct policy_ask *ask, uint16_t *id)
{
	struct policy_field *field = &vrf->field[f];
	struct policy_value *value;
	int status;

	*id = 0;
	if (!ask->set && !ask->family && ask->first == 0 && ask->last == UINT16_MAX)
		return 0;
	value = find(field, ask);
	if (value) {
		value->rules++;
		*id = value->id;
		return 0;
	}
	status = create(field, ask, &value);
	if (status)
		return status;
	status = use_nodes(policy, vrf, f, value);
	if (!status) {
		status = place(policy, vrf, f, value);
		if (status)
			leave_nodes(policy, vrf, f, value, UINT32_MAX);
	}
	if (status) {
		destroy(field, value);
		return status;
	}
	if (ask->set)
		ask->set->value[f] = value->id;
	value->rules = 1;
	*id = value->id;
	return 0;
}

void policy_value_leave(struct policy *policy, struct policy_vrf *vrf, int f, uint16_t id)
{
	struct policy_value *value = id ? vrf->field[f].value[id] : NULL;
	struct policy_extent extent;
	struct policy_set *set;
	uint32_t at = 0;

	if (!value || --value->rules)
		return;
	while (policy_value_extent(value, &at, &extent))
		detach(policy, policy_node_find(&vrf->field[f], &extent), value);
	leave_nodes(policy, vrf, f, value, UINT32_MAX);
	set = value->ask.set;
	destroy(&vrf->field[f], value);
	if (!set)
		return;
	set->value[f] = 0;
	policy_set_tidy(vrf, set);
}

int policy_value_extend(struct policy *policy, struct policy_vrf *vrf, int f, struct policy_value *value,
			const struct policy_extent *extent)
{
	int status = policy_node_use(policy, vrf, f, extent);
	struct trie_node *node;

	if (status)
		return status;
	node = policy_node_find(&vrf->field[f], extent);
	if (!(taken_beneath(policy, node, value) & 1U << value->layer)) {
		attach(policy, node, value);
		return 0;
	}
	status = policy_relayout(policy, vrf, 1U << f);
	if (status)
		policy_node_leave(policy, vrf, f, extent);
	return status;
}

void policy_value_shrink(struct policy *policy, struct policy_vrf *vrf, int f, struct policy_value *value,
			 const struct policy_extent *extent)
{
	detach(policy, policy_node_find(&vrf->field[f], extent), value);
	policy_node_leave(policy, vrf, f, extent);
}

void policy_field_free(struct policy_field *field)
{
	while (field->nodes) {
		struct trie_node *node = field->node[--field->nodes];

		node->class = 0;
		trie_remove(&field->root[node->family == 6], node);
	}
	for (uint32_t id = 1; id < field->values; id++)
		free(field->value[id]);
	free(field->node);
	free(field->value);
	free(field->unused);
	free(field->hash);
}
