/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/source.h"

#include <stdlib.h>
#include <string.h>

#include "vnf/core/clock.h"
#include "vnf/sources/acknowledge.h"

#define LISTED_MOST (2 * MIRROR_CHANGES)

struct source *source_new(const struct source_config *config, const struct nexthop_table *nexthops,
			  const struct evpn *evpn, struct hop_list *list)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source) {
		free(config->range);
		return NULL;
	}
	source->config = *config;
	route_table_init(&source->routes[0], 4);
	route_table_init(&source->routes[1], 6);
	path_set_init(&source->paths, &source->groups, nexthops, list);
	source->evpn = evpn;
	source->paths.evpn = config->evpn ? evpn : NULL;
	source->facts.state = SOURCE_STARTING;
	source_plan_resync(source, "", 0);
	return source;
}

void source_free(struct source *source)
{
	if (!source)
		return;
	route_table_end(&source->routes[0]);
	route_table_end(&source->routes[1]);
	path_set_end(&source->paths);
	group_set_end(&source->groups);
	free(source->config.range);
	acknowledge_end(source);
	free(source->listed);
	free(source);
}

static bool same_ranges(const struct source_config *a, const struct source_config *b)
{
	if (a->ranges != b->ranges)
		return false;
	for (size_t i = 0; i < a->ranges; i++)
		if (ip_prefix_compare(&a->range[i].prefix, &b->range[i].prefix) != 0 ||
		    a->range[i].length_least != b->range[i].length_least ||
		    a->range[i].length_most != b->range[i].length_most)
			return false;
	return true;
}

static bool same_choice(const struct source_config *a, const struct source_config *b)
{
	return a->table == b->table && a->max_routes == b->max_routes && a->protocols == b->protocols &&
	       memcmp(a->protocol, b->protocol, a->protocols) == 0 && a->evpn == b->evpn;
}

void source_configure(struct source *source, struct source_config *config)
{
	struct source_config before = source->config;
	bool guard = before.allow_bogons != config->allow_bogons || !same_ranges(&before, config);

	source->config = *config;
	config->range = NULL;
	source->paths.evpn = source->config.evpn ? source->evpn : NULL;
	if (!same_choice(&before, &source->config))
		source_plan_resync(source, "the source's configuration has changed", 0);
	if (guard || before.acknowledge != source->config.acknowledge)
		source_touch_all(source, monotonic_us() * 1000);
	free(before.range);
}

void source_plan_resync(struct source *source, const char *why, uint64_t when_ms)
{
	if (source->resync && source->resync_ms <= when_ms)
		return;
	source->resync = why;
	source->resync_ms = when_ms;
}

static bool list(struct source *source, const struct ip_prefix *prefix)
{
	if (source->listed_used == source->listed_room) {
		size_t room = source->listed_room ? source->listed_room * 2 : 1024;
		struct ip_prefix *listed = NULL;

		if (room <= LISTED_MOST)
			listed = reallocarray(source->listed, room, sizeof(*listed));
		if (!listed)
			return false;
		source->listed = listed;
		source->listed_room = room;
	}
	source->listed[source->listed_used++] = *prefix;
	return true;
}

/* The family whose table the head is in follows from where it lies. */
static struct route_table *table_of(struct source *source, const struct route *head)
{
	const struct route_table *ipv4 = &source->routes[0];
	const uint8_t *at = (const uint8_t *)head;

	return &source->routes[!(at >= ipv4->slot && at < ipv4->slot + ipv4->size * ipv4->stride)];
}

void source_touch(struct source *source, struct route *head, uint64_t now_ns)
{
	struct ip_prefix prefix;

	if (head->flags & ROUTE_DIRTY)
		return;
	head->flags |= ROUTE_DIRTY;
	if (!source->dirty++)
		source->changed_ns = now_ns;
	if (source->scan)
		return;
	prefix = route_prefix(table_of(source, head), head);
	if (!list(source, &prefix)) {
		source->scan = true;
		source->listed_used = 0;
	}
}

void source_touch_below(struct source *source, const struct ip_prefix *below, uint64_t now_ns)
{
	struct route_table *table = source_table(source, below->address.family);

	for (size_t i = 0; i < table->size; i++) {
		struct route *route = route_table_slot(table, i);
		struct ip_prefix prefix;

		if (!route->flags)
			continue;
		prefix = route_prefix(table, route);
		if (prefix.length >= below->length && ip_prefix_contains(below, &prefix.address))
			source_touch(source, route_table_head(table, &prefix), now_ns);
	}
}

void source_touch_all(struct source *source, uint64_t now_ns)
{
	source_touch_below(source, &(struct ip_prefix){.address.family = 4}, now_ns);
	source_touch_below(source, &(struct ip_prefix){.address.family = 6}, now_ns);
}

void source_remove_head(struct source *source, struct route_table *table, struct route *head)
{
	source->dirty -= (head->flags & ROUTE_DIRTY) != 0;
	source->guarded -= (head->flags & ROUTE_GUARDED) != 0;
	route_table_remove(table, head);
}

struct route *source_best(const struct route_table *table, struct route *head)
{
	struct route *best = NULL;

	for (struct route *route = head; route; route = route_table_next(table, route))
		if ((route->flags & ROUTE_LIVE) && (!best || route->metric < best->metric ||
						    (route->metric == best->metric && route->rank < best->rank)))
			best = route;
	return best;
}

void source_lose_nexthop(struct source *source, uint32_t id)
{
	path_set_lose_nexthop(&source->paths, id);
}
