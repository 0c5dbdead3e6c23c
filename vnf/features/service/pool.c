/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/service/service_fields.h"
#include "vnf/features/service/service_rules.h"

#define LIMIT_MOST	   100000000
#define PERSISTENCE_MOST   86400
#define PREVIOUS_MOST	   3600
#define PREVIOUS_SECONDS   60
#define PREFIX4		   24
#define PREFIX6		   64
#define STEP_PERCENT	   10
#define DEAD_BAND_PERCENT  25
#define INTERVAL_SECONDS   5
#define FLOOR_PERCENT	   20
#define PERSISTENCE_TYPES  SLUICE__V1__PERSISTENCE_TYPE__PERSISTENCE_TYPE_QUIC_CONNECTION_ID
#define PERSISTENCE_SOURCE SLUICE__V1__PERSISTENCE_TYPE__PERSISTENCE_TYPE_SOURCE_IP
#define PERSISTENCE_PREFIX SLUICE__V1__PERSISTENCE_TYPE__PERSISTENCE_TYPE_SOURCE_PREFIX

static void decode_prefixes(struct decoder *decoder, const Sluice__V1__SessionPersistence *from, struct pool *to)
{
	if (to->persistence == PERSISTENCE_PREFIX) {
		to->prefix4 =
			(uint8_t)decode_number(decoder, "ipv4_prefix_length", from->ipv4_prefix_length, 1, 32, PREFIX4);
		to->prefix6 = (uint8_t)decode_number(decoder, "ipv6_prefix_length", from->ipv6_prefix_length, 1, 128,
						     PREFIX6);
		return;
	}
	if (from->ipv4_prefix_length)
		decode_fault(decoder, "ipv4_prefix_length", "has no effect unless type is SOURCE_PREFIX: leave it out");
	if (from->ipv6_prefix_length)
		decode_fault(decoder, "ipv6_prefix_length", "has no effect unless type is SOURCE_PREFIX: leave it out");
}

static void decode_persistence(struct decoder *decoder, const Sluice__V1__SessionPersistence *from, struct pool *to)
{
	bool by_source;
	size_t above;

	to->prefix4 = 32;
	to->prefix6 = 128;
	if (!from)
		return;
	above = decoder_enter_field(decoder, "session_persistence");
	to->persistence = decode_choice(decoder, "type", (unsigned int)from->type, PERSISTENCE_TYPES, 0);
	by_source = to->persistence == PERSISTENCE_SOURCE || to->persistence == PERSISTENCE_PREFIX;
	decode_prefixes(decoder, from, to);
	to->persistence_seconds =
		decode_number(decoder, "timeout_seconds", from->timeout_seconds, 1, PERSISTENCE_MOST, 0);
	if (from->timeout_seconds && !by_source)
		decode_fault(decoder, "timeout_seconds",
			     "has no effect unless type is SOURCE_IP or SOURCE_PREFIX: leave it out");
	decoder_leave(decoder, above);
}

static void decode_latency_weights(struct decoder *decoder, const Sluice__V1__LatencyWeights *from,
				   struct latency_weights *to)
{
	size_t above;

	to->on = from;
	if (!from)
		return;
	above = decoder_enter_field(decoder, "latency_weights");
	to->step_percent =
		(uint8_t)decode_number(decoder, "step_percent", from->step_percent, 1, STEP_PERCENT, STEP_PERCENT);
	to->dead_band_percent = (uint16_t)decode_number(decoder, "dead_band_percent", from->dead_band_percent, 1, 1000,
							DEAD_BAND_PERCENT);
	to->interval_seconds =
		(uint16_t)decode_number(decoder, "interval_seconds", from->interval_seconds, 1, 3600, INTERVAL_SECONDS);
	to->floor_percent =
		(uint8_t)decode_number(decoder, "floor_percent", from->floor_percent, 1, 100, FLOOR_PERCENT);
	decoder_leave(decoder, above);
}

