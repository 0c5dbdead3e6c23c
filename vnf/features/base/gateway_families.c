/* SPDX-License-Identifier: Apache-2.0 */
/* Address families of gateways: a route reaches only gateways of its own family, since RFC 8950 is not supported. */
#include "api/dp/limits.h"
#include "vnf/control/kinds/check.h"
#include "vnf/features/base/base.h"

#define KNOWN 0x80

uint8_t next_hop_families(const struct handle *handle)
{
	const struct next_hop *next_hop = (const struct next_hop *)handle->resource;

	if (!next_hop || next_hop->target != NEXT_HOP_GATEWAY)
		return 0;
	return next_hop->address.family == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
}

static uint8_t group_families(const struct next_hop_group *group)
{
	uint8_t all = 0;

	for (size_t i = 0; i < group->count; i++)
		all |= next_hop_families(group->member[i].next_hop);
	return all;
}

/* By group id; remembered, since a commit of many routes asks again and again. */
uint8_t check_group_families(struct check *check, const struct handle *handle)
{
	const struct next_hop_group *group = (const struct next_hop_group *)handle->resource;
	uint8_t *families = check_memory(check, RESOURCE_NEXT_HOP_GROUP, DP_MAX_GROUPS + 1);

	if (!families)
		return group_families(group);
	if (!families[handle->id])
		families[handle->id] = group_families(group) | KNOWN;
	return families[handle->id] & ~KNOWN;
}

static bool visit_group(void *object, void *context)
{
	const struct next_hop_group *group = object;
	uint32_t ipv6 = group->resource.self->ipv6_users, ipv4 = group->resource.self->users - ipv6;
	struct check *check = context;

	if (check_is_new(check, &group->resource))
		return true;
	for (size_t i = 0; i < group->count; i++) {
		uint8_t family = next_hop_families(group->member[i].next_hop);

		if (!((ipv4 && family == FAMILY_IPV6) || (ipv6 && family == FAMILY_IPV4)) ||
		    !check_attribute(check, group->member[i].next_hop->resource))
			continue;
		check_fault(check, ERROR_INVALID_ARGUMENT, "gateway.address", -1, NULL,
			    "%s routes use next-hop group \"%s\", which has this next hop: RFC 8950 is not supported",
			    family == FAMILY_IPV6 ? "IPv4" : "IPv6", group->resource.self->text);
	}
	return true;
}

void check_gateway_families(struct check *check)
{
	check_walk(check, RESOURCE_NEXT_HOP_GROUP, visit_group, check);
}
