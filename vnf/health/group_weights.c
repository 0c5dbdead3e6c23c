/* SPDX-License-Identifier: Apache-2.0 */
/* The weight factors of a monitor's targets, and why they are what they are. */
#include <stdio.h>
#include <stdlib.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"
#include "vnf/health/target.h"
#include "vnf/health/weights.h"

/* Members that drain or are quarantined have no part: sluiced leaves latency_weights out of them. */
static const Sluice__V1__LatencyWeights *wanted_of(const struct target *target)
{
	return target->message->latency_weights;
}

/* The one that all wait for; NULL: there is none. */
static const struct target *obstacle(const struct monitor_group *group)
{
	for (const struct target *each = group->first; each; each = each->next_in_group)
		if (wanted_of(each) && (verdict_fails(&each->verdict) || !each->verdict.latency))
			return each;
	return NULL;
}

static void explain(struct target *target, const struct target *obstacle, uint32_t median)
{
	char *to = target->weight_detail;
	const size_t size = sizeof(target->weight_detail);

	if (!wanted_of(target) || target->factor == WEIGHTS_ALL)
		*to = '\0';
	else if (obstacle)
		snprintf(to, size, "weight %u/1000 stays: %.60s %s", target->factor, obstacle->message->name,
			 verdict_fails(&obstacle->verdict) ? "is down" : "has no latency yet");
	else if (median)
		snprintf(to, size, "weight %u/1000: its probes take %u us, the median is %u us", target->factor,
			 target->verdict.latency, median);
}

/* Explanations are reported where the reason is another one: latencies alone are no news. */
static void explain_all(struct monitor_group *group, uint32_t median)
{
	const struct target *waits_for = obstacle(group);
	const bool other = group->weights_wait != (waits_for != NULL);

	for (struct target *each = group->first; each; each = each->next_in_group) {
		explain(each, waits_for, median);
		if (other && *each->weight_detail)
			each->told = false;
	}
	group->weights_wait = waits_for != NULL;
}

static void take_factor(struct target *target, uint16_t factor)
{
	if (target->factor != factor)
		log_info("%s: weight factor %u/1000, was %u: its probes take %u us", target->key, factor,
			 target->factor, target->verdict.latency);
	target->factor = factor;
}

void group_step_weights(struct monitor_group *group)
{
	const Sluice__V1__LatencyWeights *wanted = NULL;
	struct weights_member *members;
	struct weights_settings settings;
	size_t count = 0;

	for (struct target *each = group->first; each && !wanted; each = each->next_in_group)
		wanted = wanted_of(each);
	members = wanted ? calloc(group->count, sizeof(*members)) : NULL;
	if (!members)
		return;
	for (struct target *each = group->first; each; each = each->next_in_group)
		if (wanted_of(each))
			members[count++] = (struct weights_member){.latency = each->verdict.latency,
								   .down = verdict_fails(&each->verdict),
								   .factor = each->factor};
	settings = weights_settings_of(wanted->step_percent, wanted->dead_band_percent, wanted->interval_seconds,
				       wanted->floor_percent);
	(void)weights_step(&settings, members, count, &group->stepped_ms, monotonic_ms());
	count = 0;
	for (struct target *each = group->first; each; each = each->next_in_group)
		if (wanted_of(each))
			take_factor(each, members[count++].factor);
	explain_all(group, weights_median(members, count));
	free(members);
}
