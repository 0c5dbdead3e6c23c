/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/nexthop_table.h"

#include <errno.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "vnf/sources/attributes.h"
#include "vnf/sources/mirror.h"

#define FIRST_BUCKETS 256

void nexthop_table_end(struct nexthop_table *table)
{
	for (size_t i = 0; i < table->buckets; i++) {
		for (struct nexthop *nexthop = table->bucket[i], *next; nexthop; nexthop = next) {
			next = nexthop->next;
			free(nexthop);
		}
	}
	free(table->bucket);
	*table = (struct nexthop_table){0};
}

static struct nexthop **position_of(const struct nexthop_table *table, uint32_t id)
{
	struct nexthop **position;

	if (!table->buckets)
		return NULL;
	position = &table->bucket[id % table->buckets];
	while (*position && (*position)->id != id)
		position = &(*position)->next;
	return position;
}

const struct nexthop *nexthop_table_find(const struct nexthop_table *table, uint32_t id)
{
	struct nexthop **position = position_of(table, id);

	return position ? *position : NULL;
}

/* Doubles the buckets where objects are many; without memory for that, chains become longer. */
static bool make_room(struct nexthop_table *table)
{
	size_t buckets = table->buckets ? table->buckets * 2 : FIRST_BUCKETS;
	struct nexthop **bucket;

	if (table->used < table->buckets)
		return true;
	bucket = calloc(buckets, sizeof(struct nexthop *));
	if (!bucket)
		return table->buckets > 0;
	for (size_t i = 0; i < table->buckets; i++) {
		for (struct nexthop *nexthop = table->bucket[i], *next; nexthop; nexthop = next) {
			next = nexthop->next;
			nexthop->next = bucket[nexthop->id % buckets];
			bucket[nexthop->id % buckets] = nexthop;
		}
	}
	free(table->bucket);
	table->bucket = bucket;
	table->buckets = buckets;
	return true;
}

/* What a message says. The members are the message's bytes. */
struct parsed {
	uint32_t id;
	struct kernel_hop hop;
	const uint8_t *group; /* struct nexthop_grp */
	size_t members;
};

static bool take_attribute(struct parsed *parsed, const struct rtattr *attribute)
{
	switch (attribute_type(attribute)) {
	case NHA_ID:
		return attribute_u32(attribute, &parsed->id);
	case NHA_GROUP:
		parsed->group = attribute_bytes(attribute);
		parsed->members = attribute_size(attribute) / sizeof(struct nexthop_grp);
		return true;
	case NHA_BLACKHOLE:
		parsed->hop.kind = SOURCE_HOP_BLACKHOLE;
		return true;
	case NHA_OIF:
		return attribute_u32(attribute, &parsed->hop.ifindex);
	case NHA_GATEWAY:
		return kernel_address(&parsed->hop.gateway, attribute_bytes(attribute), attribute_size(attribute));
	case NHA_ENCAP_TYPE:
	case NHA_FDB:
		parsed->hop.kind = 0;
		return true;
	default:
		return true;
	}
}

static bool parse(const struct nlmsghdr *header, struct parsed *parsed)
{
	const struct nhmsg *message = (const void *)(header + 1);
	const struct rtattr *attribute;
	struct attributes list;

	*parsed = (struct parsed){.hop = {.weight = 1, .kind = SOURCE_HOP_LINK}};
	if (header->nlmsg_len < sizeof(*header) + sizeof(*message) ||
	    (header->nlmsg_type != RTM_NEWNEXTHOP && header->nlmsg_type != RTM_DELNEXTHOP))
		return false;
	list = attributes_of(message + 1, header->nlmsg_len - sizeof(*header) - sizeof(*message));
	while ((attribute = attributes_next(&list)))
		if (!take_attribute(parsed, attribute))
			return false;
	if (parsed->hop.kind == SOURCE_HOP_LINK && parsed->hop.gateway.family)
		parsed->hop.kind = SOURCE_HOP_GATEWAY;
	return !list.malformed && parsed->id;
}

static struct nexthop *nexthop_new(const struct parsed *parsed)
{
	struct nexthop *nexthop = calloc(1, sizeof(*nexthop) + parsed->members * sizeof(nexthop->member[0]));

	if (!nexthop)
		return NULL;
	nexthop->id = parsed->id;
	nexthop->seen = true;
	nexthop->hop = parsed->hop;
	nexthop->members = parsed->members;
	for (size_t i = 0; i < parsed->members; i++) {
		const uint8_t *bytes = parsed->group + i * sizeof(struct nexthop_grp);

		/* Behind the weight is its high byte, since Linux 6.12; before, that was zero. */
		memcpy(&nexthop->member[i].id, bytes, sizeof(uint32_t));
		nexthop->member[i].weight = (uint32_t)(bytes[5] << 8 | bytes[4]) + 1;
	}
	return nexthop;
}

static bool equal(const struct nexthop *a, const struct nexthop *b)
{
	return a->members == b->members && memcmp(&a->hop, &b->hop, sizeof(a->hop)) == 0 &&
	       memcmp(a->member, b->member, a->members * sizeof(a->member[0])) == 0;
}

static void drop(struct nexthop_table *table, struct nexthop **position)
{
	struct nexthop *gone = *position;

	*position = gone->next;
	free(gone);
	table->used--;
	table->version++;
}

int nexthop_table_take(struct nexthop_table *table, const struct nlmsghdr *header, uint32_t *id)
{
	struct nexthop **position, *nexthop;
	struct parsed parsed;

	*id = 0;
	if (!parse(header, &parsed))
		return 0;
	*id = parsed.id;
	position = position_of(table, parsed.id);
	if (header->nlmsg_type == RTM_DELNEXTHOP) {
		if (!position || !*position)
			return 0;
		drop(table, position);
		return 1;
	}
	nexthop = nexthop_new(&parsed);
	if (!nexthop)
		return -ENOMEM;
	if (position && *position && equal(*position, nexthop)) {
		(*position)->seen = true;
		free(nexthop);
		return 0;
	}
	if (position && *position) {
		drop(table, position);
	} else if (!make_room(table)) {
		free(nexthop);
		return -ENOMEM;
	}
	position = &table->bucket[parsed.id % table->buckets];
	nexthop->next = *position;
	*position = nexthop;
	table->used++;
	table->version++;
	return 1;
}

void nexthop_table_read_begin(struct nexthop_table *table)
{
	for (size_t i = 0; i < table->buckets; i++)
		for (struct nexthop *nexthop = table->bucket[i]; nexthop; nexthop = nexthop->next)
			nexthop->seen = false;
}

bool nexthop_table_read_end(struct nexthop_table *table)
{
	bool some = false;

	for (size_t i = 0; i < table->buckets; i++) {
		struct nexthop **position = &table->bucket[i];

		while (*position) {
			if ((*position)->seen) {
				position = &(*position)->next;
				continue;
			}
			drop(table, position);
			some = true;
		}
	}
	return some;
}
