/* SPDX-License-Identifier: Apache-2.0 */
/* From VIPs to members: these are of the VIP's family, and have no ports of their own where SCTP comes in, whose
 * checksum (RFC 9260 6.8) would be wrong behind another port. */
#include "vnf/control/kinds/check.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/vrf_address.h"
#include "vnf/features/service/service_rules.h"

const struct unique_rule pool_sctp_rule = {0}, pool_port_rule = {0}, pool_portless_rule = {0}; /* all shared */

/* A share of a listener that leads to a pool, by its overflow_pool at times. */
struct path {
	struct check *check;
	const struct listener *listener;
	const struct load_balancer *balancer;
	long share;
	const struct handle *pool;
	const struct member *member; /* new, and the fault */
};

static bool is_wrong(const struct path *path, const struct member *member)
{
	return member->pool == path->pool && member->address.family != path->balancer->vip.family &&
	       check_is_new(path->check, &member->resource);
}

static bool find_member(void *object, void *context)
{
	struct path *path = context;

	if (is_wrong(path, object))
		path->member = object;
	return !path->member;
}

static bool find_port(void *object, void *context)
{
	const struct member *member = object;
	struct path *path = context;

	if (member->pool == path->pool && member->port && check_is_new(path->check, &member->resource))
		path->member = member;
	return !path->member;
}

/* At the listener, or at the member or the pool that is new. */
static void blame_family(struct path *path)
{
	int vip = path->balancer->vip.family, other = vip == 4 ? 6 : 4;
	struct check *check = path->check;

	if (check_attribute(check, &path->listener->resource)) {
		check_fault(check, ERROR_INVALID_ARGUMENT, "pools", path->share, "pool",
			    "leads to pool \"%s\" with IPv%d members, and the VIP is IPv%d: name a pool of IPv%d "
			    "members",
			    path->pool->text, other, vip, vip);
		return;
	}
	check_walk(check, RESOURCE_MEMBER, find_member, path);
	if (path->member && check_attribute(check, &path->member->resource))
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "address", -1, NULL,
			"is IPv%d, but listener \"%s\" leads from an IPv%d VIP to pool \"%s\": name an IPv%d address",
			other, path->listener->resource.self->text, vip, path->pool->text, vip);
	else if (check_attribute(check, path->listener->share[path->share].pool->resource))
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "overflow_pool", -1, NULL,
			"has IPv%d members, but listener \"%s\" leads from an IPv%d VIP to this one: name a pool of "
			"IPv%d members",
			other, path->listener->resource.self->text, vip, vip);
}

static void blame_port(struct path *path)
{
	struct check *check = path->check;

	if (check_attribute(check, &path->listener->resource)) {
		check_fault(check, ERROR_INVALID_ARGUMENT, "pools", path->share, "pool",
			    "leads to pool \"%s\", whose members have ports of their own: SCTP packets keep theirs; "
			    "leave the members' out, or say TCP or UDP",
			    path->pool->text);
		return;
	}
	check_walk(check, RESOURCE_MEMBER, find_port, path);
	if (path->member && check_attribute(check, &path->member->resource))
		check_fault(check, ERROR_INVALID_ARGUMENT, "port", -1, NULL,
			    "must be left out: listener \"%s\" leads SCTP to the pool, whose packets keep their port",
			    path->listener->resource.self->text);
	else if (check_attribute(check, path->listener->share[path->share].pool->resource))
		check_fault(check, ERROR_INVALID_ARGUMENT, "overflow_pool", -1, NULL,
			    "has members with ports of their own, but listener \"%s\" leads SCTP to this one",
			    path->listener->resource.self->text);
}

static void look(struct path *path, const struct handle *pool)
{
	const struct unique_key port = {.rule = &pool_port_rule, .handle = pool};
	uint8_t protocol = path->listener->protocol;

	path->pool = pool;
	path->member = NULL;
	if (check_pool_has_family(path->check, pool, path->balancer->vip.family == 4 ? 6 : 4))
		blame_family(path);
	if ((!protocol || protocol == SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_SCTP) &&
	    unique_keys_count(path->check->unique_keys, &port))
		blame_port(path);
}

void check_listener_paths(struct check *check, const struct listener *listener)
{
	struct path path = {.check = check,
			    .listener = listener,
			    .balancer = (const struct load_balancer *)listener->load_balancer->resource};

	for (size_t i = 0; path.balancer && i < listener->count; i++) {
		const struct pool *pool = (const struct pool *)listener->share[i].pool->resource;

		path.share = (long)i;
		look(&path, listener->share[i].pool);
		if (pool && pool->overflow_pool)
			look(&path, pool->overflow_pool);
	}
}

/* Those that are new have been looked at by themselves. */
static bool visit_listener(void *object, void *context)
{
	const struct listener *listener = object;

	if (!check_is_new(context, &listener->resource))
		check_listener_paths(context, listener);
	return true;
}

void check_service_paths(struct check *check)
{
	check_walk(check, RESOURCE_LISTENER, visit_listener, check);
}
