/* SPDX-License-Identifier: Apache-2.0 */
/* Whole readings of a source's table, and what nexthop objects have become. */
#include <errno.h>

#include "vnf/sources/source_change.h"

void source_read_begin(struct source *source)
{
	source->beyond = 0;
	source->frozen = false;
	source->missed = false;
	for (int i = 0; i < 2; i++)
		for (size_t j = 0; j < source->routes[i].size; j++)
			route_table_slot(&source->routes[i], j)->flags &= (uint8_t) ~(ROUTE_SEEN | ROUTE_REPLAYED);
}

/* The kernel shows routes of a prefix and metric in the order in which they count. */
int source_read(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	struct route *route;
	struct found found;
	uint32_t path;
	uint8_t rank;
	int error;

	if (!change_follows(source, message))
		return 0;
	path = path_set_take(&source->paths, message);
	if (!path)
		return -ENOMEM;
	found = change_find(source, message, path);
	rank = (uint8_t)(found.seen < LAST_RANK - FIRST_RANK ? FIRST_RANK + found.seen : LAST_RANK);
	route = found.exact;
	if (route) {
		path_set_release(&source->paths, path);
		if (found.same > 1 && route->rank != rank)
			source_touch(source, found.head, now_ns);
	} else if (found.stale) {
		route = found.stale;
		change_set_path(source, &found, route, message, path, now_ns);
	} else {
		error = change_add(source, &found, message, path, rank, now_ns);
		if (error)
			return error;
		route = change_find(source, message, path).exact;
	}
	if (route) {
		route->rank = rank;
		change_confirm(route);
	}
	return 0;
}

static bool has_gone(struct source *source, struct route *route, uint8_t family)
{
	if (!(route->flags & ROUTE_LIVE) || (route->flags & ROUTE_SEEN))
		return false;
	if (family == 4 || (route->flags & ROUTE_MISSED))
		return true;
	route->flags |= ROUTE_MISSED;
	source->missed = true;
	return false;
}

/* A slot from which a route went has another one now, or a dead one. */
void source_read_end(struct source *source, uint8_t family, uint64_t now_ns)
{
	struct route_table *table = source_table(source, family);

	for (size_t i = 0; i < table->size;) {
		struct route *route = route_table_slot(table, i);

		if (has_gone(source, route, family))
			change_drop(source, table, route, now_ns);
		else
			i++;
	}
}

void source_drop_missed(struct source *source, uint64_t now_ns)
{
	struct route_table *table = source_table(source, 6);

	for (size_t i = 0; source->missed && i < table->size;) {
		struct route *route = route_table_slot(table, i);

		if ((route->flags & ROUTE_LIVE) && (route->flags & ROUTE_MISSED))
			change_drop(source, table, route, now_ns);
		else
			i++;
	}
	source->missed = false;
}

/* A path is dead: the kernel has its routes no more. It moved: they lead elsewhere. */
static bool settle(struct source *source, struct route_table *table, struct route *route, uint64_t now_ns)
{
	const struct path *path;
	struct ip_prefix prefix;

	if (!(route->flags & ROUTE_LIVE))
		return false;
	path = &source->paths.path[route->path];
	if (path->dead) {
		change_drop(source, table, route, now_ns);
		return true;
	}
	if (path->moved) {
		prefix = route_prefix(table, route);
		source_touch(source, route_table_head(table, &prefix), now_ns);
	}
	return false;
}

int source_settle(struct source *source, uint64_t now_ns)
{
	int error = path_set_update(&source->paths);

	if (error)
		return error;
	if (!source->paths.moved && !source->paths.dead)
		return 0;
	for (int i = 0; i < 2; i++) {
		struct route_table *table = &source->routes[i];

		for (size_t j = 0; j < table->size;)
			if (!settle(source, table, route_table_slot(table, j), now_ns))
				j++;
	}
	path_set_settled(&source->paths);
	return 0;
}
