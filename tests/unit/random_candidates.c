/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes of what two sources have learned, beside the routes of random_changes.c, and of what is protected. */
#include <stdio.h>

#include "random_changes.h"
#include "reconciler_fixture.h"
#include "vnf/control/kinds/key.h"
#include "vnf/features/source/source.h"

#define GROUPS 6

static struct ip_prefix any_prefix(char text[IP_PREFIX_TEXT])
{
	struct ip_prefix prefix;

	if (any(4) == 0)
		snprintf(text, IP_PREFIX_TEXT, "%s", any(2) ? "10.0.2.0/29" : any(2) ? "192.0.2.0/24" : "0.0.0.0/0");
	else
		snprintf(text, IP_PREFIX_TEXT, "%s%u/32", any(2) ? "10.0.2." : "192.0.2.", 1 + any(4));
	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

/* Put, or taken out where it is there; at most once in a commit. */
static void put_or_take(struct resource *resource)
{
	const struct resource_key key = resource_key(resource);
	const struct resource *there = snapshot_find_key(in_the_making(), resource->kind, &key);

	if (is_key_changed(resource))
		return;
	if (there && any(3) == 0)
		withdraw_this(there);
	else
		change(resource);
}

void change_candidate(void)
{
	const unsigned int vrf = any(3), source = any(2);
	char prefix[IP_PREFIX_TEXT], text[32];
	const struct vrf_key key = {.prefix = any_prefix(prefix)};
	struct protected_prefix *protected;
	struct source_route *route;

	if (is_changed(RESOURCE_VRF, "")) /* no room for more */
		return;
	snprintf(text, sizeof(text), "v%u", vrf);
	if (any(5) == 0) {
		protected = fake_make(RESOURCE_PROTECTED_PREFIX, NULL, sizeof(*protected));
		protected->key = key;
		protected->key.vrf = fake_name(RESOURCE_VRF, text);
		protected->owner[protected->count++] = fake_name(RESOURCE_ROUTE_SOURCE, any(2) ? "s0" : "s1");
		put_or_take(&protected->resource);
		return;
	}
	route = fake_make(RESOURCE_SOURCE_ROUTE, NULL, sizeof(*route));
	route->resource.owner = fake_name(RESOURCE_ROUTE_SOURCE, source ? "s1" : "s0");
	route->resource.id = route_id(vrf, prefix) + (1 + source) * 1024;
	route->key = key;
	route->key.vrf = fake_name(RESOURCE_VRF, text);
	route->preference = (uint8_t)(1 + any(3));
	route->guard = any(5) == 0;
	snprintf(text, sizeof(text), "g%u", any(GROUPS));
	if (any(6) && there_is(RESOURCE_NEXT_HOP_GROUP, text))
		route->group = fake_name(RESOURCE_NEXT_HOP_GROUP, text);
	put_or_take(&route->resource);
}
