/* SPDX-License-Identifier: Apache-2.0 */
/* What health monitors are attached to. The next hops of a group that has one are gateways: else nobody answers. */
#include <stdio.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"

static void probed(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "%s \"%s\" has the health monitor \"%s\" already: change that one, or delete it",
		 kind_ops(holding->key.handle->kind)->label, holding->key.handle->text, holder->text);
}

const struct unique_rule probed_rule = {.taken = probed};

/* NULL: the group has none. */
static const struct handle *monitor_of(const struct check *check, const struct handle *group)
{
	const struct unique_key key = {.rule = &probed_rule, .handle = group};

	return unique_keys_holder(check->unique_keys, &key);
}

static bool has_no_address(const struct handle *next_hop)
{
	return next_hop->resource && ((const struct next_hop *)next_hop->resource)->target != NEXT_HOP_GATEWAY;
}

void check_probed_group(struct check *check, const struct handle *handle)
{
	const struct next_hop_group *group = (const struct next_hop_group *)handle->resource;

	for (size_t i = 0; group && i < group->count; i++)
		if (has_no_address(group->member[i].next_hop))
			check_fault(
				check, ERROR_INVALID_ARGUMENT, "next_hop_group", -1, NULL,
				"next hop \"%s\" of \"%s\" is no gateway, so that there is no address to probe: name "
				"a group of gateways alone",
				group->member[i].next_hop->text, handle->text);
}

void check_probed_members(struct check *check, const struct next_hop_group *group)
{
	const struct handle *monitor = monitor_of(check, group->resource.self);

	if (!monitor || check_is_new(check, monitor->resource)) /* which is blamed itself */
		return;
	for (size_t i = 0; i < group->count; i++)
		if (has_no_address(group->member[i].next_hop))
			check_fault(check, ERROR_INVALID_ARGUMENT, "members", (long)i, "next_hop",
				    "\"%s\" is no gateway, and health monitor \"%s\" probes the group: name gateways "
				    "alone, or delete the monitor first",
				    group->member[i].next_hop->text, monitor->text);
}

static bool visit_group(void *object, void *context)
{
	const struct next_hop_group *group = object;
	struct check *check = context;
	const struct handle *monitor = monitor_of(check, group->resource.self);

	if (!monitor || check_is_new(check, monitor->resource) || check_is_new(check, &group->resource))
		return true;
	for (size_t i = 0; i < group->count; i++)
		if (has_no_address(group->member[i].next_hop) &&
		    check_attribute(check, group->member[i].next_hop->resource))
			check_fault(
				check, ERROR_INVALID_ARGUMENT, NULL, -1, NULL,
				"is no gateway any more, but health monitor \"%s\" probes next-hop group \"%s\", which "
				"has this one: leave it a gateway, or delete the monitor first",
				monitor->text, group->resource.self->text);
	return true;
}

void check_probed_next_hops(struct check *check)
{
	check_walk(check, RESOURCE_NEXT_HOP_GROUP, visit_group, check);
}
