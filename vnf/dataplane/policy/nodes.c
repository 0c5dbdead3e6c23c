/* SPDX-License-Identifier: Apache-2.0 */
/* The prefixes that values consist of: each has a class of its own, so that whatever is taken out needs no memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

#define CLASS_GROUP 1 /* of a class among the FIB's leaves: any that is one */

struct policy_extent policy_extent_of(const struct ip_prefix *prefix)
{
	struct policy_extent extent = {.family = prefix->address.family, .length = prefix->length};

	for (unsigned int i = 0; i < 16; i++)
		extent.bits = extent.bits << 8 | prefix->address.byte[i];
	return extent;
}

static struct ip_prefix prefix_of(const struct trie_node *node)
{
	struct ip_prefix prefix = {.address.family = node->family, .length = node->length};

	for (unsigned int i = 0; i < 16; i++)
		prefix.address.byte[i] = (uint8_t)(node->bits >> (120 - 8 * i));
	return prefix;
}

/* The largest block of ports that begins here and ends within the range. */
static struct policy_extent port_extent(uint32_t first, uint32_t last)
{
	unsigned int length = 16;

	while (length && !(first & (1U << (16 - length))) && first + (2U << (16 - length)) - 1 <= last)
		length--;
	return (struct policy_extent){.bits = (policy_bits)first << 112, .length = (uint8_t)length};
}

bool policy_value_extent(const struct policy_value *value, uint32_t *at, struct policy_extent *extent)
{
	const struct policy_ask *ask = &value->ask;

	if (ask->set) {
		if (*at == ask->set->count)
			return false;
		*extent = policy_extent_of(&ask->set->member[(*at)++]);
		return true;
	}
	if (ask->family) {
		*extent = (struct policy_extent){ask->bits, ask->family, ask->length};
		return !(*at)++;
	}
	if (ask->first + *at > ask->last)
		return false;
	*extent = port_extent(ask->first + *at, ask->last);
	*at += 1U << (16 - extent->length);
	return true;
}

static struct trie_node **root_of(struct policy_field *field, uint8_t family)
{
	return &field->root[family == 6];
}

struct trie_node *policy_node_find(const struct policy_field *field, const struct policy_extent *extent)
{
	return trie_find(field->root[extent->family == 6], extent->bits, extent->length);
}

/* Class of what is around the node; 0: the field's default. */
static uint32_t class_around(const struct trie_node *node)
{
	const struct trie_node *around = trie_around(node);

	return around ? around->class : 0;
}

/* Makes packets find the node's class. */
static int enter(struct policy *policy, struct policy_vrf *vrf, int field, const struct trie_node *node)
{
	struct dp_fib_leaf leaf = {CLASS_GROUP, node->class / CLASS_WORDS};
	struct ip_prefix prefix;

	if (field >= SOURCE_PORT)
		return policy_ports_enter(policy, vrf, field, node, class_around(node), node->class);
	prefix = prefix_of(node);
	return fib_set(policy->fib, (uint16_t)(vrf->id * 2 + field), &prefix, leaf);
}

static void leave(struct policy *policy, struct policy_vrf *vrf, int field, const struct trie_node *node)
{
	struct ip_prefix prefix;

	if (field >= SOURCE_PORT) {
		policy_ports_leave(policy, vrf, field, node, node->class, class_around(node));
		return;
	}
	prefix = prefix_of(node);
	fib_unset(policy->fib, (uint16_t)(vrf->id * 2 + field), &prefix);
}

static int make_room(struct policy_field *field)
{
	uint32_t room = field->node_room ? field->node_room * 2 : 8;
	struct trie_node **more;

	if (field->nodes < field->node_room)
		return 0;
	more = reallocarray(field->node, room, sizeof(struct trie_node *));
	if (!more)
		return -ENOMEM;
	field->node = more;
	field->node_room = room;
	return 0;
}

/* Begins with what is around it. */
static int give_class(struct policy *policy, struct policy_vrf *vrf, int field, struct trie_node *node)
{
	uint32_t class = fib_pool_alloc(policy->pool, CLASS_WORDS), around = class_around(node);
	const struct trie_node *above = trie_around(node);
	int status;

	if (!class)
		return -ENOSPC;
	*policy_class(policy, class) =
		*policy_class(policy, around ? around : policy_default_class(policy, vrf, field));
	node->class = class;
	node->taken = above ? above->taken : 0;
	status = enter(policy, vrf, field, node);
	if (!status)
		return 0;
	node->class = 0;
	fib_pool_release(policy->pool, class);
	return status;
}

int policy_node_use(struct policy *policy, struct policy_vrf *vrf, int f, const struct policy_extent *extent)
{
	struct policy_field *field = &vrf->field[f];
	struct trie_node *node = policy_node_find(field, extent);
	int status;

	if (node) {
		node->users++;
		return 0;
	}
	status = make_room(field);
	if (status)
		return status;
	node = trie_add(root_of(field, extent->family), extent->bits, extent->length);
	if (!node)
		return -ENOMEM;
	node->family = extent->family;
	status = give_class(policy, vrf, f, node);
	if (status) {
		trie_remove(root_of(field, extent->family), node);
		return status;
	}
	node->users = 1;
	node->position = field->nodes;
	field->node[field->nodes++] = node;
	return 0;
}

void policy_node_leave(struct policy *policy, struct policy_vrf *vrf, int f, const struct policy_extent *extent)
{
	struct policy_field *field = &vrf->field[f];
	struct trie_node *node = policy_node_find(field, extent);

	if (--node->users)
		return;
	leave(policy, vrf, f, node);
	fib_pool_release(policy->pool, node->class);
	field->nodes--;
	field->node[node->position] = field->node[field->nodes];
	field->node[node->position]->position = node->position;
	node->class = 0;
	node->taken = 0;
	trie_remove(root_of(field, extent->family), node);
}
