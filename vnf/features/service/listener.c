/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/dp/counters.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/service/service_fields.h"
#include "vnf/features/service/service_rows.h"
#include "vnf/features/service/service_rules.h"

static void decode_protocol(struct decoder *decoder, const Sluice__V1__Listener *from, struct listener *to)
{
	switch (from->protocol) {
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_TCP:
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_UDP:
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_SCTP:
		break;
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_UNSPECIFIED:
		if (from->ports)
			decode_fault(decoder, "protocol",
				     "is not set beside ports: say TCP, UDP or SCTP, or leave the ports out for all");
		break;
	default:
		decode_fault(decoder, "protocol", "%d is not one that a listener can have: TCP, UDP, SCTP",
			     (int)from->protocol);
	}
	to->protocol = (uint8_t)from->protocol;
}

static void decode_ports(struct decoder *decoder, const Sluice__V1__PortRange *from, struct listener *to)
{
	size_t above;

	to->last_port = SERVICE_PORTS_ALL;
	if (!from)
		return;
	above = decoder_enter_field(decoder, "ports");
	if (decode_range(decoder, "first", from->first, 1, 65535) &&
	    decode_range(decoder, "last", from->last, 0, 65535)) {
		if (from->last && from->last < from->first)
			decode_fault(decoder, "last", "%u is below first, %u", from->last, from->first);
		to->first_port = (uint16_t)from->first;
		to->last_port = (uint16_t)(from->last ? from->last : from->first);
	}
	decoder_leave(decoder, above);
}

/* Its share, 0 behind a fault. The only pool of a listener may leave it out. */
static uint16_t decode_share(struct decoder *decoder, uint32_t per_mille, bool only)
{
	if (!per_mille && only)
		return DP_SHARE_ALL;
	if (!per_mille)
		decode_fault(decoder, "per_mille", "is needed beside other pools: 1 to %d, %d in all", DP_SHARE_ALL,
			     DP_SHARE_ALL);
	else if (decode_range(decoder, "per_mille", per_mille, 1, DP_SHARE_ALL))
		return (uint16_t)per_mille;
	return 0;
}

static void decode_shares(struct decoder *decoder, const Sluice__V1__Listener *from, struct listener *to)
{
	struct decode_item items[DP_LISTENER_POOLS] = {0};
	bool whole = to->count == from->n_pools && to->count;
	uint32_t sum = 0;

	for (size_t i = 0; i < to->count; i++) {
		size_t above = decoder_enter_element(decoder, "pools", i);

		to->share[i].pool = decode_name(decoder, RESOURCE_POOL, "pool", from->pools[i]->pool);
		to->share[i].per_mille = decode_share(decoder, from->pools[i]->per_mille, from->n_pools == 1);
		whole = whole && to->share[i].per_mille;
		sum += to->share[i].per_mille;
		items[i] = (struct decode_item){(uintptr_t)to->share[i].pool, i};
		decoder_leave(decoder, above);
	}
	decode_duplicates(decoder, items, to->count, "pools", ".pool");
	if (whole && sum != DP_SHARE_ALL)
		decode_fault(decoder, "pools", "have shares of %u per mille together: they must add up to %d", sum,
			     DP_SHARE_ALL);
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Listener *from = message;
	size_t count = from->n_pools;
	struct listener *listener;

	if (count < 1 || count > DP_LISTENER_POOLS) {
		decode_fault(decoder, "pools", "has %zu pools: 1 to %d", count, DP_LISTENER_POOLS);
		count = count ? DP_LISTENER_POOLS : 0;
	}
	listener = (struct listener *)resource_new(RESOURCE_LISTENER,
						   sizeof(*listener) + count * sizeof(listener->share[0]));
	if (!listener)
		return NULL;
	listener->count = count;
	listener->load_balancer = decode_name(decoder, RESOURCE_LOAD_BALANCER, "load_balancer", from->load_balancer);
	decode_protocol(decoder, from, listener);
	decode_ports(decoder, from->ports, listener);
	decode_shares(decoder, from, listener);
	return &listener->resource;
}

static int encode_ports(const struct listener *from, Sluice__V1__Listener *to)
{
	if (from->first_port == 0)
		return 0;
	to->ports = message_new(&sluice__v1__port_range__descriptor);
	if (!to->ports)
		return -ENOMEM;
	to->ports->first = from->first_port;
	to->ports->last = from->last_port;
	return 0;
}

