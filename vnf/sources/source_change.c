/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/source_change.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "vnf/core/clock.h"

#define DOUBT_MS 100

bool change_follows(const struct source *source, const struct route_message *message)
{
	const struct source_config *config = &source->config;

	if (!message->kind)
		return false;
	if (!config->protocols)
		return message->protocol != RTPROT_KERNEL;
	return memchr(config->protocol, message->protocol, config->protocols) != NULL;
}

struct found change_find(struct source *source, const struct route_message *message, uint32_t path)
{
	struct found found = {.table = source_table(source, message->prefix.address.family)};

	found.head = route_table_head(found.table, &message->prefix);
	for (struct route *route = found.head; route; route = route_table_next(found.table, route)) {
		if (!(route->flags & ROUTE_LIVE))
			continue;
		found.live = true;
		if (route->metric != message->metric || source->paths.path[route->path].dead)
			continue;
		if (path && route->path == path && route->protocol == message->protocol)
			found.exact = route;
		if (!found.first || route->rank < found.first->rank)
			found.first = route;
		if (found.table->family == 6 && path_set_is_ecmp(&source->paths, route->path))
			found.sibling = route;
		if (!(route->flags & ROUTE_SEEN))
			found.stale = route;
		else
			found.seen++;
		found.least = !found.same || route->rank < found.least ? route->rank : found.least;
		found.most = !found.same || route->rank > found.most ? route->rank : found.most;
		found.same++;
	}
	return found;
}

void change_doubt(struct source *source)
{
	source_plan_resync(source, "a message did not say all that the kernel did", monotonic_ms() + DOUBT_MS);
}

void change_confirm(struct route *route)
{
	route->flags = (uint8_t)((route->flags | ROUTE_LIVE | ROUTE_SEEN) & ~ROUTE_MISSED);
}

void change_set_path(struct source *source, struct found *found, struct route *route,
		     const struct route_message *message, uint32_t path, uint64_t now_ns)
{
	path_set_release(&source->paths, route->path);
	route->path = path;
	route->protocol = message->protocol;
	change_confirm(route);
	if (source->replaying)
		route->flags |= ROUTE_REPLAYED;
	source_touch(source, found->head, now_ns);
}

/* A head that is dead is the prefix's only one, and comes to life again. */
int change_add(struct source *source, struct found *found, const struct route_message *message, uint32_t path,
	       uint8_t rank, uint64_t now_ns)
{
	struct route *route = found->head;

	if (!found->live && source->live >= source->config.max_routes) {
		source->beyond++;
		source->frozen_ms = source->frozen ? source->frozen_ms : now_ns / 1000000;
		source->frozen = true;
		path_set_release(&source->paths, path);
		return 0;
	}
	if (!route || found->live)
		route = route_table_add(found->table, &message->prefix);
	if (!route) {
		path_set_release(&source->paths, path);
		return -ENOMEM;
	}
	if (!found->live)
		source->live++;
	change_confirm(route);
	route->metric = message->metric;
	route->path = path;
	route->protocol = message->protocol;
	route->rank = rank;
	source_touch(source, route_table_head(found->table, &message->prefix), now_ns);
	return 0;
}

void change_drop(struct source *source, struct route_table *table, struct route *route, uint64_t now_ns)
{
	struct ip_prefix prefix = route_prefix(table, route);
	struct route *head = route_table_head(table, &prefix);

	source_touch(source, head, now_ns);
	path_set_release(&source->paths, route->path);
	/* If both messages are older than the reading, one that is still there may have been replaced, and now goes. */
	if (source->replaying && (route->flags & ROUTE_REPLAYED))
		change_doubt(source);
	route->path = 0;
	if (route != head || route_table_next(table, route)) {
		route_table_remove(table, route);
		return;
	}
	source->live--;
	route->metric = (uint32_t)(now_ns / 1000);
	route->flags &= (uint8_t) ~(ROUTE_LIVE | ROUTE_SEEN | ROUTE_MISSED | ROUTE_REPLAYED);
	if (!route->told && !(route->flags & ROUTE_OUT))
		source_remove_head(source, table, route);
}
