/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The panic floor: where more of a monitor's targets than a share of them fail at once, the prober itself is suspected,
 * and all are kept as they were. What failed a moment before that, as part of the same event, is up again; what was
 * down for longer stays down.
 */
#ifndef SLUICE_HEALTH_PANIC_H
#define SLUICE_HEALTH_PANIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/health/verdict.h"

struct panic {
	unsigned int percent; /* 1 to 100, which is never */
	uint64_t window_ms;   /* failures that are no further apart belong together */
	bool on;
	uint64_t since_ms; /* monotonic */
};

/* Of so many targets so many fail now. True: panic has begun or ended, and every target is to be looked at. */
bool panic_update(struct panic *panic, size_t targets, size_t failing, uint64_t now_ms);
/* Does a panic keep this one up although it fails? */
bool panic_keeps(const struct panic *panic, const struct verdict *verdict);

#endif
