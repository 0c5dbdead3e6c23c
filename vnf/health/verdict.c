/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/verdict.h"

#define LATENCY_SHARE 4 /* the newest counts for a quarter: old ones are forgotten within some ten probes */

void verdict_init(struct verdict *verdict, unsigned int rise, unsigned int fall)
{
	*verdict = (struct verdict){.rise = (uint8_t)(rise ? rise : 1), .fall = (uint8_t)(fall ? fall : 1)};
}

bool verdict_set(struct verdict *verdict, bool up, uint64_t now_ms)
{
	if (verdict->known && verdict->up == up)
		return false;
	verdict->known = true;
	verdict->up = up;
	verdict->changed_ms = now_ms;
	return true;
}

/* An exponentially weighted moving average. */
static void add_latency(struct verdict *verdict, uint32_t latency)
{
	if (!latency)
		return;
	if (!verdict->latency)
		verdict->latency = latency;
	verdict->latency = (uint32_t)(((uint64_t)verdict->latency * (LATENCY_SHARE - 1) + latency) / LATENCY_SHARE);
	if (!verdict->latency)
		verdict->latency = 1;
}

bool verdict_success(struct verdict *verdict, uint32_t latency, uint64_t now_ms)
{
	verdict->failures = 0;
	add_latency(verdict, latency);
	if (verdict->successes < verdict->rise)
		verdict->successes++;
	return verdict->successes == verdict->rise && verdict_set(verdict, true, now_ms);
}

bool verdict_failure(struct verdict *verdict, uint64_t now_ms)
{
	verdict->successes = 0;
	if (verdict->failures < verdict->fall)
		verdict->failures++;
	return verdict->failures == verdict->fall && verdict_set(verdict, false, now_ms);
}
