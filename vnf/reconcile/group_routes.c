/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/group_routes.h"

#include <stdlib.h>

#include "vnf/control/kinds/kinds.h"

struct group_route {
	struct vrf_key key;
	uint32_t group;		 /* 0: there is no such route */
	uint32_t next, previous; /* of the group's: ids of routes; 0: none */
};

void group_routes_open(struct group_routes *routes)
{
	routes->route = id_array_of(sizeof(struct group_route));
	routes->first = id_array_of(sizeof(uint32_t));
	routes->state = id_array_of(sizeof(struct group_state));
}

void group_routes_close(struct group_routes *routes)
{
	id_array_free(&routes->route);
	id_array_free(&routes->first);
	id_array_free(&routes->state);
	free(routes->touched);
}

static struct group_route route_at(const struct group_routes *routes, uint32_t id)
{
	return *(const struct group_route *)id_array_get(&routes->route, id);
}

static uint32_t first_of(const struct group_routes *routes, uint32_t group)
{
	return *(const uint32_t *)id_array_get(&routes->first, group);
}

static void set_count(struct group_routes *routes, struct undo_log *log, uint32_t count)
{
	undo_log_set(log, &routes->count, &count, sizeof(count));
}

static void add(struct group_routes *routes, struct undo_log *log, const struct resource *resource, uint32_t group)
{
	const uint32_t id = resource->id, first = first_of(routes, group);
	struct group_route route = {.key = *resource_vrf_key(resource), .group = group, .next = first}, next;

	id_array_set(&routes->route, log, id, &route);
	if (first) {
		next = route_at(routes, first);
		next.previous = id;
		id_array_set(&routes->route, log, first, &next);
	}
	id_array_set(&routes->first, log, group, &id);
	set_count(routes, log, routes->count + 1);
}

static void remove_route(struct group_routes *routes, struct undo_log *log, uint32_t id)
{
	const struct group_route route = route_at(routes, id), none = {0};
	struct group_route other;

	if (!route.group)
		return;
	if (route.previous) {
		other = route_at(routes, route.previous);
		other.next = route.next;
		id_array_set(&routes->route, log, route.previous, &other);
	} else {
		id_array_set(&routes->first, log, route.group, &route.next);
	}
	if (route.next) {
		other = route_at(routes, route.next);
		other.previous = route.previous;
		id_array_set(&routes->route, log, route.next, &other);
	}
	id_array_set(&routes->route, log, id, &none);
	set_count(routes, log, routes->count - 1);
}

void group_routes_change(struct group_routes *routes, struct undo_log *log, const struct resource *before,
			 const struct resource *after)
{
	if (before && resource_yields(before))
		remove_route(routes, log, before->id);
	if (after && resource_yields(after))
		add(routes, log, after, kind_ops(after->kind)->forwards(after)->id);
}

struct group_state group_routes_state(const struct group_routes *routes, uint32_t group)
{
	return *(const struct group_state *)id_array_get(&routes->state, group);
}

void group_routes_set_state(struct group_routes *routes, struct undo_log *log, uint32_t group, struct group_state state)
{
	size_t capacity = routes->touched_capacity ? routes->touched_capacity * 2 : 16;
	uint32_t *grown;

	if (!id_array_set(&routes->state, log, group, &state) || !first_of(routes, group))
		return;
	if (routes->touched_count == routes->touched_capacity) {
		grown = realloc(routes->touched, capacity * sizeof(*grown));
		if (!grown) {
			log->no_memory = true;
			return;
		}
		routes->touched = grown;
		routes->touched_capacity = capacity;
	}
	routes->touched[routes->touched_count++] = group;
}

bool group_routes_withhold(const struct group_routes *routes, const struct resource *route)
{
	return resource_yields(route) && group_routes_state(routes, kind_ops(route->kind)->forwards(route)->id).dead;
}

void group_routes_visit_touched(struct group_routes *routes, void (*visit)(void *context, const struct vrf_key *key),
				void *context)
{
	for (size_t i = 0; i < routes->touched_count; i++) {
		uint32_t group = routes->touched[i];

		for (uint32_t id = first_of(routes, group); id; id = route_at(routes, id).next) {
			const struct group_route route = route_at(routes, id);

			visit(context, &route.key);
		}
	}
	group_routes_forget_touched(routes);
}

void group_routes_forget_touched(struct group_routes *routes)
{
	routes->touched_count = 0;
}
