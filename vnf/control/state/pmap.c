/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/state/pmap.h"

#include <errno.h>
#include <stdlib.h>

struct pmap_node {
	struct pmap_node *left, *right;
	void *object;
	struct pmap_node *link; /* in a list of the edit or in garbage; readers never look at it */
	uint64_t edit : 56;
	uint64_t height : 8; /* 0: an edit made it and took it out again */
};

static unsigned int height(const struct pmap_node *node)
{
	return node ? node->height : 0;
}

void pmap_edit_begin(struct pmap_edit *edit, uint64_t stamp)
{
	*edit = (struct pmap_edit){.stamp = stamp};
}

/* A change that has begun must not fail, so it takes its nodes from spares. */
static int reserve(struct pmap_edit *edit, size_t count)
{
	while (edit->spares < count) {
		struct pmap_node *node = malloc(sizeof(*node));

		if (!node)
			return -ENOMEM;
		node->link = edit->spare;
		edit->spare = node;
		edit->spares++;
	}
	return 0;
}

static struct pmap_node *take(struct pmap_edit *edit)
{
	struct pmap_node *node = edit->spare;

	edit->spare = node->link;
	edit->spares--;
	node->link = edit->created;
	node->edit = edit->stamp;
	edit->created = node;
	return node;
}

/* The node if it is the edit's, else a copy that is. */
static struct pmap_node *own(struct pmap_edit *edit, struct pmap_node *node)
{
	struct pmap_node *copy;

	if (node->edit == edit->stamp)
		return node;
	copy = take(edit);
	copy->left = node->left;
	copy->right = node->right;
	copy->object = node->object;
	copy->height = node->height;
	node->link = edit->replaced;
	edit->replaced = node;
	return copy;
}

static void retire(struct pmap_edit *edit, struct pmap_node *node)
{
	if (node->edit == edit->stamp) {
		node->height = 0; /* on the list of created nodes: freed at the end */
		return;
	}
	node->link = edit->replaced;
	edit->replaced = node;
}

static void measure(struct pmap_node *node)
{
	unsigned int left = height(node->left), right = height(node->right);

	node->height = (left > right ? left : right) + 1;
}

static struct pmap_node *rotate_right(struct pmap_node *node)
{
	struct pmap_node *top = node->left;

	node->left = top->right;
	top->right = node;
	measure(node);
	measure(top);
	return top;
}

static struct pmap_node *rotate_left(struct pmap_node *node)
{
	struct pmap_node *top = node->right;

	node->right = top->left;
	top->left = node;
	measure(node);
	measure(top);
	return top;
}

/* `node` is the edit's own and its children differ in height by two at most. */
static struct pmap_node *balance(struct pmap_edit *edit, struct pmap_node *node)
{
	unsigned int left = height(node->left), right = height(node->right);

	if (left > right + 1) {
		node->left = own(edit, node->left);
		if (height(node->left->left) < height(node->left->right)) {
			node->left->right = own(edit, node->left->right);
			node->left = rotate_left(node->left);
		}
		return rotate_right(node);
	}
	if (right > left + 1) {
		node->right = own(edit, node->right);
		if (height(node->right->right) < height(node->right->left)) {
			node->right->left = own(edit, node->right->left);
			node->right = rotate_right(node->right);
		}
		return rotate_left(node);
	}
	measure(node);
	return node;
}

struct change {
	struct pmap_edit *edit;
	pmap_compare compare;
	const void *key;
	void *object; /* in: to put; out: what was there */
	bool found;
};

static struct pmap_node *insert(struct change *change, struct pmap_node *node)
{
	int order;

	if (!node) {
		node = take(change->edit);
		node->left = node->right = NULL;
		node->object = change->object;
		node->height = 1;
		return node;
	}
	order = change->compare(change->key, node->object);
	node = own(change->edit, node);
	if (order == 0) {
		void *previous = node->object;

		node->object = change->object;
		change->object = previous;
		change->found = true;
		return node;
	}
	if (order < 0)
		node->left = insert(change, node->left);
	else
		node->right = insert(change, node->right);
	return balance(change->edit, node);
}

int pmap_set(struct pmap *map, struct pmap_edit *edit, pmap_compare compare, const void *key, void *object,
	     void **previous)
{
	struct change change = {.edit = edit, .compare = compare, .key = key, .object = object};

	/* The path, and a leaf; what an insertion rotates is on the path. */
	if (reserve(edit, height(map->root) + 1))
		return -ENOMEM;
	map->root = insert(&change, map->root);
	*previous = change.found ? change.object : NULL;
	map->count += !change.found;
	return 0;
}

