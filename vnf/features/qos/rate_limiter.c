/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "api/dp/counters.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/qos/qos.h"

#define BITS_LEAST     8000ULL
#define BITS_MOST      400000000000ULL
#define PACKETS_MOST   500000000ULL
#define BYTES_LEAST    1500ULL /* a burst takes one packet of Ethernet at least */
#define BURST_SECONDS  10      /* of the rate, at most, */
#define BURST_FRACTION 100     /* and unless it is said, 1 / 100 s */

/* A rate, and what the burst may be. */
static bool decode_rate(struct decoder *decoder, const char *field, uint64_t rate, bool packets)
{
	uint64_t least = packets ? 1 : BITS_LEAST, most = packets ? PACKETS_MOST : BITS_MOST;

	if (rate >= least && rate <= most)
		return true;
	decode_fault(decoder, field, "%" PRIu64 " is not a rate: %" PRIu64 " to %" PRIu64 " %s", rate, least, most,
		     packets ? "packets/s" : "bit/s");
	return false;
}

static uint64_t decode_burst(struct decoder *decoder, const char *field, uint64_t burst, uint64_t rate, bool packets)
{
	uint64_t least = packets ? 1 : BYTES_LEAST, second = packets ? rate : rate / 8;

	if (!burst)
		return second / BURST_FRACTION > least ? second / BURST_FRACTION : least;
	if (burst < least || burst > second * BURST_SECONDS)
		decode_fault(decoder, field,
			     "%" PRIu64 " %s is not a burst: %" PRIu64 " to %" PRIu64 ", %d s of the rate", burst,
			     packets ? "packets" : "bytes", least, second * BURST_SECONDS, BURST_SECONDS);
	return burst;
}

static void decode_rates(struct decoder *decoder, const Sluice__V1__RateLimiter *from, struct rate_limiter *limiter)
{
	limiter->packets = from->unit == SLUICE__V1__RATE_UNIT__RATE_UNIT_PACKETS;
	limiter->rate = from->rate;
	limiter->excess_rate = from->excess_rate;
	if (decode_rate(decoder, "rate", from->rate, limiter->packets))
		limiter->burst = decode_burst(decoder, "burst", from->burst, from->rate, limiter->packets);
	if (!from->excess_rate) {
		if (from->excess_burst)
			decode_fault(decoder, "excess_burst", "has no effect without excess_rate: leave it out");
		return;
	}
	if (decode_rate(decoder, "excess_rate", from->excess_rate, limiter->packets))
		limiter->excess_burst =
			decode_burst(decoder, "excess_burst", from->excess_burst, from->excess_rate, limiter->packets);
}

static uint8_t decode_length(struct decoder *decoder, const char *field, uint32_t length, uint32_t most, bool by_source)
{
	if (!by_source && length) {
		decode_fault(decoder, field, "has no effect unless scope is SOURCE: leave it out");
		return 0;
	}
	decode_range(decoder, field, length, 0, most);
	if (!by_source)
		return 0;
	return (uint8_t)(length ? length : most);
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	static const uint8_t scopes[] = {DP_LIMITER_ONE, DP_LIMITER_ONE, DP_LIMITER_INTERFACE, DP_LIMITER_SOURCE};
	const Sluice__V1__RateLimiter *from = message;
	struct rate_limiter *limiter = (struct rate_limiter *)resource_new(RESOURCE_RATE_LIMITER, sizeof(*limiter));
	bool by_source = from->scope == SLUICE__V1__LIMITER_SCOPE__LIMITER_SCOPE_SOURCE;

	if (!limiter)
		return NULL;
	decode_range(decoder, "unit", (uint32_t)from->unit, 0, SLUICE__V1__RATE_UNIT__RATE_UNIT_PACKETS);
	decode_rates(decoder, from, limiter);
	if (decode_range(decoder, "scope", (uint32_t)from->scope, 0, sizeof(scopes) - 1))
		limiter->scope = scopes[from->scope];
	limiter->source_length4 = decode_length(decoder, "source_length_ipv4", from->source_length_ipv4, 32, by_source);
	limiter->source_length6 = decode_length(decoder, "source_length_ipv6", from->source_length_ipv6, 64, by_source);
	return &limiter->resource;
}

static int encode(const struct resource *resource, void *message)
{
	static const Sluice__V1__LimiterScope scopes[] = {
		[DP_LIMITER_ONE] = SLUICE__V1__LIMITER_SCOPE__LIMITER_SCOPE_RULE,
		[DP_LIMITER_INTERFACE] = SLUICE__V1__LIMITER_SCOPE__LIMITER_SCOPE_INTERFACE,
		[DP_LIMITER_SOURCE] = SLUICE__V1__LIMITER_SCOPE__LIMITER_SCOPE_SOURCE,
	};
	const struct rate_limiter *limiter = (const struct rate_limiter *)resource;
	Sluice__V1__RateLimiter *to = message;

	to->unit = limiter->packets ? SLUICE__V1__RATE_UNIT__RATE_UNIT_PACKETS : SLUICE__V1__RATE_UNIT__RATE_UNIT_BITS;
	to->rate = limiter->rate;
	to->burst = limiter->burst;
	to->excess_rate = limiter->excess_rate;
	to->excess_burst = limiter->excess_burst;
	to->scope = scopes[limiter->scope];
	to->source_length_ipv4 = limiter->source_length4;
	to->source_length_ipv6 = limiter->source_length6;
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct rate_limiter *x = (const struct rate_limiter *)a, *y = (const struct rate_limiter *)b;

	return x->packets == y->packets && x->rate == y->rate && x->burst == y->burst &&
	       x->excess_rate == y->excess_rate && x->excess_burst == y->excess_burst && x->scope == y->scope &&
	       x->source_length4 == y->source_length4 && x->source_length6 == y->source_length6;
}

/* Policies that mark what exceeds the first rate; those that the commit changes say it themselves. */
static bool visit_policy(void *object, void *context)
{
	const struct qos_policy *policy = object;
	struct check *check = context;
	const struct rate_limiter *limiter;

	if (policy->excess_dscp == DP_DSCP_KEEP || check_is_new(check, &policy->resource))
		return true;
	limiter = (const struct rate_limiter *)policy->rate_limiter->resource;
	if (!limiter->excess_rate && check_attribute(check, &limiter->resource))
		check_fault(
			check, ERROR_INVALID_ARGUMENT, "excess_rate", -1, NULL,
			"QoS policy \"%s\" marks what exceeds the rate: set this, or take its excess_dscp out first",
			policy->resource.self->text);
	return true;
}

static void check_marks(struct check *check)
{
	check_walk(check, RESOURCE_QOS_POLICY, visit_policy, check);
}

static void check_limiter(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct rate_limiter *old = (const struct rate_limiter *)before;

	if (old && after && old->excess_rate && !((const struct rate_limiter *)after)->excess_rate)
		check_at_end(check, check_marks);
}

extern const struct kind_ops rate_limiter_ops;
const struct kind_ops rate_limiter_ops = {
	.kind = RESOURCE_RATE_LIMITER,
	.name = "rate_limiter",
	.label = "rate limiter",
	.plural = "rate_limiters",
	.limit = LIMIT_rate_limiters,
	.message = &sluice__v1__rate_limiter__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__RateLimiter, name), 0},
	.size = sizeof(struct rate_limiter),
	.counters = {{DP_COUNTER_LIMITERS, offsetof(Sluice__V1__ResourceState, counters)}},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.check = check_limiter,
};
