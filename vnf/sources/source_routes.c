/* SPDX-License-Identifier: Apache-2.0 */
/* From the kernel's messages to the table of a source's routes. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "vnf/core/clock.h"
#include "vnf/sources/source.h"

#define FIRST_RANK 64
#define LAST_RANK  255
#define DOUBT_MS   100

/* The prefix of a message: its routes of the message's metric, by what the message may do to them. */
struct found {
	struct route_table *table;
	struct route *head;
	struct route *exact;   /* of the same path and protocol */
	struct route *first;   /* the one that counts */
	struct route *sibling; /* IPv6: the one that further hops are added to */
	struct route *stale;   /* one that the reading hasn't seen */
	size_t same, seen;     /* all of the metric; those that the reading has seen */
	uint8_t least, most;   /* ranks */
	bool live;	       /* the prefix has a route of any metric */
};

static struct found find(struct source *source, const struct route_message *message, uint32_t path)
{
	struct found found = {.table = source_table(source, message->prefix.address.family)};

	found.head = route_table_head(found.table, &message->prefix);
	for (struct route *route = found.head; route; route = route_table_next(found.table, route)) {
		if (!(route->flags & ROUTE_LIVE))
			continue;
		found.live = true;
		if (route->metric != message->metric)
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

static bool is_ecmp(const struct route_message *message)
{
	return message->prefix.address.family == 6 && message->kind == SOURCE_HOP_GATEWAY && !message->nexthop &&
	       message->hops && message->hop[0].gateway.family;
}

/* The message can't be brought together with what is known: the table is to be read. What comes right after a reading
 * may be older than that, and is right by the last of these messages. */
static void doubt(struct source *source)
{
	if (!source->replaying)
		source_plan_resync(source, "a message that did not fit to what was known", monotonic_ms() + DOUBT_MS);
}

/* The kernel has it as it is here. */
static void confirm(struct route *route)
{
	route->flags = (uint8_t)((route->flags | ROUTE_LIVE | ROUTE_SEEN) & ~ROUTE_MISSED);
}

/* The reference to the path becomes the route's. */
static void set_path(struct source *source, struct found *found, struct route *route,
		     const struct route_message *message, uint32_t path, uint64_t now_ns)
{
	path_set_release(&source->paths, route->path);
	route->path = path;
	route->protocol = message->protocol;
	confirm(route);
	source_touch(source, found->head, now_ns);
}

/* So is it here. A head that is dead is the prefix's only one, and comes to life again. */
static int add(struct source *source, struct found *found, const struct route_message *message, uint32_t path,
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
	confirm(route);
	route->metric = message->metric;
	route->path = path;
	route->protocol = message->protocol;
	route->rank = rank;
	source_touch(source, route_table_head(found->table, &message->prefix), now_ns);
	return 0;
}

/* A live one goes. As the prefix's last it stays, dead, while the receiver has it. */
static void drop(struct source *source, struct route_table *table, struct route *route, uint64_t now_ns)
{
	struct ip_prefix prefix = route_prefix(table, route);
	struct route *head = route_table_head(table, &prefix);

	source_touch(source, head, now_ns);
	path_set_release(&source->paths, route->path);
	route->path = 0;
	if (route != head || route_table_next(table, route)) {
		route_table_remove(table, route);
		return;
	}
	source->live--;
	route->flags &= (uint8_t) ~(ROUTE_LIVE | ROUTE_SEEN | ROUTE_MISSED);
	if (!route->told && !(route->flags & ROUTE_OUT))
		source_remove_head(source, table, route);
}

static uint8_t rank_behind(struct source *source, const struct found *found)
{
	if (!found->same)
		return FIRST_RANK;
	if (found->most == LAST_RANK) {
		doubt(source);
		return LAST_RANK;
	}
	return (uint8_t)(found->most + 1);
}

static uint8_t rank_before(struct source *source, const struct found *found)
{
	if (!found->same)
		return FIRST_RANK;
	if (found->least == 0) {
		doubt(source);
		return 0;
	}
	return (uint8_t)(found->least - 1);
}

/* IPv4: a route replaces the first of its metric, is behind those (append) or before them (prepend). */
static int add_ipv4(struct source *source, struct found *found, const struct route_message *message, uint32_t path,
		    uint64_t now_ns)
{
	if ((message->flags & NLM_F_REPLACE) && found->first) {
		set_path(source, found, found->first, message, path, now_ns);
		return 0;
	}
	return add(source, found, message, path,
		   message->flags & NLM_F_APPEND ? rank_behind(source, found) : rank_before(source, found), now_ns);
}

/* IPv6: hops with gateways are added to those that there are; the message has all of them. */
static int add_ipv6(struct source *source, struct found *found, const struct route_message *message, uint32_t path,
		    uint64_t now_ns)
{
	struct route *replaced = is_ecmp(message) ? found->sibling : NULL;

	if (message->flags & NLM_F_REPLACE) {
		replaced = replaced ? replaced : found->first;
		if (found->same > 1)
			doubt(source); /* which ones the kernel has replaced depends on more than the message says */
	}
	if (replaced) {
		set_path(source, found, replaced, message, path, now_ns);
		return 0;
	}
	return add(source, found, message, path, rank_behind(source, found), now_ns);
}

static int take_new(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	uint32_t path = path_set_take(&source->paths, message);
	struct found found;

	if (!path)
		return -ENOMEM;
	found = find(source, message, path);
	if (found.exact) {
		path_set_release(&source->paths, path);
		confirm(found.exact);
		return 0;
	}
	return found.table->family == 4 ? add_ipv4(source, &found, message, path, now_ns)
					: add_ipv6(source, &found, message, path, now_ns);
}

/* IPv6: some of the hops go. */
static int take_hops_away(struct source *source, struct found *found, const struct route_message *message,
			  uint64_t now_ns)
{
	bool none;
	uint32_t path = path_set_without(&source->paths, found->sibling->path, message, &none);

	if (none) {
		drop(source, found->table, found->sibling, now_ns);
		return 0;
	}
	if (!path)
		return -ENOMEM;
	if (path == found->sibling->path)
		path_set_release(&source->paths, path);
	else
		set_path(source, found, found->sibling, message, path, now_ns);
	return 0;
}

static int take_gone(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	struct found found = find(source, message, path_set_find(&source->paths, message));

	if (found.exact)
		drop(source, found.table, found.exact, now_ns);
	else if (is_ecmp(message) && found.sibling)
		return take_hops_away(source, &found, message, now_ns);
	else if (found.same)
		doubt(source);
	else if (!found.live && source->beyond)
		source->beyond--;
	return 0;
}

static bool follows(const struct source *source, const struct route_message *message)
{
	const struct source_config *config = &source->config;

	if (!message->kind)
		return false;
	if (!config->protocols)
		return message->protocol != RTPROT_KERNEL;
	return memchr(config->protocol, message->protocol, config->protocols) != NULL;
}

int source_take(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	source->updates++;
	if (!follows(source, message)) {
		/* It may have replaced one that is followed. */
		if (message->added && (message->flags & NLM_F_REPLACE) && find(source, message, 0).same)
			doubt(source);
		return 0;
	}
	return message->added ? take_new(source, message, now_ns) : take_gone(source, message, now_ns);
}

void source_read_begin(struct source *source)
{
	source->beyond = 0;
	source->frozen = false;
	source->missed = false;
	for (int i = 0; i < 2; i++)
		for (size_t j = 0; j < source->routes[i].size; j++)
			route_table_slot(&source->routes[i], j)->flags &= (uint8_t)~ROUTE_SEEN;
}

/* The kernel shows routes of a prefix and metric in the order in which they count. */
int source_read(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	struct route *route;
	struct found found;
	uint32_t path;
	uint8_t rank;
	int error;

	if (!follows(source, message))
		return 0;
	path = path_set_take(&source->paths, message);
	if (!path)
		return -ENOMEM;
	found = find(source, message, path);
	rank = (uint8_t)(found.seen < LAST_RANK - FIRST_RANK ? FIRST_RANK + found.seen : LAST_RANK);
	route = found.exact;
	if (route) {
		path_set_release(&source->paths, path);
		if (found.same > 1 && route->rank != rank)
			source_touch(source, found.head, now_ns);
	} else if (found.stale) {
		route = found.stale;
		set_path(source, &found, route, message, path, now_ns);
	} else {
		error = add(source, &found, message, path, rank, now_ns);
		if (error)
			return error;
		route = find(source, message, path).exact;
	}
	if (route) {
		route->rank = rank;
		confirm(route);
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
			drop(source, table, route, now_ns);
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
			drop(source, table, route, now_ns);
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
		drop(source, table, route, now_ns);
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