static int encode(const struct resource *resource, void *message)
{
	const struct listener *listener = (const struct listener *)resource;
	Sluice__V1__Listener *to = message;

	to->protocol = (Sluice__V1__IpProtocol)listener->protocol;
	if (encode_text(&to->load_balancer, listener->load_balancer->text) || encode_ports(listener, to))
		return -ENOMEM;
	to->pools = calloc(listener->count, sizeof(to->pools[0]));
	if (!to->pools)
		return -ENOMEM;
	for (size_t i = 0; i < listener->count; i++) {
		Sluice__V1__PoolShare *share = message_new(&sluice__v1__pool_share__descriptor);

		if (!share)
			return -ENOMEM;
		to->pools[to->n_pools++] = share;
		share->per_mille = listener->share[i].per_mille;
		if (encode_text(&share->pool, listener->share[i].pool->text))
			return -ENOMEM;
	}
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct listener *x = (const struct listener *)a, *y = (const struct listener *)b;

	if (x->load_balancer != y->load_balancer || x->first_port != y->first_port || x->last_port != y->last_port ||
	    x->protocol != y->protocol || x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (x->share[i].pool != y->share[i].pool || x->share[i].per_mille != y->share[i].per_mille)
			return false;
	return true;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct listener *listener = (const struct listener *)resource;

	if (listener->load_balancer)
		visit(&(struct reference){listener->load_balancer, "load_balancer", -1, NULL, false}, context);
	for (size_t i = 0; i < listener->count; i++)
		if (listener->share[i].pool)
			visit(&(struct reference){listener->share[i].pool, "pools", (long)i, "pool", false}, context);
}

static void port_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "listener \"%s\" of load balancer \"%s\" has port %u with this protocol: name another",
		 holder->text, holding->key.handle->text, holding->key.number & UINT16_MAX);
}

/* A port of a protocol at a load balancer; and one key for each of its listeners of more ports. */
static const struct unique_rule port_rule = {.taken = port_taken}, range_rule = {0};

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct listener *listener = (const struct listener *)resource;
	struct holding holding = {.key = {.handle = listener->load_balancer}, .field = "ports", .index = -1};

	if (listener_is_range(listener)) {
		holding.key.rule = &range_rule;
		holding.holder = listener->load_balancer;
		holding.shared = true;
	} else {
		holding.key.rule = &port_rule;
		holding.key.number = (uint32_t)listener->protocol << 16 | listener->first_port;
		holding.holder = resource->self;
	}
	visit(&holding, context);
	if (listener->protocol != IPPROTO_SCTP && listener->protocol)
		return;
	for (size_t i = 0; i < listener->count; i++) {
		holding = (struct holding){.key = {.rule = &pool_sctp_rule, .handle = listener->share[i].pool},
					   .holder = listener->share[i].pool,
					   .shared = true,
					   .field = "protocol",
					   .index = -1};
		visit(&holding, context);
	}
}

size_t listener_ranges(const struct unique_keys *unique_keys, const struct handle *balancer)
{
	const struct unique_key key = {.rule = &range_rule, .handle = balancer};

	return unique_keys_count(unique_keys, &key);
}

static void check_vrfs(struct check *check, const struct listener *listener)
{
	const struct load_balancer *balancer = (const struct load_balancer *)listener->load_balancer->resource;

	for (size_t i = 0; balancer && i < listener->count; i++) {
		const struct pool *pool = (const struct pool *)listener->share[i].pool->resource;

		if (pool && pool->vrf != balancer->vrf)
			check_fault(check, ERROR_INVALID_ARGUMENT, "pools", (long)i, "pool",
				    "pool \"%s\" is of VRF \"%s\", not of the load balancer's, \"%s\": name a pool of "
				    "that",
				    listener->share[i].pool->text, pool->vrf->text, balancer->vrf->text);
	}
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct listener *listener = (const struct listener *)after;
	size_t ranges;

	(void)before;
	if (!listener)
		return;
	ranges = listener_ranges(check->unique_keys, listener->load_balancer);
	if (listener_is_range(listener) && ranges > DP_BALANCER_RANGES)
		check_fault(check, ERROR_INVALID_ARGUMENT, "ports", -1, NULL,
			    "load balancer \"%s\" would have %zu listeners of more than one port: at most %d; name "
			    "single ports, or make another load balancer",
			    listener->load_balancer->text, ranges, DP_BALANCER_RANGES);
	/* Single ports cannot overlap: their keys are unique. */
	if (ranges)
		check_at_end(check, check_listener_overlaps);
	check_vrfs(check, listener);
	check_listener_paths(check, listener);
}

static uint32_t counter_start(const struct dp_limits *limits)
{
	return dp_counter_listeners(limits->routes, limits->members);
}

extern const struct kind_ops listener_ops;
const struct kind_ops listener_ops = {
	.kind = RESOURCE_LISTENER,
	.name = "listener",
	.label = "listener",
	.plural = "listeners",
	.limit = LIMIT_listeners,
	.message = &sluice__v1__listener__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__Listener, name), 0},
	.size = sizeof(struct listener),
	.counters = {{0, offsetof(Sluice__V1__ResourceState, counters)}},
	.counter_start = counter_start,
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
};
