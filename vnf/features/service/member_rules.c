/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/service/member_rules.h"

#include <stdio.h>
#include <string.h>

#include "vnf/control/kinds/check.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/vrf_address.h"
#include "vnf/features/service/service_rules.h"

static void place_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "and port are those of member \"%s\" of pool \"%s\": name others", holder->text,
		 holding->key.handle->text);
}

static void server_id_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "%u is that of member \"%s\" of pool \"%s\": name another", holding->key.number,
		 holder->text, holding->key.handle->text);
}

/* Of a pool: an address and port, and a server id, belong to one member. */
static const struct unique_rule place_rule = {.taken = place_taken}, server_id_rule = {.taken = server_id_taken};
/* Shared: a pool's members that have a weight; all members with an address, or a monitor_address, of whatever pool. */
static const struct unique_rule weighted_rule = {0}, address_rule = {0};

static void visit_own(const struct member *member, holding_visit visit, void *context)
{
	struct holding holding = {
		.key = {.rule = &place_rule, .handle = member->pool, .number = member->port},
		.holder = member->resource.self,
		.field = "address",
		.index = -1,
	};

	ip_address_map(&member->address, holding.key.byte);
	visit(&holding, context);
	if (!member->quic_server_id)
		return;
	holding.key =
		(struct unique_key){.rule = &server_id_rule, .handle = member->pool, .number = member->quic_server_id};
	holding.field = "quic_server_id";
	visit(&holding, context);
}

static struct unique_key address_key(const struct ip_address *address)
{
	struct unique_key key = {.rule = &address_rule};

	ip_address_map(address, key.byte);
	return key;
}

void member_unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct member *member = (const struct member *)resource;
	struct holding holding = {.holder = member->pool, .shared = true, .field = "pool", .index = -1};

	visit_own(member, visit, context);
	holding.key = (struct unique_key){
		.rule = &pool_family_rule, .handle = member->pool, .number = member->address.family};
	visit(&holding, context);
	holding.key.number = 0;
	holding.key.rule = &weighted_rule;
	if (member->weight)
		visit(&holding, context);
	holding.key.rule = &pool_port_rule;
	if (member->port)
		visit(&holding, context);
	holding.key.rule = &pool_portless_rule;
	if (!member->port && !member->monitor_port)
		visit(&holding, context);
	holding.key = address_key(&member->address);
	holding.holder = NULL; /* of them all */
	visit(&holding, context);
	if (!member->monitor_address.family)
		return;
	holding.key = address_key(&member->monitor_address);
	visit(&holding, context);
}

static bool is_known(struct check *check, const struct unique_key *key)
{
	return unique_keys_count(check->unique_keys, key) > check_differences(check);
}

/* Paths lead to the pool's members already; a family or a port that none had before has to be looked at. */
static void check_paths(struct check *check, const struct member *old, const struct member *new)
{
	const struct unique_key family = {
		.rule = &pool_family_rule, .handle = new->pool, .number = new->address.family};
	const struct unique_key port = {.rule = &pool_port_rule, .handle = new->pool};
	bool stays = old && old->pool == new->pool;

	if (!(stays && old->address.family == new->address.family) && !is_known(check, &family))
		check_at_end(check, check_service_paths);
	if (new->port && !(stays && old->port) && !is_known(check, &port))
		check_at_end(check, check_service_paths);
}

static void check_family(struct check *check, const struct member *member)
{
	int own = member->address.family, other = own == 4 ? 6 : 4;
	const struct unique_key use = {.rule = &pool_use_rule, .handle = member->pool, .number = (uint32_t)other};

	if (check_pool_has_family(check, member->pool, (uint32_t)other))
		check_fault(check, ERROR_INVALID_ARGUMENT, "address", -1, NULL,
			    "is IPv%d, and pool \"%s\" has IPv%d members: all of a pool are of one family", own,
			    member->pool->text, other);
	if (unique_keys_count(check->unique_keys, &use))
		check_fault(check, ERROR_INVALID_ARGUMENT, "address", -1, NULL,
			    "is IPv%d, but a policy rule leads IPv%d packets to pool \"%s\": name an IPv%d address, or "
			    "change the rule first",
			    own, other, member->pool->text, other);
}