/* Flows that are not remembered have no answers to put the VIP into, are not counted, and cannot stay. */
static void decode_stateless(struct decoder *decoder, const Sluice__V1__Pool *from, const struct pool *pool)
{
	if (pool->lb_algorithm != SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_RENDEZVOUS)
		return;
	if (!pool_is_direct(pool))
		decode_fault(
			decoder, "lb_algorithm",
			"RENDEZVOUS remembers no flows, so that answers of members could not get the VIP back: set "
			"forwarding DIRECT, or take another algorithm");
	if (from->member_connection_limit)
		decode_fault(decoder, "member_connection_limit",
			     "has no effect with RENDEZVOUS, which counts no flows: leave it out");
	if (pool->persistence_seconds)
		decode_fault(decoder, "session_persistence.timeout_seconds",
			     "has no effect with RENDEZVOUS, which remembers no source: leave it out");
	if (from->latency_weights)
		decode_fault(decoder, "latency_weights",
			     "would move flows that go on: RENDEZVOUS remembers none; leave it out, or take another "
			     "algorithm");
	if (from->on_member_down > SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_REHASH)
		decode_fault(decoder, "on_member_down",
			     "has no effect with RENDEZVOUS, which remembers no flows: leave it out");
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Pool *from = message;
	struct pool *pool = (struct pool *)resource_new(RESOURCE_POOL, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	pool->lb_algorithm = decode_choice(decoder, "lb_algorithm", (unsigned int)from->lb_algorithm,
					   SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_RENDEZVOUS,
					   SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_MAGLEV);
	pool->forwarding =
		decode_choice(decoder, "forwarding", (unsigned int)from->forwarding,
			      SLUICE__V1__FORWARDING__FORWARDING_DIRECT, SLUICE__V1__FORWARDING__FORWARDING_DNAT);
	pool->on_member_down = decode_choice(decoder, "on_member_down", (unsigned int)from->on_member_down,
					     SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_RESET,
					     SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_REHASH);
	decode_persistence(decoder, from->session_persistence, pool);
	pool->connection_limit =
		decode_number(decoder, "member_connection_limit", from->member_connection_limit, 1, LIMIT_MOST, 0);
	if (*from->overflow_pool)
		pool->overflow_pool = decode_name(decoder, RESOURCE_POOL, "overflow_pool", from->overflow_pool);
	if (*from->overflow_pool && !from->member_connection_limit)
		decode_fault(decoder, "overflow_pool", "has no effect without member_connection_limit: set it as well");
	pool->previous_seconds =
		decode_number(decoder, "previous_seconds", from->previous_seconds, 1, PREVIOUS_MOST, PREVIOUS_SECONDS);
	decode_latency_weights(decoder, from->latency_weights, &pool->latency_weights);
	decode_stateless(decoder, from, pool);
	return &pool->resource;
}

static int encode_persistence(const struct pool *from, Sluice__V1__Pool *to)
{
	Sluice__V1__SessionPersistence *message;

	if (!from->persistence)
		return 0;
	message = to->session_persistence = message_new(&sluice__v1__session_persistence__descriptor);
	if (!message)
		return -ENOMEM;
	message->type = (Sluice__V1__PersistenceType)from->persistence;
	message->timeout_seconds = from->persistence_seconds;
	if (from->persistence == PERSISTENCE_PREFIX) {
		message->ipv4_prefix_length = from->prefix4;
		message->ipv6_prefix_length = from->prefix6;
	}
	return 0;
}

static int encode_latency_weights(const struct latency_weights *from, Sluice__V1__Pool *to)
{
	Sluice__V1__LatencyWeights *message;

	if (!from->on)
		return 0;
	message = to->latency_weights = message_new(&sluice__v1__latency_weights__descriptor);
	if (!message)
		return -ENOMEM;
	message->step_percent = from->step_percent;
	message->dead_band_percent = from->dead_band_percent;
	message->interval_seconds = from->interval_seconds;
	message->floor_percent = from->floor_percent;
	return 0;
}

static int encode(const struct resource *resource, void *message)
{
	const struct pool *pool = (const struct pool *)resource;
	Sluice__V1__Pool *to = message;

	to->lb_algorithm = (Sluice__V1__LbAlgorithm)pool->lb_algorithm;
	to->forwarding = (Sluice__V1__Forwarding)pool->forwarding;
	to->on_member_down = (Sluice__V1__OnMemberDown)pool->on_member_down;
	to->member_connection_limit = pool->connection_limit;
	to->previous_seconds = pool->previous_seconds;
	if (encode_text(&to->vrf, pool->vrf->text) || encode_persistence(pool, to) ||
	    encode_latency_weights(&pool->latency_weights, to))
		return -ENOMEM;
	return pool->overflow_pool ? encode_text(&to->overflow_pool, pool->overflow_pool->text) : 0;
}

static bool latency_weights_equal(const struct latency_weights *a, const struct latency_weights *b)
{
	return a->on == b->on && a->step_percent == b->step_percent && a->dead_band_percent == b->dead_band_percent &&
	       a->interval_seconds == b->interval_seconds && a->floor_percent == b->floor_percent;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct pool *x = (const struct pool *)a, *y = (const struct pool *)b;

	return x->vrf == y->vrf && x->lb_algorithm == y->lb_algorithm && x->forwarding == y->forwarding &&
	       x->on_member_down == y->on_member_down && x->persistence == y->persistence && x->prefix4 == y->prefix4 &&
	       x->prefix6 == y->prefix6 && x->persistence_seconds == y->persistence_seconds &&
	       x->connection_limit == y->connection_limit && x->overflow_pool == y->overflow_pool &&
	       x->previous_seconds == y->previous_seconds &&
	       latency_weights_equal(&x->latency_weights, &y->latency_weights);
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct pool *pool = (const struct pool *)resource;

	if (pool->vrf)
		visit(&(struct reference){pool->vrf, "vrf", -1, NULL, false}, context);
	if (pool->overflow_pool)
		visit(&(struct reference){pool->overflow_pool, "overflow_pool", -1, NULL, false}, context);
}

static void check_used(struct check *check, const struct pool *old, const struct pool *new)
{
	if (old->vrf != new->vrf)
		check_fault(
			check, ERROR_FAILED_PRECONDITION, "vrf", -1, NULL,
			"cannot become \"%s\" while %u resources refer to the pool: make another pool, or delete these "
			"first",
			new->vrf->text, new->resource.self->users);
	if (old->forwarding != new->forwarding)
		check_fault(check, ERROR_FAILED_PRECONDITION, "forwarding", -1, NULL,
			    "cannot change while %u resources refer to the pool: make another pool, or delete these "
			    "first",
			    new->resource.self->users);
}

static void check_overflow(struct check *check, const struct pool *pool)
{
	const struct pool *overflow = (const struct pool *)pool->overflow_pool->resource;

	if (pool->overflow_pool == pool->resource.self) {
		check_fault(check, ERROR_INVALID_ARGUMENT, "overflow_pool", -1, NULL,
			    "is the pool itself: name another, or leave it out");
		return;
	}
	if (!overflow)
		return;
	if (overflow->vrf != pool->vrf)
		check_fault(check, ERROR_INVALID_ARGUMENT, "overflow_pool", -1, NULL,
			    "\"%s\" is of VRF \"%s\", not of this one's, \"%s\": name a pool of that",
			    pool->overflow_pool->text, overflow->vrf->text, pool->vrf->text);
	if (overflow->forwarding != pool->forwarding)
		check_fault(check, ERROR_INVALID_ARGUMENT, "overflow_pool", -1, NULL,
			    "\"%s\" has forwarding %s, not this one's: name a pool that has it",
			    pool->overflow_pool->text, pool_is_direct(overflow) ? "DIRECT" : "DNAT");
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct pool *old = (const struct pool *)before, *pool = (const struct pool *)after;

	if (!pool)
		return;
	if (old && pool->resource.self->users)
		check_used(check, old, pool);
	if (!pool->overflow_pool)
		return;
	check_overflow(check, pool);
	if (old && old->overflow_pool != pool->overflow_pool)
		check_at_end(check, check_service_paths);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct pool *)resource)->vrf;
}

extern const struct kind_ops pool_ops;
const struct kind_ops pool_ops = {
	.kind = RESOURCE_POOL,
	.name = "pool",
	.label = "pool",
	.plural = "pools",
	.limit = LIMIT_pools,
	.message = &sluice__v1__pool__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__Pool, name), 0},
	.size = sizeof(struct pool),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
	.vrf = vrf,
};
