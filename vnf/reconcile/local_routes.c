/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/local_routes.h"

#include <stdlib.h>

struct local_route_entry {
	struct local_route local_route;
	uint32_t uses; /* 0: it goes when the run is over */
	bool before;   /* it was there before the run */
	bool touched;  /* it is in the list */
};

struct use {
	uint32_t entry, next;
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

/* The entry, with one use more; 0: out of memory. */
static uint32_t use_entry(struct local_routes *local_routes, struct undo_log *log,
			  const struct local_route *local_route)
{
	uint32_t id = find(local_routes, local_route);
	struct local_route_entry entry = {.local_route = *local_route};

	if (id) {
		entry = entry_at(local_routes, id);
	} else {
		id = id_pool_take(&local_routes->entry, log);
		if (!id)
			return 0;
		id_index_add(&local_routes->by_route, log, hash_of(local_route), id);
	}
	if (entry.uses++ == 0)
		touch(local_routes, log, id, &entry);
	id_array_set(&local_routes->entry.element, log, id, &entry);
	return id;
}

static void end_use(struct local_routes *local_routes, struct undo_log *log, uint32_t id)
{
	struct local_route_entry entry = entry_at(local_routes, id);

	if (--entry.uses == 0)
		touch(local_routes, log, id, &entry);
	id_array_set(&local_routes->entry.element, log, id, &entry);
}

void local_routes_begin(struct local_routes *local_routes, uint32_t holder)
{
	local_routes->holder = holder;
	local_routes->old_first = *(const uint32_t *)id_array_get(&local_routes->first, holder);
	local_routes->new_first = 0;
}

void local_routes_add(struct local_routes *local_routes, struct undo_log *log, const struct local_route *local_route)
{
	struct use use = {.entry = use_entry(local_routes, log, local_route), .next = local_routes->new_first};
	uint32_t id = use.entry ? id_pool_take(&local_routes->use, log) : 0;

	if (!id)
		return;
	id_array_set(&local_routes->use.element, log, id, &use);
	local_routes->new_first = id;
}

void local_routes_end(struct local_routes *local_routes, struct undo_log *log)
{
	uint32_t id = local_routes->old_first;

	id_array_set(&local_routes->first, log, local_routes->holder, &local_routes->new_first);
	while (id && !log->no_memory) {
		const struct use use = *(const struct use *)id_array_get(&local_routes->use.element, id);

		end_use(local_routes, log, use.entry);
		id_pool_give(&local_routes->use, log, id);
		id = use.next;
	}
}

/* Of a run that is over: nothing of it is undone any more. */
static void keep(struct local_routes *local_routes, uint32_t id)
{
	struct local_route_entry entry = entry_at(local_routes, id);

	entry.before = true;
	entry.touched = false;
	if (entry.uses) {
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

bool local_routes_contain(const struct local_routes *local_routes, enum local_routes_when when,
			  const struct local_route *local_route)
{
	uint32_t id = find(local_routes, local_route);
	struct local_route_entry entry = entry_at(local_routes, id);

	return id && (when == LOCAL_ROUTES_NOW ? entry.uses > 0 : entry.before);
}

size_t local_routes_touched(const struct local_routes *local_routes)
{
	return local_routes->touched_count;
}

bool local_routes_changed(const struct local_routes *local_routes, size_t n, struct local_route *local_route,
			  bool *comes)
{
	const struct local_route_entry entry = entry_at(local_routes, local_routes->touched[n]);

	*local_route = entry.local_route;
	*comes = entry.uses > 0;
	return *comes != entry.before;
}