/* What the pool's way of forwarding makes of the member. */
static void check_way(struct check *check, const struct pool *pool, const struct member *member)
{
	if (pool_is_direct(pool) && member->port)
		check_fault(check, ERROR_INVALID_ARGUMENT, "port", -1, NULL,
			    "must be left out: pool \"%s\" has forwarding DIRECT, and packets keep their port",
			    member->pool->text);
	if (!pool_is_direct(pool) && member->next_hop_group)
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "next_hop_group", -1, NULL,
			"has no effect in pool \"%s\", whose forwarding is DNAT: leave it out, and routes lead to the "
			"address",
			member->pool->text);
	if (member->next_hop_group && member->next_hop_group->resource && member->address.family == 6 &&
	    check_group_has_ipv4_gateway(check, member->next_hop_group))
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "next_hop_group", -1, NULL,
			"\"%s\" has an IPv4 gateway, by which IPv6 packets cannot go: name a group of IPv6 gateways",
			member->next_hop_group->text);
}

static void check_vip(struct check *check, const struct pool *pool, const struct member *member)
{
	const struct handle *balancer = vrf_address_balancer(check->unique_keys, pool->vrf, &member->address);

	if (balancer)
		check_fault(check, ERROR_INVALID_ARGUMENT, "address", -1, NULL,
			    "is the VIP of load balancer \"%s\" in the pool's VRF: name the server's own address",
			    balancer->text);
	if (!member->monitor_address.family)
		return;
	balancer = vrf_address_balancer(check->unique_keys, pool->vrf, &member->monitor_address);
	if (balancer)
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "monitor_address", -1, NULL,
			"is the VIP of load balancer \"%s\" in the pool's VRF, where any member would answer: name an "
			"address of the server's own",
			balancer->text);
}

static void check_monitor(struct check *check, const struct member *member)
{
	const struct health_monitor *monitor = pool_monitor(check->unique_keys, member->pool);

	if (monitor && monitor_needs_port(monitor) && !member->port && !member->monitor_port)
		check_fault(check, ERROR_INVALID_ARGUMENT, "monitor_port", -1, NULL,
			    "is needed: health monitor \"%s\" opens a port, and the member has none of its own",
			    monitor->resource.self->text);
}

/* A pool whose members are all without a weight takes no flow. */
static void check_weights(struct check *check, const struct handle *pool, const char *field)
{
	const struct unique_key weighted = {.rule = &weighted_rule, .handle = pool};

	if (!unique_keys_count(check->unique_keys, &weighted) &&
	    (check_pool_has_family(check, pool, 4) || check_pool_has_family(check, pool, 6)))
		check_fault(
			check, ERROR_INVALID_ARGUMENT, field, -1, NULL,
			"leaves pool \"%s\" with weights of 0 alone, so that it would take no flow: give a member a "
			"weight; to drain them all set their admin_state",
			pool->text);
}

void member_check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct member *old = (const struct member *)before, *new = (const struct member *)after;
	const struct pool *pool;

	if (old && (!new || old->pool != new->pool))
		check_weights(check, old->pool, new ? "pool" : NULL);
	if (!new)
		return;
	if (!new->weight)
		check_weights(check, new->pool, "weight");
	check_family(check, new);
	check_paths(check, old, new);
	check_monitor(check, new);
	pool = (const struct pool *)new->pool->resource;
	if (!pool)
		return;
	check_way(check, pool, new);
	check_vip(check, pool, new);
}

struct search {
	const struct load_balancer *balancer;
	const struct member *found;
	const char *field; /* in which it has the address */
};

static bool compare(void *object, void *context)
{
	const struct member *member = object;
	const struct pool *pool = (const struct pool *)member->pool->resource;
	struct search *search = context;
	const struct ip_address *vip = &search->balancer->vip;

	if (!pool || pool->vrf != search->balancer->vrf)
		return true;
	if (ip_address_compare(&member->address, vip) == 0)
		search->field = "address";
	else if (ip_address_compare(&member->monitor_address, vip) == 0)
		search->field = "monitor_address";
	search->found = search->field ? member : NULL;
	return !search->found;
}

void check_vip_members(struct check *check, const struct load_balancer *balancer)
{
	const struct unique_key address = address_key(&balancer->vip);
	struct search search = {.balancer = balancer};

	if (!unique_keys_count(check->unique_keys, &address))
		return;
	check_walk(check, RESOURCE_MEMBER, compare, &search);
	if (search.found && !check_is_new(check, &search.found->resource))
		check_fault(check, ERROR_INVALID_ARGUMENT, "vip_address", -1, NULL,
			    "is the %s of member \"%s\" of pool \"%s\" in the VRF: name another, or change that one "
			    "first",
			    search.field, search.found->resource.self->text, search.found->pool->text);
}