/* Takes out the leftmost; its object goes to *object. */
static struct pmap_node *remove_first(struct pmap_edit *edit, struct pmap_node *node, void **object)
{
	if (!node->left) {
		struct pmap_node *right = node->right;

		*object = node->object;
		retire(edit, node);
		return right;
	}
	node = own(edit, node);
	node->left = remove_first(edit, node->left, object);
	return balance(edit, node);
}

static struct pmap_node *take_out(struct change *change, struct pmap_node *node)
{
	int order = change->compare(change->key, node->object);

	if (order == 0 && (!node->left || !node->right)) {
		struct pmap_node *child = node->left ? node->left : node->right;

		retire(change->edit, node);
		return child;
	}
	node = own(change->edit, node);
	if (order == 0)
		node->right = remove_first(change->edit, node->right, &node->object);
	else if (order < 0)
		node->left = take_out(change, node->left);
	else
		node->right = take_out(change, node->right);
	return balance(change->edit, node);
}

int pmap_remove(struct pmap *map, struct pmap_edit *edit, pmap_compare compare, const void *key, void **removed)
{
	struct change change = {.edit = edit, .compare = compare, .key = key};

	*removed = pmap_find(map, compare, key);
	if (!*removed)
		return 0;
	/* On each level of the path the node, and two of its other side for a double rotation. */
	if (reserve(edit, 3 * (size_t)height(map->root)))
		return -ENOMEM;
	map->root = take_out(&change, map->root);
	map->count--;
	return 0;
}

size_t pmap_garbage_bytes(const struct pmap_node *garbage)
{
	size_t bytes = 0;

	for (; garbage; garbage = garbage->link)
		bytes += sizeof(*garbage) + 2 * sizeof(void *); /* and what the allocator adds */
	return bytes;
}

void pmap_garbage_free(struct pmap_node *garbage)
{
	while (garbage) {
		struct pmap_node *next = garbage->link;

		free(garbage);
		garbage = next;
	}
}

struct pmap_node *pmap_edit_finish(struct pmap_edit *edit)
{
	struct pmap_node *garbage = edit->replaced, *node = edit->created;

	while (node) {
		struct pmap_node *next = node->link;

		if (!node->height)
			free(node);
		node = next;
	}
	pmap_garbage_free(edit->spare);
	*edit = (struct pmap_edit){0};
	return garbage;
}

void pmap_edit_abort(struct pmap_edit *edit)
{
	pmap_garbage_free(edit->created);
	pmap_garbage_free(edit->spare);
	*edit = (struct pmap_edit){0};
}

/* Above a node of the edit there are only others of it. */
static void discard(struct pmap_node *node, uint64_t stamp)
{
	if (!node || node->edit != stamp)
		return;
	discard(node->left, stamp);
	discard(node->right, stamp);
	free(node);
}

void pmap_discard(struct pmap *map, uint64_t stamp)
{
	discard(map->root, stamp);
	*map = (struct pmap){0};
}

void *pmap_find(const struct pmap *map, pmap_compare compare, const void *key)
{
	const struct pmap_node *node = map->root;

	while (node) {
		int order = compare(key, node->object);

		if (order == 0)
			return node->object;
		node = order < 0 ? node->left : node->right;
	}
	return NULL;
}

void *pmap_next(const struct pmap *map, pmap_compare compare, const void *key)
{
	const struct pmap_node *node = map->root;
	void *best = NULL;

	while (node) {
		if (!key || compare(key, node->object) < 0) {
			best = node->object;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return best;
}

static bool walk(const struct pmap_node *node, bool (*visit)(void *object, void *context), void *context)
{
	return !node ||
	       (walk(node->left, visit, context) && visit(node->object, context) && walk(node->right, visit, context));
}

void pmap_walk(const struct pmap *map, bool (*visit)(void *object, void *context), void *context)
{
	walk(map->root, visit, context);
}

static void clear(struct pmap_node *node)
{
	if (!node)
		return;
	clear(node->left);
	clear(node->right);
	free(node);
}

void pmap_clear(struct pmap *map)
{
	clear(map->root);
	*map = (struct pmap){0};
}
