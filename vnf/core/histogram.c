/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/histogram.h"

#include <stddef.h>

const uint32_t histogram_bound_us[HISTOGRAM_BOUNDS] = {
	50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 10000000};

void histogram_observe(struct histogram *histogram, uint64_t us)
{
	size_t i = 0;

	while (i < HISTOGRAM_BOUNDS && us > histogram_bound_us[i])
		i++;
	atomic_fetch_add_explicit(&histogram->count[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&histogram->sum_us, us, memory_order_relaxed);
}

void histogram_read(const struct histogram *histogram, struct histogram_reading *reading)
{
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
		reading->count[i] = atomic_load_explicit(&histogram->count[i], memory_order_relaxed);
	reading->sum_us = atomic_load_explicit(&histogram->sum_us, memory_order_relaxed);
}
