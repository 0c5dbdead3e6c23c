/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/seen/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/counters.h"
#include "api/dp/observe.h"
#include "vnf/control/kinds/key.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

void seen_names_init(struct seen_names *names, const struct snapshot *snapshot, const struct dp_limits *limits)
{
	*names = (struct seen_names){.snapshot = snapshot, .limits = limits};
}

void seen_names_clear(struct seen_names *names)
{
	for (size_t i = 0; i < RESOURCE_KINDS; i++)
		free(names->kind[i].by_id);
	*names = (struct seen_names){0};
}

static uint32_t highest_id(const struct snapshot *snapshot, enum resource_kind kind)
{
	const struct resource *resource = NULL;
	uint32_t highest = 0;

	while ((resource = snapshot_next(snapshot, kind, resource)))
		if (resource_id(resource) > highest)
			highest = resource_id(resource);
	return highest;
}

/* False: no memory. */
static bool look_through(struct seen_names *names, enum resource_kind kind)
{
	const struct resource *resource = NULL;
	const uint32_t most = highest_id(names->snapshot, kind);
	const struct resource **by_id = calloc(most + 1UL, sizeof(const struct resource *));

	if (!by_id)
		return false;
	while ((resource = snapshot_next(names->snapshot, kind, resource)))
		if (resource_id(resource) <= most) /* those that go meanwhile give their ids back */
			by_id[resource_id(resource)] = resource;
	by_id[0] = NULL;
	names->kind[kind].by_id = by_id;
	names->kind[kind].most = most;
	return true;
}

static const struct resource *search(const struct seen_names *names, enum resource_kind kind, uint32_t id)
{
	const struct resource *resource = NULL;

	while ((resource = snapshot_next(names->snapshot, kind, resource)))
		if (resource_id(resource) == id)
			return resource;
	return NULL;
}

const struct resource *seen_resource(struct seen_names *names, enum resource_kind kind, uint32_t id)
{
	if (!id)
		return NULL;
	if (!names->kind[kind].by_id && !look_through(names, kind))
		return search(names, kind, id);
	return id <= names->kind[kind].most ? names->kind[kind].by_id[id] : NULL;
}

const struct resource *seen_rule(struct seen_names *names, uint32_t id)
{
	const struct resource *rule = seen_resource(names, RESOURCE_POLICY_RULE, id);

	return rule ? rule : seen_resource(names, RESOURCE_SECURITY_GROUP_RULE, id);
}

/* Those that were learned have the key of each source that learned them. */
static const struct resource *find_learned(const struct snapshot *snapshot, const struct resource_key *key, uint32_t id)
{
	const struct resource *route = snapshot_after(snapshot, RESOURCE_SOURCE_ROUTE, key);

	while (route && resource_vrf_key(route)->prefix.length == key->prefix->length &&
	       ip_prefix_compare(&resource_vrf_key(route)->prefix, key->prefix) == 0 &&
	       strcmp(resource_vrf_key(route)->vrf->text, key->text) == 0) {
		if (resource_id(route) == id)
			return route;
		route = snapshot_next(snapshot, RESOURCE_SOURCE_ROUTE, route);
	}
	return NULL;
}

/* Of a million routes no table of ids is made: there are at most 129 prefixes that can be meant. */
const struct resource *seen_route(struct seen_names *names, uint16_t vrf, const struct dp_address *destination,
				  uint32_t id)
{
	const uint32_t members = dp_counter_members(names->limits->routes) - DP_COUNTER_ROUTES;
	const struct resource *in = seen_resource(names, RESOURCE_VRF, vrf);
	struct ip_address address;

	if (id > members)
		return seen_resource(names, RESOURCE_MEMBER, id - members);
	if (!id || !in)
		return NULL;
	ip_address_unmap(destination->byte, &address);
	for (int length = address.family == 4 ? 32 : 128; length >= 0; length--) {
		const struct ip_prefix prefix = ip_prefix_of(&address, (uint8_t)length);
		const struct resource_key key = {.text = in->self->text, .prefix = &prefix};
		const struct resource *route = snapshot_find_key(names->snapshot, RESOURCE_ROUTE, &key);

		if (route && resource_id(route) == id)
			return route;
		route = find_learned(names->snapshot, &key, id);
		if (route)
			return route;
	}
	return NULL;
}

const struct resource *seen_underlay_route(struct seen_names *names, const struct dp_step *step)
{
	const struct tunnel_endpoint *endpoint =
		(const struct tunnel_endpoint *)seen_resource(names, RESOURCE_TUNNEL_ENDPOINT, step->encapsulated);
	const struct resource *vrf =
		endpoint ? snapshot_find(names->snapshot, RESOURCE_VRF, endpoint->underlay_vrf->text) : NULL;
	struct dp_address remote;

	if (!vrf)
		return NULL;
	ip_address_map(&endpoint->remote, remote.byte);
	return seen_route(names, (uint16_t)resource_id(vrf), &remote, step->underlay_route);
}

const char *seen_list(const struct snapshot *snapshot, enum resource_kind kind, char *text, size_t size)
{
	const struct resource *resource = NULL;
	size_t length = 0;

	snprintf(text, size, "none");
	while ((resource = snapshot_next(snapshot, kind, resource))) {
		const size_t needed = strlen(resource->self->text) + strlen(", ") + strlen(", ...") + 1;

		if (length + needed > size) {
			snprintf(text + length, size - length, "%s...", length ? ", " : "");
			break;
		}
		length += (size_t)snprintf(text + length, size - length, "%s%s", length ? ", " : "",
					   resource->self->text);
	}
	return text;
}
