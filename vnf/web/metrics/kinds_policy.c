/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and rate limiters. */
#include "vnf/web/metrics/kind_metrics.h"

static void label_limiter(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"rate_limiter", state->key};
}

static const struct kind_family limiter_families[] = {
	{{"sluice_rate_limiter_dropped_packets", METRIC_COUNTER, "packets", "Packets beyond the limiter's rate"},
	 kind_packets,
	 0},
	{{"sluice_rate_limiter_dropped_bytes", METRIC_COUNTER, "bytes", "Bytes of frames beyond the limiter's rate"},
	 kind_bytes,
	 0},
};

const struct kind_metrics limiter_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_RATE_LIMITER, "rate_limiter",
					     label_limiter, limiter_families, KIND_FAMILY_COUNT(limiter_families)};

static void label_rule(const Sluice__V1__ResourceState *state, struct label label[KIND_LABELS])
{
	label[0] = (struct label){"rule", state->key};
	label[1] = (struct label){"vrf", state->resource->policy_rule->vrf};
}

static const struct kind_family rule_families[] = {
	{{"sluice_policy_rule_packets", METRIC_COUNTER, "packets", "Packets that a policy rule has decided on"},
	 kind_packets,
	 0},
	{{"sluice_policy_rule_bytes", METRIC_COUNTER, "bytes", "Bytes of frames that a policy rule has decided on"},
	 kind_bytes,
	 0},
};

const struct kind_metrics rule_metrics = {SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_POLICY_RULE, "policy_rule",
					  label_rule, rule_families, KIND_FAMILY_COUNT(rule_families)};
