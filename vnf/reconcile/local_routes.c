/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/local_routes.h"

#include <stdlib.h>

struct local_route_entry {
	struct local_route local_route;
	uint32_t own;		   /* uses as an address of the router's, */
	uint32_t others;	   /* and the first of all others; none at all: it goes when the run is over */
	struct dp_fib_leaf before; /* as it was before the run */
	bool touched;		   /* it is in the list */
};

struct use {
	uint32_t entry, next;
	uint32_t next_other; /* of the entry's */
	uint32_t interface;
	struct dp_fib_leaf leaf;
};

void local_routes_open(struct local_routes *local_routes)
{
	local_routes->entry = id_pool_of(sizeof(struct local_route_entry));
	local_routes->by_route = id_index_new();
	local_routes->use = id_pool_of(sizeof(struct use));
	local_routes->first = id_array_of(sizeof(uint32_t));
}

void local_routes_close(struct local_routes *local_routes)
{
	id_pool_free(&local_routes->entry);
	id_index_free(&local_routes->by_route);
	id_pool_free(&local_routes->use);
	id_array_free(&local_routes->first);
	free(local_routes->touched);
}

static uint32_t hash_of(const struct local_route *local_route)
{
	uint32_t hash = id_hash(ID_HASH_START, &local_route->vrf, sizeof(local_route->vrf));

	return id_hash(hash, &local_route->prefix, sizeof(local_route->prefix));
}

static struct local_route_entry entry_at(const struct local_routes *local_routes, uint32_t id)
{
	return *(const struct local_route_entry *)id_array_get(&local_routes->entry.element, id);
}

static struct use use_at(const struct local_routes *local_routes, uint32_t id)
{
	return *(const struct use *)id_array_get(&local_routes->use.element, id);
}

static uint32_t find(const struct local_routes *local_routes, const struct local_route *local_route)
{
	uint32_t id = id_index_first(&local_routes->by_route, hash_of(local_route));

	for (; id; id = id_index_next(&local_routes->by_route, id)) {
		const struct local_route there = entry_at(local_routes, id).local_route;

		if (there.vrf == local_route->vrf && ip_prefix_compare(&there.prefix, &local_route->prefix) == 0)
			break;
	}
	return id;
}

static bool is_better(const struct use *a, const struct use *b)
{
	if (a->leaf.group != b->leaf.group)
		return a->leaf.group > b->leaf.group;
	return a->interface < b->interface;
}

static struct dp_fib_leaf leaf_of(const struct local_routes *local_routes, const struct local_route_entry *entry)
{
	struct use best = use_at(local_routes, entry->others);

	if (entry->own)
		return (struct dp_fib_leaf){.group = DP_GROUP_LOCAL};
	for (uint32_t id = best.next_other; id; id = use_at(local_routes, id).next_other) {
		const struct use use = use_at(local_routes, id);

		if (is_better(&use, &best))
			best = use;
	}
	return best.leaf;
}

static void touch(struct local_routes *local_routes, struct undo_log *log, uint32_t id, struct local_route_entry *entry)
{
	size_t capacity = local_routes->touched_capacity ? local_routes->touched_capacity * 2 : 16;
	uint32_t *grown;

	if (entry->touched)
		return;
	if (local_routes->touched_count == local_routes->touched_capacity) {
		grown = realloc(local_routes->touched, capacity * sizeof(*grown));
		if (!grown) {
			log->no_memory = true;
			return;
		}
		local_routes->touched = grown;
		local_routes->touched_capacity = capacity;
	}
	local_routes->touched[local_routes->touched_count++] = id;
	entry->touched = true;
}

/* The entry of the prefix; 0: out of memory. */
static uint32_t entry_of(struct local_routes *local_routes, struct undo_log *log, const struct local_route *local_route)
{
	const struct local_route_entry entry = {.local_route = *local_route};
	uint32_t id = find(local_routes, local_route);

	if (id)
		return id;
	id = id_pool_take(&local_routes->entry, log);
	if (!id)
		return 0;
	id_array_set(&local_routes->entry.element, log, id, &entry);
	id_index_add(&local_routes->by_route, log, hash_of(local_route), id);
	return id;
}

