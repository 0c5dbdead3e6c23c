/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/router/policy.h"

#include <string.h>

enum { IDS = 64 };

int policy_set_up(void **state)
{
	rig_use_feature(rig_bank(0), VRF_TENANT, DP_FEATURE_POLICY);
	rig_use_feature(rig_bank(0), VRF_CHAINED, DP_FEATURE_POLICY);
	return answer_set_up(state);
}

int policy_tear_down(void **state)
{
	return answer_tear_down(state);
}

static struct policy_end end_of(const char *prefix)
{
	struct policy_end end = {.port_last = ANY_PORT};

	if (prefix)
		assert_int_equal(ip_prefix_parse(prefix, &end.prefix), 0);
	return end;
}

static uint8_t category_of(const struct rule_spec *rule)
{
	switch (rule->action) {
	case DP_POLICY_GROUP:
	case DP_POLICY_STAGE:
	case DP_POLICY_POOL:
		return DP_POLICY_STEER;
	case DP_POLICY_QOS_TO:
		return DP_POLICY_QOS;
	case DP_POLICY_COUNT:
		return DP_POLICY_OBSERVE;
	default:
		return rule->category;
	}
}

void policy_add(uint16_t vrf, const struct rule_spec *spec)
{
	struct policy_pattern pattern = {end_of(spec->source), end_of(spec->destination), DP_POLICY_NO_PROTOCOL, 0};
	struct dp_policy_rule rule = {.order = spec->id,
				      .target = spec->target,
				      .id = spec->id,
				      .action = spec->action,
				      .category = category_of(spec),
				      .flags = spec->flags};

	if (spec->protocol)
		pattern.protocol = spec->protocol;
	if (spec->source_port)
		pattern.source.port_first = pattern.source.port_last = spec->source_port;
	if (spec->port || spec->last || spec->any_code) {
		pattern.destination.port_first = spec->port;
		pattern.destination.port_last = spec->any_code ? spec->port | 0xff
						: spec->last   ? spec->last
							       : spec->port;
	}
	assert_int_equal(policy_set(rig_policy(0), vrf, &pattern, &rule, spec->guard.asks ? &spec->guard : NULL), 0);
}

void policy_drop(uint16_t vrf, uint32_t id)
{
	assert_true(policy_unset(rig_policy(0), vrf, id));
}

uint64_t policy_counted(uint32_t id)
{
	return rig_counter(DP_COUNTER_POLICY + id).packets;
}

struct outcome policy_meets(const char *name, const struct frame *in, enum dp_reason reason, const uint32_t *rules)
{
	struct dp_counter before[IDS];
	struct outcome outcome;

	for (uint32_t id = 1; id < IDS; id++)
		before[id] = rig_counter(DP_COUNTER_POLICY + id);
	outcome = rig_run(in);
	if (outcome.reason != reason)
		fail_msg("%s: %s instead of %s", name, reason_names[outcome.reason], reason_names[reason]);
	for (uint32_t id = 1; id < IDS; id++) {
		struct dp_counter now = rig_counter(DP_COUNTER_POLICY + id);
		bool counts = false;

		for (const uint32_t *rule = rules; rule && *rule; rule++)
			counts |= *rule == id;
		if (now.packets - before[id].packets != counts)
			fail_msg("%s: rule %u counted %llu packets", name, id,
				 (unsigned long long)(now.packets - before[id].packets));
		assert_int_equal(now.bytes - before[id].bytes, counts ? in->length : 0);
	}
	return outcome;
}
