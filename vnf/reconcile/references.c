/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/references.h"

#include "vnf/control/kinds/kinds.h"

struct edge {
	uint32_t next, previous; /* of the used one's users of this kind */
	uint32_t sibling;	 /* next of the same user's, in the order of its references */
	uint32_t user, used;	 /* ids */
	uint16_t user_kind, used_kind;
};

void references_init(struct references *references)
{
	references->edge = id_pool_of(sizeof(struct edge));
	for (int kind = 0; kind < RESOURCE_KINDS; kind++) {
		references->first_of_user[kind] = id_array_of(sizeof(uint32_t));
		for (int by = 0; by < RESOURCE_KINDS; by++)
			references->first_of_used[kind][by] = id_array_of(sizeof(uint32_t));
	}
}

void references_free(struct references *references)
{
	id_pool_free(&references->edge);
	for (int kind = 0; kind < RESOURCE_KINDS; kind++) {
		id_array_free(&references->first_of_user[kind]);
		for (int by = 0; by < RESOURCE_KINDS; by++)
			id_array_free(&references->first_of_used[kind][by]);
	}
}

static struct edge edge_at(const struct references *references, uint32_t id)
{
	return *(const struct edge *)id_array_get(&references->edge.element, id);
}

static uint32_t first_of(const struct references *references, enum resource_kind kind, uint32_t id)
{
	return *(const uint32_t *)id_array_get(&references->first_of_user[kind], id);
}

struct change {
	struct references *references;
	struct undo_log *log;
	enum resource_kind kind;
	uint32_t id;
	uint32_t at; /* the edge that the next reference is compared with, or the last that was added; 0: none */
	bool equal;
};

static void compare(const struct reference *reference, void *context)
{
	struct change *change = context;
	struct edge edge = edge_at(change->references, change->at);

	change->equal &= change->at && edge.used_kind == reference->handle->kind && edge.used == reference->handle->id;
	change->at = edge.sibling;
}

static void set_edge(const struct change *change, uint32_t id, const struct edge *edge)
{
	id_array_set(&change->references->edge.element, change->log, id, edge);
}

static void add(const struct reference *reference, void *context)
{
	struct change *change = context;
	struct references *references = change->references;
	enum resource_kind used_kind = reference->handle->kind;
	struct id_array *heads = &references->first_of_used[used_kind][change->kind];
	uint32_t used = reference->handle->id, id = id_pool_take(&references->edge, change->log);
	struct edge edge = {.next = references_first(references, used_kind, used, change->kind),
			    .user = change->id,
			    .used = used,
			    .user_kind = (uint16_t)change->kind,
			    .used_kind = (uint16_t)used_kind};
	struct edge other;

	if (!id)
		return;
	set_edge(change, id, &edge);
	if (edge.next) {
		other = edge_at(references, edge.next);
		other.previous = id;
		set_edge(change, edge.next, &other);
	}
	id_array_set(heads, change->log, used, &id);
	if (change->at) {
		other = edge_at(references, change->at);
		other.sibling = id;
		set_edge(change, change->at, &other);
	} else {
		id_array_set(&references->first_of_user[change->kind], change->log, change->id, &id);
	}
	change->at = id;
}

static void remove_edge(const struct change *change, uint32_t id)
{
	struct references *references = change->references;
	const struct edge edge = edge_at(references, id);
	struct edge other;

	if (edge.previous) {
		other = edge_at(references, edge.previous);
		other.next = edge.next;
		set_edge(change, edge.previous, &other);
	} else {
		id_array_set(&references->first_of_used[edge.used_kind][edge.user_kind], change->log, edge.used,
			     &edge.next);
	}
	if (edge.next) {
		other = edge_at(references, edge.next);
		other.previous = edge.previous;
		set_edge(change, edge.next, &other);
	}
	id_pool_give(&references->edge, change->log, id);
}

static void visit(const struct resource *resource, reference_visit each, struct change *change)
{
	if (resource && kind_ops(resource->kind)->references)
		kind_ops(resource->kind)->references(resource, each, change);
}

void references_set(struct references *references, struct undo_log *log, enum resource_kind kind, uint32_t id,
		    const struct resource *resource)
{
	static const uint32_t none;
	struct change change = {.references = references,
				.log = log,
				.kind = kind,
				.id = id,
				.at = first_of(references, kind, id),
				.equal = true};

	visit(resource, compare, &change);
	if (change.equal && !change.at)
		return;
	for (uint32_t edge = first_of(references, kind, id), next; edge && !log->no_memory; edge = next) {
		next = edge_at(references, edge).sibling;
		remove_edge(&change, edge);
	}
	id_array_set(&references->first_of_user[kind], log, id, &none);
	change.at = 0;
	visit(resource, add, &change);
}

uint32_t references_first(const struct references *references, enum resource_kind kind, uint32_t id,
			  enum resource_kind by)
{
	return *(const uint32_t *)id_array_get(&references->first_of_used[kind][by], id);
}

uint32_t references_next(const struct references *references, uint32_t edge)
{
	return edge_at(references, edge).next;
}

uint32_t references_user(const struct references *references, uint32_t edge)
{
	return edge_at(references, edge).user;
}
