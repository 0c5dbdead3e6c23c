/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel announces about routes, taken into a source. */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "vnf/sources/source_change.h"

static bool is_ecmp(const struct route_message *message)
{
	return message->prefix.address.family == 6 && message->kind == SOURCE_HOP_GATEWAY && !message->nexthop &&
	       message->hops && message->hop[0].gateway.family;
}

/* The message is about a route that isn't here. What comes right after a reading may be older than that, and is right
 * by the last of these messages. */
static void miss(struct source *source)
{
	if (!source->replaying)
		change_doubt(source);
}

static uint8_t rank_behind(struct source *source, const struct found *found)
{
	if (!found->same)
		return FIRST_RANK;
	if (found->most == LAST_RANK) {
		change_doubt(source);
		return LAST_RANK;
	}
	return (uint8_t)(found->most + 1);
}

static uint8_t rank_before(struct source *source, const struct found *found)
{
	if (!found->same)
		return FIRST_RANK;
	if (found->least == 0) {
		change_doubt(source);
		return 0;
	}
	return (uint8_t)(found->least - 1);
}

/* IPv4: a route replaces the first of its metric, is behind those (append) or before them (prepend). */
static int add_ipv4(struct source *source, struct found *found, const struct route_message *message, uint32_t path,
		    uint64_t now_ns)
{
	if ((message->flags & NLM_F_REPLACE) && found->first) {
		change_set_path(source, found, found->first, message, path, now_ns);
		return 0;
	}
	return change_add(source, found, message, path,
			  message->flags & NLM_F_APPEND ? rank_behind(source, found) : rank_before(source, found),
			  now_ns);
}

/* IPv6: hops with gateways are added to those that there are; the message has all of them. Each keeps its place among
 * others of the metric, which no message says. */
static int add_ipv6(struct source *source, struct found *found, const struct route_message *message, uint32_t path,
		    uint64_t now_ns)
{
	struct route *replaced = is_ecmp(message) ? found->sibling : NULL;

	if (message->flags & NLM_F_REPLACE)
		replaced = replaced ? replaced : found->first;
	if (found->same > 1)
		change_doubt(source);
	if (replaced) {
		change_set_path(source, found, replaced, message, path, now_ns);
		return 0;
	}
	return change_add(source, found, message, path, rank_behind(source, found), now_ns);
}

static int take_new(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	uint32_t path = path_set_take(&source->paths, message);
	struct found found;

	if (!path)
		return -ENOMEM;
	found = change_find(source, message, path);
	if (found.exact) {
		path_set_release(&source->paths, path);
		change_confirm(found.exact);
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
		change_drop(source, found->table, found->sibling, now_ns);
		return 0;
	}
	if (!path)
		return -ENOMEM;
	if (path == found->sibling->path)
		path_set_release(&source->paths, path);
	else
		change_set_path(source, found, found->sibling, message, path, now_ns);
	return 0;
}

static int take_gone(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	struct found found = change_find(source, message, path_set_find(&source->paths, message));

	if (found.table->family == 6 && found.same > 1)
		change_doubt(source);
	if (found.exact)
		change_drop(source, found.table, found.exact, now_ns);
	else if (is_ecmp(message) && found.sibling)
		return take_hops_away(source, &found, message, now_ns);
	else if (found.same)
		miss(source);
	else if (!found.live && source->beyond)
		source->beyond--;
	return 0;
}

int source_take(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	source->updates++;
	if (!change_follows(source, message)) {
		/* It may have replaced one that is followed. */
		if (message->added && (message->flags & NLM_F_REPLACE) && change_find(source, message, 0).same)
			miss(source);
		return 0;
	}
	return message->added ? take_new(source, message, now_ns) : take_gone(source, message, now_ns);
}
