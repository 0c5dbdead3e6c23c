/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/candidate_enter.h"

#include <stdio.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/kinds/handles.h"

struct counting {
	uint32_t step;
	bool learned, route;
};

static void count_user(const struct reference *reference, void *context)
{
	const struct counting *counting = context;

	reference->handle->users += counting->step;
	if (reference->ipv6)
		reference->handle->ipv6_users += counting->step;
	if (counting->learned)
		reference->handle->learned_users += counting->step;
	if (counting->route && reference->handle->kind == RESOURCE_VRF)
		reference->handle->routes += counting->step;
}

static void count_references(const struct resource *resource, int step)
{
	struct counting counting = {(uint32_t)step, resource_is_learned(resource),
				    kind_ops(resource->kind)->forwards != NULL};

	if (kind_ops(resource->kind)->references)
		kind_ops(resource->kind)->references(resource, count_user, &counting);
}

struct key_change {
	struct unique_keys *unique_keys;
	struct check check; /* to word faults; without an error while nothing can be wrong */
	bool failed;
};

static void keep_holding(const struct holding *holding, void *context)
{
	struct key_change *key_change = context;

	key_change->failed |= unique_keys_keep(key_change->unique_keys, &holding->key) != 0;
}

static void release_holding(const struct holding *holding, void *context)
{
	unique_keys_release(((struct key_change *)context)->unique_keys, &holding->key);
}

static void remove_holding(const struct holding *holding, void *context)
{
	unique_keys_remove(((struct key_change *)context)->unique_keys, &holding->key);
}

static void taken(struct check *check, const struct holding *holding, const struct handle *holder)
{
	char text[256];

	holding->key.rule->taken(holding, holder, text, sizeof(text));
	check_fault(check, ERROR_INVALID_ARGUMENT, holding->field, holding->index, holding->member, "%s", text);
}

static void add_holding(const struct holding *holding, void *context)
{
	struct key_change *key_change = context;
	const struct handle *holder = unique_keys_add(key_change->unique_keys, holding);

	if (holder && key_change->check.error)
		taken(&key_change->check, holding, holder);
}

static void each_holding(const struct resource *resource, holding_visit visit, struct key_change *key_change)
{
	if (resource && kind_ops(resource->kind)->unique_keys)
		kind_ops(resource->kind)->unique_keys(resource, visit, key_change);
}

/* Visits the holdings that the candidate adds, and those that must be added again when it is taken back. */
static void each_kept(struct candidate *candidate, holding_visit visit, struct key_change *key_change)
{
	for (size_t i = 0; i < candidate->delta.count; i++) {
		each_holding(candidate->delta.entry[i].before, visit, key_change);
		each_holding(candidate->delta.entry[i].after, visit, key_change);
	}
}

static void take_out(const struct resource *resource, struct key_change *key_change)
{
	if (!resource)
		return;
	count_references(resource, -1);
	each_holding(resource, remove_holding, key_change);
	if (resource->self)
		resource->self->resource = NULL;
}

static void put_in(const struct resource *resource, struct key_change *key_change)
{
	if (!resource)
		return;
	count_references(resource, 1);
	each_holding(resource, add_holding, key_change);
	if (resource->self)
		resource->self->resource = resource;
}

static void check_limit(const struct dp_limits *limits, enum limit limit, const char *plural, size_t needed,
			const char *made_of, struct error *error)
{
	if (needed > limit_get(limits, limit))
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "%s: %zu needed%s, the limit is %u: raise limits.max_%s in sluiced.yaml, and restart sluiced",
			  plural, needed, made_of, limit_get(limits, limit), limit_name(limit));
}

/* What else has ids of the kind's, as " (3 policy_rules, 4 security_group_rules)"; "": nothing. */
static size_t count_sharing(const struct candidate *candidate, const struct kind_ops *ops, char *text, size_t size)
{
	const struct pmap *map = candidate->next->map;
	size_t count = map[ops->kind].count, length = 0;

	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind)) {
		if (kind_ops((enum resource_kind)kind)->ids_of != ops->kind || !map[kind].count || length >= size)
			continue;
		if (!length)
			length = (size_t)snprintf(text, size, " (%zu %s", map[ops->kind].count, ops->plural);
		length += (size_t)snprintf(text + length, size - length, ", %zu %s", map[kind].count,
					   kind_ops((enum resource_kind)kind)->plural);
		count += map[kind].count;
	}
	if (length && length < size)
		snprintf(text + length, size - length, ")");
	return count;
}

