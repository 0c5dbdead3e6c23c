/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/dp/counters.h"
#include "api/dp/limits.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/chain/chain.h"

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__PortPairGroup *from = message;
	struct decode_item items[DP_STAGE_MEMBERS] = {0};
	struct port_pair_group *group;
	size_t count = from->n_port_pairs;

	if (count < 1 || count > DP_STAGE_MEMBERS) {
		decode_fault(decoder, "port_pairs", "has %zu port pairs: 1 to %d", count, DP_STAGE_MEMBERS);
		count = count ? DP_STAGE_MEMBERS : 0;
	}
	group = (struct port_pair_group *)resource_new(RESOURCE_PORT_PAIR_GROUP,
						       sizeof(*group) + count * sizeof(group->port_pair[0]));
	if (!group)
		return NULL;
	group->count = count;
	for (size_t i = 0; i < count; i++) {
		char field[64];

		snprintf(field, sizeof(field), "port_pairs[%zu]", i);
		group->port_pair[i] = decode_name(decoder, RESOURCE_PORT_PAIR, field, from->port_pairs[i]);
		items[i] = (struct decode_item){(uintptr_t)group->port_pair[i], i};
	}
	decode_duplicates(decoder, items, count, "port_pairs", "");
	decode_range(decoder, "failure_mode", (uint32_t)from->failure_mode, 0, 2);
	group->fail_open = from->failure_mode == SLUICE__V1__FAILURE_MODE__FAILURE_MODE_FAIL_OPEN;
	return &group->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct port_pair_group *group = (const struct port_pair_group *)resource;
	Sluice__V1__PortPairGroup *to = message;

	to->failure_mode = group->fail_open ? SLUICE__V1__FAILURE_MODE__FAILURE_MODE_FAIL_OPEN
					    : SLUICE__V1__FAILURE_MODE__FAILURE_MODE_FAIL_CLOSED;
	return encode_names(&to->port_pairs, &to->n_port_pairs, group->port_pair, group->count);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct port_pair_group *x = (const struct port_pair_group *)a, *y = (const struct port_pair_group *)b;

	if (x->fail_open != y->fail_open || x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (x->port_pair[i] != y->port_pair[i])
			return false;
	return true;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct port_pair_group *group = (const struct port_pair_group *)resource;

	for (size_t i = 0; i < group->count; i++)
		if (group->port_pair[i])
			visit(&(struct reference){group->port_pair[i], "port_pairs", (long)i, NULL, false}, context);
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct port_pair_group *group = (const struct port_pair_group *)resource;

	for (size_t i = 0; i < group->count; i++)
		visit(&(struct holding){.key = {.rule = &unique_use_rule, .handle = group->port_pair[i]},
					.holder = resource->self,
					.field = "port_pairs",
					.index = (long)i},
		      context);
}

extern const struct kind_ops port_pair_group_ops;
const struct kind_ops port_pair_group_ops = {
	.kind = RESOURCE_PORT_PAIR_GROUP,
	.name = "port_pair_group",
	.label = "port pair group",
	.plural = "port_pair_groups",
	.limit = LIMIT_port_pair_groups,
	.message = &sluice__v1__port_pair_group__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__PortPairGroup, name), 0},
	.size = sizeof(struct port_pair_group),
	.counters = {{DP_COUNTER_STAGES, offsetof(Sluice__V1__ResourceState, counters)}},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
};
