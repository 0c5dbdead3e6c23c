/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LatencyWeights (service.proto): factors of members' weights that follow the latency of their probes. A member whose
 * latency is beyond the dead band above the pool's median falls towards median / latency; one that is within half of
 * the band comes back; in between nothing happens. All by at most a step at a time.
 */
#ifndef SLUICE_HEALTH_WEIGHTS_H
#define SLUICE_HEALTH_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEIGHTS_ALL 1000 /* a factor in 1/1000: the whole weight */

struct weights_settings {
	unsigned int step_percent, dead_band_percent, interval_seconds, floor_percent; /* none of them 0 */
};

struct weights_member {
	uint32_t latency; /* microseconds; 0: not known */
	bool down;
	uint16_t factor; /* 1 to WEIGHTS_ALL: it is changed */
};

/* 0 stands for the default. */
struct weights_settings weights_settings_of(unsigned int step, unsigned int dead_band, unsigned int interval,
					    unsigned int floor);
uint32_t weights_median(const struct weights_member *members, size_t count); /* 0: nobody, or out of memory */
/*
 * One step, where the interval since *stepped_ms (0: never) is over. Suspended, so that nothing changes, while a member
 * is down or a latency is not known, and with fewer than two members. The number of factors that have changed, or
 * -ENOMEM. Sets *stepped_ms where there was a step.
 */
int weights_step(const struct weights_settings *settings, struct weights_member *members, size_t count,
		 uint64_t *stepped_ms, uint64_t now_ms);

#endif