/* The use is a new one of its entry. */
static void begin_use(struct local_routes *local_routes, struct undo_log *log, uint32_t id, struct use *use)
{
	struct local_route_entry entry = entry_at(local_routes, use->entry);

	if (use->leaf.group != DP_GROUP_LOCAL) {
		use->next_other = entry.others;
		entry.others = id;
		touch(local_routes, log, use->entry, &entry);
	} else if (entry.own++ == 0) {
		touch(local_routes, log, use->entry, &entry);
	}
	id_array_set(&local_routes->use.element, log, id, use);
	id_array_set(&local_routes->entry.element, log, use->entry, &entry);
}

static void end_use(struct local_routes *local_routes, struct undo_log *log, uint32_t id, const struct use *use)
{
	struct local_route_entry entry = entry_at(local_routes, use->entry);

	if (use->leaf.group == DP_GROUP_LOCAL) {
		if (--entry.own == 0)
			touch(local_routes, log, use->entry, &entry);
	} else if (entry.others == id) {
		entry.others = use->next_other;
		touch(local_routes, log, use->entry, &entry);
	} else {
		uint32_t at = entry.others;
		struct use other = use_at(local_routes, at);

		for (; other.next_other != id; other = use_at(local_routes, at))
			at = other.next_other;
		other.next_other = use->next_other;
		id_array_set(&local_routes->use.element, log, at, &other);
		touch(local_routes, log, use->entry, &entry);
	}
	id_array_set(&local_routes->entry.element, log, use->entry, &entry);
	id_pool_give(&local_routes->use, log, id);
}

void local_routes_begin(struct local_routes *local_routes, uint32_t holder)
{
	local_routes->holder = holder;
	local_routes->old_first = *(const uint32_t *)id_array_get(&local_routes->first, holder);
	local_routes->new_first = 0;
}

void local_routes_add(struct local_routes *local_routes, struct undo_log *log, const struct local_route *local_route,
		      struct dp_fib_leaf leaf, uint32_t interface)
{
	struct use use = {.entry = entry_of(local_routes, log, local_route),
			  .next = local_routes->new_first,
			  .interface = interface,
			  .leaf = leaf};
	uint32_t id = use.entry ? id_pool_take(&local_routes->use, log) : 0;

	if (!id)
		return;
	begin_use(local_routes, log, id, &use);
	local_routes->new_first = id;
}

void local_routes_end(struct local_routes *local_routes, struct undo_log *log)
{
	uint32_t id = local_routes->old_first;

	id_array_set(&local_routes->first, log, local_routes->holder, &local_routes->new_first);
	while (id && !log->no_memory) {
		const struct use use = use_at(local_routes, id);

		end_use(local_routes, log, id, &use);
		id = use.next;
	}
}

/* Of a run that is over: nothing of it is undone any more. */
static void keep(struct local_routes *local_routes, uint32_t id)
{
	struct local_route_entry entry = entry_at(local_routes, id);

	entry.before = leaf_of(local_routes, &entry);
	entry.touched = false;
	if (entry.own || entry.others) {
		id_array_set(&local_routes->entry.element, NULL, id, &entry);
		return;
	}
	id_index_remove(&local_routes->by_route, NULL, hash_of(&entry.local_route), id);
	id_pool_give(&local_routes->entry, NULL, id);
}

void local_routes_finish(struct local_routes *local_routes, bool undone)
{
	for (size_t i = 0; i < local_routes->touched_count && !undone; i++)
		keep(local_routes, local_routes->touched[i]);
	local_routes->touched_count = 0;
}

struct dp_fib_leaf local_routes_find(const struct local_routes *local_routes, const struct local_route *local_route)
{
	const struct local_route_entry entry = entry_at(local_routes, find(local_routes, local_route));

	return leaf_of(local_routes, &entry);
}

bool local_routes_know(const struct local_routes *local_routes, const struct local_route *local_route)
{
	return find(local_routes, local_route) != 0;
}

size_t local_routes_touched(const struct local_routes *local_routes)
{
	return local_routes->touched_count;
}

bool local_routes_changed(const struct local_routes *local_routes, size_t n, struct local_route *local_route)
{
	const struct local_route_entry entry = entry_at(local_routes, local_routes->touched[n]);
	const struct dp_fib_leaf leaf = leaf_of(local_routes, &entry);

	*local_route = entry.local_route;
	return leaf.group != entry.before.group || leaf.route != entry.before.route;
}
