/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/policy/trie.h"

#include <stdlib.h>

static unsigned int bit(policy_bits bits, unsigned int index)
{
	return bits >> (127 - index) & 1;
}

/* How many bits both begin with, at most `most`. */
static unsigned int common(policy_bits a, policy_bits b, unsigned int most)
{
	policy_bits differing = a ^ b;
	unsigned int count = 128;

	if (differing >> 64)
		count = __builtin_clzll((uint64_t)(differing >> 64));
	else if (differing)
		count = 64 + __builtin_clzll((uint64_t)differing);
	return count < most ? count : most;
}

static struct trie_node **link_to(struct trie_node **root, const struct trie_node *node)
{
	return node->above ? &node->above->below[bit(node->bits, node->above->length)] : root;
}

struct trie_node *trie_find(struct trie_node *root, policy_bits bits, uint8_t length)
{
	while (root && root->length < length && common(root->bits, bits, root->length) == root->length)
		root = root->below[bit(bits, root->length)];
	return root && root->length == length && root->bits == bits && root->class ? root : NULL;
}

static struct trie_node *create(policy_bits bits, unsigned int length)
{
	struct trie_node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->bits = length ? bits >> (128 - length) << (128 - length) : 0;
	node->length = (uint8_t)length;
	return node;
}

static void hang(struct trie_node *above, struct trie_node *node)
{
	above->below[bit(node->bits, above->length)] = node;
	node->above = above;
}

struct trie_node *trie_add(struct trie_node **root, policy_bits bits, uint8_t length)
{
	struct trie_node **link = root, *above = NULL, *node, *joint;
	unsigned int shared = 0;

	while (*link) {
		shared = common((*link)->bits, bits, length < (*link)->length ? length : (*link)->length);
		if (shared < (*link)->length)
			break;
		if (shared == length)
			return *link;
		above = *link;
		link = &above->below[bit(bits, above->length)];
	}
	node = create(bits, length);
	if (!node)
		return NULL;
	joint = node;
	if (*link && shared < length) {
		joint = create(bits, shared);
		if (!joint) {
			free(node);
			return NULL;
		}
		hang(joint, node);
	}
	if (*link)
		hang(joint, *link);
	joint->above = above;
	*link = joint;
	return node;
}

void trie_remove(struct trie_node **root, struct trie_node *node)
{
	while (node && !node->class && !(node->below[0] && node->below[1])) {
		struct trie_node *below = node->below[node->below[1] != NULL], *above = node->above;

		*link_to(root, node) = below;
		if (below)
			below->above = above;
		free(node);
		node = above;
	}
}

struct trie_node *trie_around(const struct trie_node *node)
{
	struct trie_node *above = node->above;

	while (above && !above->class)
		above = above->above;
	return above;
}

/* In order, with and without a class. */
static struct trie_node *step_over(const struct trie_node *node, const struct trie_node *top)
{
	while (node != top) {
		struct trie_node *above = node->above;

		if (above->below[1] && above->below[1] != node)
			return above->below[1];
		node = above;
	}
	return NULL;
}

static struct trie_node *step(const struct trie_node *node, const struct trie_node *top)
{
	if (node->below[0])
		return node->below[0];
	return node->below[1] ? node->below[1] : step_over(node, top);
}

static struct trie_node *with_class(struct trie_node *node, const struct trie_node *top)
{
	while (node && !node->class)
		node = step(node, top);
	return node;
}

struct trie_node *trie_first(struct trie_node *top)
{
	return with_class(top, top);
}

struct trie_node *trie_next(const struct trie_node *node, const struct trie_node *top)
{
	return with_class(step(node, top), top);
}

struct trie_node *trie_skip(const struct trie_node *node, const struct trie_node *top)
{
	return with_class(step_over(node, top), top);
}
