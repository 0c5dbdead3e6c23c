/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/acknowledge.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "vnf/core/log.h"
#include "vnf/sources/source_change.h"

#define SOME	 256   /* routes at a time: a few milliseconds of the kernel's */
#define MESSAGES 32768 /* bytes of a datagram of several */

void acknowledge_queue(struct source *source, struct batch *batch)
{
	struct acknowledgement *queued, **end = &source->acknowledgements;

	if (!batch->batch.changes)
		return;
	queued = calloc(1, sizeof(*queued));
	if (!queued) {
		log_error("table %u: out of memory: %zu routes are not acknowledged", source->config.table,
			  batch->batch.changes);
		return;
	}
	queued->changes = batch->batch.changes;
	queued->change = batch->batch.change;
	batch->batch.changes = 0;
	batch->batch.change = NULL;
	while (*end)
		end = &(*end)->next;
	*end = queued;
}

static void drop_first(struct source *source)
{
	struct acknowledgement *first = source->acknowledgements;

	source->acknowledgements = first->next;
	free(first->change);
	free(first);
}

void acknowledge_end(struct source *source)
{
	while (source->acknowledgements)
		drop_first(source);
}

/* A message that grows; `failed`: it has no room for all. */
struct writer {
	uint8_t *bytes;
	size_t used, room;
	bool failed;
};

static void *put(struct writer *writer, size_t size)
{
	size_t aligned = NLMSG_ALIGN(size);
	void *place = writer->bytes + writer->used;

	if (writer->failed || aligned > writer->room - writer->used) {
		writer->failed = true;
		return NULL;
	}
	memset(place, 0, aligned);
	writer->used += aligned;
	return place;
}

static void put_attribute(struct writer *writer, uint16_t type, const void *bytes, size_t size)
{
	struct rtattr *attribute = put(writer, RTA_LENGTH(size));

	if (!attribute)
		return;
	attribute->rta_type = type;
	attribute->rta_len = (uint16_t)RTA_LENGTH(size);
	memcpy(attribute + 1, bytes, size);
}

static void put_gateway(struct writer *writer, const struct ip_address *gateway)
{
	uint8_t via[sizeof(uint16_t) + 16];
	const uint16_t family = AF_INET6;

	if (gateway->family == 4) {
		put_attribute(writer, RTA_GATEWAY, gateway->byte, 4);
	} else if (gateway->family == 6) {
		memcpy(via, &family, sizeof(family));
		memcpy(via + sizeof(family), gateway->byte, 16);
		put_attribute(writer, RTA_VIA, via, sizeof(via));
	}
}

static void put_hops(struct writer *writer, const struct kernel_hop *hop, size_t hops)
{
	struct rtattr *list = put(writer, sizeof(*list));
	size_t start = writer->used;

	for (size_t i = 0; i < hops; i++) {
		struct rtnexthop *nexthop = put(writer, sizeof(*nexthop));
		size_t begin = writer->used;

		put_gateway(writer, &hop[i].gateway);
		if (!nexthop)
			return;
		nexthop->rtnh_ifindex = (int)hop[i].ifindex;
		nexthop->rtnh_hops = (uint8_t)(hop[i].weight - 1);
		nexthop->rtnh_flags = hop[i].onlink ? RTNH_F_ONLINK : 0;
		nexthop->rtnh_len = (uint16_t)(sizeof(*nexthop) + writer->used - begin);
	}
	if (!list)
		return;
	list->rta_type = RTA_MULTIPATH;
	list->rta_len = (uint16_t)(sizeof(*list) + writer->used - start);
}

static void put_route(struct writer *writer, const struct source *source, const struct ip_prefix *prefix,
		      const struct route *route, const struct path_content *content)
{
	struct nlmsghdr *header = put(writer, sizeof(*header));
	struct rtmsg *message = put(writer, sizeof(*message));

	if (!message)
		return;
	header->nlmsg_type = RTM_NEWROUTE;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_REPLACE;
	*message = (struct rtmsg){.rtm_family = AF_INET,
				  .rtm_dst_len = prefix->length,
				  .rtm_table = RT_TABLE_UNSPEC,
				  .rtm_protocol = route->protocol,
				  .rtm_scope = content->scope,
				  .rtm_type = RTN_UNICAST,
				  .rtm_flags = RTM_F_OFFLOAD};
	put_attribute(writer, RTA_DST, prefix->address.byte, 4);
	put_attribute(writer, RTA_TABLE, &source->config.table, sizeof(source->config.table));
	if (route->metric)
		put_attribute(writer, RTA_PRIORITY, &route->metric, sizeof(route->metric));
}

