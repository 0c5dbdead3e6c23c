/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/dp/limits.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/policy/members.h"
#include "vnf/features/policy/policy.h"

static void decode_groups(struct decoder *decoder, const Sluice__V1__AddressGroup *from, struct address_group *group)
{
	struct decode_item *items = calloc(group->group_count ? group->group_count : 1, sizeof(*items));

	if (!items) {
		decode_no_memory(decoder);
		return;
	}
	for (size_t i = 0; i < group->group_count; i++) {
		char field[64];

		snprintf(field, sizeof(field), "address_groups[%zu]", i);
		group->group[i] = decode_name(decoder, RESOURCE_ADDRESS_GROUP, field, from->address_groups[i]);
		items[i] = (struct decode_item){(uintptr_t)group->group[i], i};
	}
	decode_duplicates(decoder, items, group->group_count, "address_groups", "");
	free(items);
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__AddressGroup *from = message;
	size_t count = members_count(decoder, "addresses", from->n_addresses), groups = from->n_address_groups;
	struct address_group *group;

	if (groups > DP_MAX_ADDRESS_GROUPS) {
		decode_fault(decoder, "address_groups", "has %zu names: at most %d", groups, DP_MAX_ADDRESS_GROUPS);
		groups = 0;
	}
	group = (struct address_group *)resource_new(RESOURCE_ADDRESS_GROUP, sizeof(*group) +
										     groups * sizeof(group->group[0]) +
										     count * sizeof(*group->address));
	if (!group)
		return NULL;
	group->count = count;
	group->group_count = groups;
	group->address = (struct ip_prefix *)(group->group + groups);
	members_decode(decoder, "addresses", from->addresses, group->address, count);
	decode_groups(decoder, from, group);
	return &group->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct address_group *group = (const struct address_group *)resource;
	Sluice__V1__AddressGroup *to = message;

	if (group->count && members_encode(&to->addresses, &to->n_addresses, group->address, group->count))
		return -ENOMEM;
	if (!group->group_count)
		return 0;
	return encode_names(&to->address_groups, &to->n_address_groups, group->group, group->group_count);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct address_group *x = (const struct address_group *)a, *y = (const struct address_group *)b;

	if (x->group_count != y->group_count || !members_equal(x->address, x->count, y->address, y->count))
		return false;
	for (size_t i = 0; i < x->group_count; i++)
		if (x->group[i] != y->group[i])
			return false;
	return true;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct address_group *group = (const struct address_group *)resource;

	for (size_t i = 0; i < group->group_count; i++)
		if (group->group[i])
			visit(&(struct reference){group->group[i], "address_groups", (long)i, NULL, false}, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	(void)before;
	/* What nothing refers to, or refers to nothing, is on no cycle. */
	if (after && ((const struct address_group *)after)->group_count && after->self->users)
		check_at_end(check, check_address_group_cycles);
}

extern const struct kind_ops address_group_ops;
const struct kind_ops address_group_ops = {
	.kind = RESOURCE_ADDRESS_GROUP,
	.name = "address_group",
	.label = "address group",
	.plural = "address_groups",
	.limit = LIMIT_address_groups,
	.message = &sluice__v1__address_group__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__AddressGroup, name), 0},
	.size = sizeof(struct address_group),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
};
