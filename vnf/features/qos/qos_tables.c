/* SPDX-License-Identifier: Apache-2.0 */
/* qos_policies[]: what a policy and its rate limiter say, in the times that packets reckon with. */
#include <time.h>

#include "vnf/features/qos/qos.h"
#include "vnf/core/hash.h"
#include "vnf/reconcile/table.h"

#define SECOND (1000000000ULL << DP_LIMITER_UNIT)

struct dp_rate rate_times(uint64_t rate, uint64_t burst, bool packets)
{
	const unsigned int shift = packets ? DP_LIMITER_PACKETS : DP_LIMITER_COST;
	const uint64_t second = (packets ? SECOND : SECOND * 8) << shift;
	struct dp_rate times = {0};

	if (!rate)
		return times;
	times.cost = (second + rate / 2) / rate;
	times.burst = times.cost * burst >> shift;
	return times;
}

/* Of the kernel's clock that goes by ticks, in the units of limiters. */
static uint64_t tick(void)
{
	struct timespec resolution = {0};

	clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
	return ((uint64_t)resolution.tv_sec * 1000000000 + (uint64_t)resolution.tv_nsec) << DP_LIMITER_UNIT;
}

/* By its name and not its id, which the next limiter may have: what it has left in sets is its own. */
static uint64_t tag_of(const char *name)
{
	return hash_text(HASH_SEED, name);
}

/* A tick must not let a bucket run empty: what it would have gained until the clock goes on would be lost. */
static bool is_short(const struct dp_rate *rate)
{
	return rate->cost && rate->burst < 2 * tick();
}

static void limiter_row(const struct rate_limiter *limiter, struct dp_qos_policy *row)
{
	row->limiter = resource_id(&limiter->resource);
	row->tag = tag_of(limiter->resource.self->text);
	row->rate = rate_times(limiter->rate, limiter->burst, limiter->packets);
	row->excess = rate_times(limiter->excess_rate, limiter->excess_burst, limiter->packets);
	row->precise = is_short(&row->rate) || is_short(&row->excess);
	row->packets = limiter->packets;
	row->scope = limiter->scope;
	row->source_length4 = limiter->source_length4;
	row->source_length6 = limiter->source_length6;
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct qos_policy *policy = (const struct qos_policy *)row->after;
	struct dp_qos_policy entry = {0};
	const struct resource *limiter;

	if (policy) {
		entry.dscp = policy->dscp;
		entry.excess_dscp = policy->excess_dscp;
	}
	if (policy && policy->rate_limiter) {
		limiter = tables_resource(tables, RESOURCE_RATE_LIMITER, policy->rate_limiter->id);
		if (limiter)
			limiter_row((const struct rate_limiter *)limiter, &entry);
	}
	bank_write(tables_writer(tables), DP_TABLE_qos_policies, row->id, &entry);
	return 0;
}

static void follow_limiter(struct tables *tables, const struct resource *before, const struct resource *after)
{
	(void)before;
	tables_mark_users(tables, TABLE_qos_policies, after, RESOURCE_QOS_POLICY);
}

extern const struct table qos_policies_table;
const struct table qos_policies_table = {
	.name = "qos_policies",
	.kind = RESOURCE_QOS_POLICY,
	.kinds = {{RESOURCE_RATE_LIMITER, follow_limiter}},
	.row = row,
};