static int check_limits(const struct candidate *candidate, struct error *error)
{
	const struct dp_limits *limits = handles_limits(candidate->base.handles);
	size_t faults = error->count;

	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind)) {
		const struct kind_ops *ops = kind_ops((enum resource_kind)kind);
		char made_of[128] = "";

		if (ops->ids_of)
			continue; /* counted there */
		check_limit(limits, ops->limit, ops->plural, count_sharing(candidate, ops, made_of, sizeof(made_of)),
			    made_of, error);
		if (ops->parts.count)
			check_limit(limits, ops->parts.limit, ops->parts.plural, candidate->next->parts[kind], "",
				    error);
	}
	return error->count > faults ? -1 : 0;
}

/* The one that it had, if that is known and free. */
static uint32_t take_id(const struct candidate *candidate, const struct resource *after)
{
	const struct change_origin *origin = candidate->changes->origin;
	uint32_t id = 0;

	if (origin)
		id = handles_take_this_id(candidate->base.handles, after->kind,
					  origin[candidate_change(candidate, candidate->ids)].id);
	return id ? id : handles_take_id(candidate->base.handles, after->kind);
}

static int take_ids(struct candidate *candidate, struct error *error)
{
	for (; candidate->ids < candidate->delta.count; candidate->ids++) {
		struct delta_entry *entry = &candidate->delta.entry[candidate->ids];
		struct resource *after = (struct resource *)entry->after;
		uint32_t id;

		if (entry->before || !after)
			continue;
		/* A handle that lost its resource since both banks were last the same still has its id in one. */
		id = after->self && after->self->id ? 0 : take_id(candidate, after);
		if (!id) {
			error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
				  "%s: deleted ones make room only for the next commit: delete first, then create",
				  kind_ops(after->kind)->plural);
			return -1;
		}
		if (after->self)
			atomic_store_explicit(&after->self->id, id, memory_order_relaxed);
		else
			after->id = id;
	}
	return 0;
}

static void give_ids(struct candidate *candidate)
{
	while (candidate->ids > 0) {
		struct delta_entry *entry = &candidate->delta.entry[--candidate->ids];
		struct resource *after = (struct resource *)entry->after;

		if (entry->before || !after)
			continue;
		handles_give_id(candidate->base.handles, after->kind, resource_id(after));
		if (after->self)
			atomic_store_explicit(&after->self->id, 0, memory_order_relaxed);
		else
			after->id = 0;
	}
}

int candidate_enter(struct candidate *candidate, struct error *error)
{
	struct key_change key_change = {.unique_keys = candidate->base.unique_keys,
					.check = {.candidate = candidate, .error = error}};
	size_t faults;

	if (check_limits(candidate, error))
		return -1;
	candidate->keeps = true;
	each_kept(candidate, keep_holding, &key_change);
	if (key_change.failed) {
		error_no_memory(error, NULL);
		return -1;
	}
	candidate->entered = true;
	for (size_t i = 0; i < candidate->delta.count; i++)
		take_out(candidate->delta.entry[i].before, &key_change);
	faults = error->count;
	for (size_t i = 0; i < candidate->delta.count; i++) {
		if (candidate->delta.entry[i].after)
			key_change.check.kind = candidate->delta.entry[i].after->kind;
		key_change.check.change = candidate_change(candidate, i);
		put_in(candidate->delta.entry[i].after, &key_change);
	}
	if (error->count > faults)
		return -1;
	return take_ids(candidate, error);
}

void candidate_leave(struct candidate *candidate)
{
	struct key_change key_change = {.unique_keys = candidate->base.unique_keys};

	give_ids(candidate);
	if (candidate->entered) {
		for (size_t i = 0; i < candidate->delta.count; i++)
			take_out(candidate->delta.entry[i].after, &key_change);
		for (size_t i = 0; i < candidate->delta.count; i++)
			put_in(candidate->delta.entry[i].before, &key_change);
	}
	candidate_release(candidate);
	candidate->entered = false;
}

void candidate_release(struct candidate *candidate)
{
	struct key_change key_change = {.unique_keys = candidate->base.unique_keys};

	if (candidate->keeps)
		each_kept(candidate, release_holding, &key_change);
	candidate->keeps = false;
}
