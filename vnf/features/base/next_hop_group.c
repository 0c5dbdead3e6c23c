/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "api/dp/limits.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"

#define WEIGHT_MAX 100

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__NextHopGroup *from = message;
	struct decode_item items[DP_MAX_GROUP_MEMBERS] = {0};
	struct next_hop_group *group;
	size_t count = from->n_members;

	if (count < 1 || count > DP_MAX_GROUP_MEMBERS) {
		decode_fault(decoder, "members", "has %zu members: 1 to %d", count, DP_MAX_GROUP_MEMBERS);
		count = count ? DP_MAX_GROUP_MEMBERS : 0;
	}
	group = (struct next_hop_group *)resource_new(RESOURCE_NEXT_HOP_GROUP,
						      sizeof(*group) + count * sizeof(group->member[0]));
	if (!group)
		return NULL;
	group->count = count;
	for (size_t i = 0; i < count; i++) {
		const Sluice__V1__NextHopGroupMember *member = from->members[i];
		size_t above = decoder_enter(decoder, "members[%zu]", i);

		group->member[i].next_hop = decode_name(decoder, RESOURCE_NEXT_HOP, "next_hop", member->next_hop);
		decode_range(decoder, "weight", member->weight, 0, WEIGHT_MAX);
		group->member[i].weight = member->weight ? (uint8_t)member->weight : 1;
		group->member[i].backup = member->backup;
		items[i] = (struct decode_item){(uintptr_t)group->member[i].next_hop, i};
		decoder_leave(decoder, above);
	}
	decode_duplicates(decoder, items, count, "members", ".next_hop");
	return &group->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct next_hop_group *group = (const struct next_hop_group *)resource;
	Sluice__V1__NextHopGroup *to = message;

	to->members = calloc(group->count, sizeof(to->members[0]));
	if (!to->members)
		return -ENOMEM;
	for (size_t i = 0; i < group->count; i++) {
		Sluice__V1__NextHopGroupMember *member = message_new(&sluice__v1__next_hop_group_member__descriptor);

		if (!member)
			return -ENOMEM;
		to->members[to->n_members++] = member;
		member->weight = group->member[i].weight;
		member->backup = group->member[i].backup;
		if (encode_text(&member->next_hop, group->member[i].next_hop->text))
			return -ENOMEM;
	}
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct next_hop_group *x = (const struct next_hop_group *)a, *y = (const struct next_hop_group *)b;

	if (x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (x->member[i].next_hop != y->member[i].next_hop || x->member[i].weight != y->member[i].weight ||
		    x->member[i].backup != y->member[i].backup)
			return false;
	return true;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct next_hop_group *group = (const struct next_hop_group *)resource;

	for (size_t i = 0; i < group->count; i++)
		if (group->member[i].next_hop)
			visit(&(struct reference){group->member[i].next_hop, "members", (long)i, "next_hop", false},
			      context);
}

/* The routes that use the group stay as they are, so here only their numbers matter. */
static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct next_hop_group *group = (const struct next_hop_group *)after;

	if (!before || !after)
		return;
	check_probed_members(check, group);
	if (!after->self->ipv6_users)
		return;
	for (size_t i = 0; i < group->count; i++)
		if (next_hop_is_ipv4_gateway(group->member[i].next_hop))
			check_fault(
				check, ERROR_INVALID_ARGUMENT, "members", (long)i, "next_hop",
				"next hop \"%s\" is an IPv4 gateway, but %u IPv6 routes use the group: give the next "
				"hop an IPv6 address, or those routes another group",
				group->member[i].next_hop->text, after->self->ipv6_users);
}

extern const struct kind_ops next_hop_group_ops;
const struct kind_ops next_hop_group_ops = {
	.kind = RESOURCE_NEXT_HOP_GROUP,
	.name = "next_hop_group",
	.label = "next-hop group",
	.plural = "next_hop_groups",
	.limit = LIMIT_next_hop_groups,
	.message = &sluice__v1__next_hop_group__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__NextHopGroup, name), 0},
	.size = sizeof(struct next_hop_group),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
};
