/* SPDX-License-Identifier: Apache-2.0 */
/* Address families of gateways: an IPv4 route may go to a gateway of either (RFC 8950), an IPv6 route only to IPv6
 * ones. */
#include "api/dp/limits.h"
#include "vnf/control/kinds/check.h"
#include "vnf/features/base/base.h"

#define KNOWN	     0x80
#define IPV4_GATEWAY 1

bool next_hop_is_ipv4_gateway(const struct handle *handle)
{
	const struct next_hop *next_hop = (const struct next_hop *)handle->resource;

	return next_hop && next_hop->target == NEXT_HOP_GATEWAY && next_hop->address.family == 4;
}

static uint8_t has_ipv4_gateway(const struct next_hop_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (next_hop_is_ipv4_gateway(group->member[i].next_hop))
			return IPV4_GATEWAY;
	return 0;
}

/* By group id; remembered, since a commit of many routes asks again and again. */
bool check_group_has_ipv4_gateway(struct check *check, const struct handle *handle)
{
	const struct next_hop_group *group = (const struct next_hop_group *)handle->resource;
	uint8_t *known = check_memory(check, RESOURCE_NEXT_HOP_GROUP, DP_MAX_GROUPS + 1);

	if (!known)
		return has_ipv4_gateway(group);
	if (!known[handle->id])
		known[handle->id] = has_ipv4_gateway(group) | KNOWN;
	return known[handle->id] & IPV4_GATEWAY;
}

static bool visit_group(void *object, void *context)
{
	const struct next_hop_group *group = object;
	struct check *check = context;

	if (check_is_new(check, &group->resource) || !group->resource.self->ipv6_users)
		return true;
	for (size_t i = 0; i < group->count; i++) {
		if (!next_hop_is_ipv4_gateway(group->member[i].next_hop) ||
		    !check_attribute(check, group->member[i].next_hop->resource))
			continue;
		check_fault(check, ERROR_INVALID_ARGUMENT, "gateway.address", -1, NULL,
			    "IPv6 routes use next-hop group \"%s\", which has this next hop: give it an IPv6 address",
			    group->resource.self->text);
	}
	return true;
}

void check_gateway_families(struct check *check)
{
	check_walk(check, RESOURCE_NEXT_HOP_GROUP, visit_group, check);
}
