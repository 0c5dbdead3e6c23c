/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/path_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEAD offsetof(struct path_content, hop)

void path_set_init(struct path_set *set, struct group_set *groups, const struct nexthop_table *nexthops,
		   struct hop_list *list)
{
	*set = (struct path_set){.groups = groups, .nexthops = nexthops, .list = list};
}

void path_set_end(struct path_set *set)
{
	intern_end(&set->content);
	free(set->path);
	set->path = NULL;
}

static const struct path_content *content_of(const struct path_set *set, uint32_t number)
{
	return intern_bytes(&set->content, number);
}

size_t path_set_hops(const struct path_set *set, uint32_t number)
{
	return (intern_size(&set->content, number) - HEAD) / sizeof(struct kernel_hop);
}

static void add_hop(const struct path_set *set, const struct kernel_hop *hop, uint32_t weight)
{
	struct source_hop tunnel = {0};
	struct weighted_hop *added;
	int error = -ENOENT;

	if (!hop->kind)
		return; /* can't be used here */
	if (set->evpn && (hop->kind == SOURCE_HOP_GATEWAY || hop->kind == SOURCE_HOP_LINK))
		error = evpn_hop(set->evpn, hop->ifindex, &hop->gateway, &tunnel);
	if (error == -EAGAIN)
		return; /* a tunnel whose other end is not known */
	added = hop_list_add(set->list);
	if (!added)
		return;
	added->weight = weight;
	if (!error) {
		memcpy(&added->hop, &tunnel, sizeof(tunnel));
		return;
	}
	added->hop.kind = (enum source_hop_kind)hop->kind;
	if (hop->kind == SOURCE_HOP_GATEWAY || hop->kind == SOURCE_HOP_LINK)
		added->hop.ifindex = hop->ifindex;
	added->hop.gateway = hop->gateway;
}

static void add_nexthop(const struct path_set *set, uint32_t id)
{
	const struct nexthop *nexthop = nexthop_table_find(set->nexthops, id), *single;

	if (!nexthop)
		return;
	if (!nexthop->members) {
		add_hop(set, &nexthop->hop, 1);
		return;
	}
	for (size_t i = 0; i < nexthop->members; i++) {
		single = nexthop_table_find(set->nexthops, nexthop->member[i].id);
		if (single && !single->members)
			add_hop(set, &single->hop, nexthop->member[i].weight);
	}
}

/* Where the path leads, live once more; 0: out of memory. */
static uint32_t group_of(const struct path_set *set, uint32_t number)
{
	const struct path_content *content = content_of(set, number);
	const struct kernel_hop discard = {.kind = content->kind};

	set->list->hops = 0;
	set->list->cut = content->cut;
	if (content->kind != SOURCE_HOP_GATEWAY)
		add_hop(set, &discard, 1);
	else if (content->nexthop)
		add_nexthop(set, content->nexthop);
	else
		for (size_t i = 0; i < path_set_hops(set, number); i++)
			add_hop(set, &content->hop[i], content->hop[i].weight);
	return group_set_take(set->groups, set->list);
}

static bool make_room(struct path_set *set)
{
	struct path *path;

	if (set->paths >= set->content.items)
		return true;
	path = reallocarray(set->path, set->content.items, sizeof(*path));
	if (!path)
		return false;
	memset(path + set->paths, 0, (set->content.items - set->paths) * sizeof(*path));
	set->path = path;
	set->paths = set->content.items;
	return true;
}

static uint32_t take(struct path_set *set, const struct path_content *content, size_t size)
{
	uint32_t number = intern_take(&set->content, content, size);
	uint32_t group;

	if (!number || set->content.item[number].references > 1)
		return number;
	group = make_room(set) ? group_of(set, number) : 0;
	if (!group) {
		intern_release(&set->content, number);
		return 0;
	}
	set->path[number] = (struct path){.group = group};
	return number;
}

/* Returns the content's size. A nexthop object stands for its hops, whether the message has them expanded or not. */
static size_t content_from(const struct route_message *message, struct path_content *content)
{
	size_t hops = message->nexthop ? 0 : message->hops;

	memset(content, 0, HEAD);
	content->nexthop = message->nexthop;
	content->kind = message->kind;
	content->cut = message->nexthop ? 0 : message->cut;
	content->special = message->special;
	content->scope = message->scope;
	memcpy(content->hop, message->hop, hops * sizeof(content->hop[0]));
	return HEAD + hops * sizeof(content->hop[0]);
}

uint32_t path_set_take(struct path_set *set, const struct route_message *message)
{
	struct path_content content;
	size_t size = content_from(message, &content);

	return take(set, &content, size);
}

uint32_t path_set_find(const struct path_set *set, const struct route_message *message)
{
	struct path_content content;
	size_t size = content_from(message, &content);

	return intern_find(&set->content, &content, size);
}

static bool has_hop(const struct route_message *message, const struct kernel_hop *hop)
{
	for (size_t i = 0; i < message->hops; i++)
		if (message->hop[i].ifindex == hop->ifindex &&
		    ip_address_compare(&message->hop[i].gateway, &hop->gateway) == 0)
			return true;
	return false;
}

uint32_t path_set_without(struct path_set *set, uint32_t number, const struct route_message *message, bool *none)
{
	const struct path_content *whole = content_of(set, number);
	struct path_content content;
	size_t hops = 0;

	memcpy(&content, whole, HEAD);
	for (size_t i = 0; i < path_set_hops(set, number); i++)
		if (!has_hop(message, &whole->hop[i]))
			content.hop[hops++] = whole->hop[i];
	*none = hops == 0;
	return hops ? take(set, &content, HEAD + hops * sizeof(content.hop[0])) : 0;
}

void path_set_release(struct path_set *set, uint32_t number)
{
	uint32_t group = set->path[number].group;

	if (intern_release(&set->content, number))
		group_set_release(set->groups, group);
}

bool path_set_is_ecmp(const struct path_set *set, uint32_t number)
{
	const struct path_content *content = content_of(set, number);

	return content->kind == SOURCE_HOP_GATEWAY && !content->nexthop && path_set_hops(set, number) &&
	       content->hop[0].gateway.family;
}

void path_set_lose_nexthop(struct path_set *set, uint32_t id)
{
	for (uint32_t number = 1; number < set->paths; number++) {
		if (!set->content.item[number].bytes || set->path[number].dead ||
		    content_of(set, number)->nexthop != id)
			continue;
		intern_hide(&set->content, number);
		set->path[number].dead = set->dead = true;
	}
}

int path_set_update(struct path_set *set)
{
	const uint64_t version = set->evpn ? evpn_version(set->evpn) : 0;
	const bool nexthops = set->version != set->nexthops->version, evpn = set->evpn_version != version;

	if (!nexthops && !evpn)
		return 0;
	for (uint32_t number = 1; number < set->paths; number++) {
		struct path *path = &set->path[number];
		uint32_t group;

		if (!set->content.item[number].bytes || path->dead)
			continue;
		if (!evpn && !content_of(set, number)->nexthop)
			continue;
		group = group_of(set, number);
		if (!group)
			return -ENOMEM;
		group_set_release(set->groups, path->group);
		if (group == path->group)
			continue;
		path->group = group;
		path->moved = set->moved = true;
	}
	set->version = set->nexthops->version;
	set->evpn_version = version;
	return 0;
}

void path_set_settled(struct path_set *set)
{
	set->dead = set->moved = false;
	for (uint32_t number = 1; number < set->paths; number++)
		set->path[number].moved = false;
}