size_t acknowledge_write(const struct source *source, const struct ip_prefix *prefix, const struct route *route,
			 uint8_t *bytes, size_t room)
{
	struct writer writer = {.bytes = bytes, .room = room};
	const struct path_content *content = intern_bytes(&source->paths.content, route->path);
	size_t hops = path_set_hops(&source->paths, route->path);

	/* What isn't known of it would be lost: its preferred source, its MTU, hops with an encapsulation. A route of
	 * metric 0 may stand behind the kernel's own one of the same prefix, in whose place it would come. */
	if (prefix->address.family != 4 || !route->metric || content->kind != SOURCE_HOP_GATEWAY || content->special ||
	    content->cut || (!content->nexthop && hops < 2))
		return 0;
	for (size_t i = 0; i < hops; i++)
		if (!content->hop[i].kind)
			return 0;
	put_route(&writer, source, prefix, route, content);
	if (content->nexthop)
		put_attribute(&writer, RTA_NH_ID, &content->nexthop, sizeof(content->nexthop));
	else
		put_hops(&writer, content->hop, hops);
	if (writer.failed)
		return 0;
	((struct nlmsghdr *)bytes)->nlmsg_len = (uint32_t)writer.used;
	return writer.used;
}

/* Are there others of the same metric? Which of them the kernel would replace depends on what comes meanwhile. */
static bool has_others(const struct route_table *table, const struct route *head, const struct route *best)
{
	for (const struct route *route = head; route; route = route_table_next(table, route))
		if (route != best && (route->flags & ROUTE_LIVE) && route->metric == best->metric)
			return true;
	return false;
}

/* The bytes of its message; 0: it has changed since, or isn't to be acknowledged. */
static size_t write_change(struct source *source, const struct source_change *change, uint8_t *bytes, size_t room)
{
	const struct route_table *table = source_table(source, change->prefix.address.family);
	struct route *head = route_table_head(table, &change->prefix), *best;

	if (!change->group || change->guard || !head || (head->flags & (ROUTE_DIRTY | ROUTE_OUT)) ||
	    head->told != change->group)
		return 0;
	best = source_best(table, head);
	if (!best || source->paths.path[best->path].dead || has_others(table, head, best))
		return 0;
	return acknowledge_write(source, &change->prefix, best, bytes, room);
}

bool acknowledge_some(struct source *source, struct kernel_sockets *sockets)
{
	size_t used = 0;

	/* What is about to be read again may not be as it is here. */
	for (size_t i = 0; i < SOME && source->acknowledgements && !source->resync; i++) {
		struct acknowledgement *first = source->acknowledgements;
		size_t size = 0;

		if (first->done < first->changes)
			size = write_change(source, &first->change[first->done++], sockets->buffer + used,
					    KERNEL_BUFFER - used);
		if (size)
			((struct nlmsghdr *)(sockets->buffer + used))->nlmsg_seq = ++sockets->sequence;
		used += size;
		if (used > MESSAGES) {
			kernel_sockets_order(sockets, used);
			used = 0;
		}
		if (first->done == first->changes)
			drop_first(source);
	}
	if (used)
		kernel_sockets_order(sockets, used);
	return source->acknowledgements != NULL;
}

void acknowledge_take_echo(struct source *source, const struct route_message *message, uint64_t now_ns)
{
	struct found found;

	if (!message->added)
		return;
	found = change_find(source, message, path_set_find(&source->paths, message));
	if (found.same > 1)
		change_doubt(source); /* another has come in that instant, and may be gone */
	if (found.exact)
		source->acknowledged += message->offloaded;
	else if (found.head)
		source_touch(source, found.head, now_ns);
}
