/* SPDX-License-Identifier: Apache-2.0 */
/* How long something took, in buckets that are the same for everything: one thread observes, any thread reads. */
#ifndef SLUICE_CORE_HISTOGRAM_H
#define SLUICE_CORE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS 16
extern const uint32_t histogram_bound_us[HISTOGRAM_BOUNDS]; /* what took no longer is in the bucket */

/* Empty when zeroed. */
struct histogram {
	_Atomic uint64_t count[HISTOGRAM_BOUNDS + 1]; /* the last one: what took longer than all bounds */
	_Atomic uint64_t sum_us;
};

struct histogram_reading {
	uint64_t count[HISTOGRAM_BOUNDS + 1];
	uint64_t sum_us;
};

void histogram_observe(struct histogram *histogram, uint64_t us);
void histogram_read(const struct histogram *histogram, struct histogram_reading *reading);

#endif
