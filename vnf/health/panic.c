/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/panic.h"

#define TARGETS_LEAST 3 /* of fewer, one that fails says nothing about the prober */

bool panic_update(struct panic *panic, size_t targets, size_t failing, uint64_t now_ms)
{
	bool on = targets >= TARGETS_LEAST && failing * 100 > targets * panic->percent;

	if (on == panic->on)
		return false;
	panic->on = on;
	panic->since_ms = now_ms;
	return true;
}

bool panic_keeps(const struct panic *panic, const struct verdict *verdict)
{
	return panic->on && verdict_fails(verdict) && verdict->changed_ms + panic->window_ms >= panic->since_ms;
}
