/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/weights.h"

#include <errno.h>
#include <stdlib.h>

struct weights_settings weights_settings_of(unsigned int step, unsigned int dead_band, unsigned int interval,
					    unsigned int floor)
{
	return (struct weights_settings){.step_percent = step ? step : 10,
					 .dead_band_percent = dead_band ? dead_band : 25,
					 .interval_seconds = interval ? interval : 5,
					 .floor_percent = floor ? floor : 20};
}

static int by_value(const void *left, const void *right)
{
	const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

/* With an even number of members the lower one of both in the middle. */
uint32_t weights_median(const struct weights_member *members, size_t count)
{
	uint32_t *latency = count ? malloc(count * sizeof(*latency)) : NULL, median = 0;

	if (!latency)
		return 0;
	for (size_t i = 0; i < count; i++)
		latency[i] = members[i].latency;
	qsort(latency, count, sizeof(*latency), by_value);
	median = latency[(count - 1) / 2];
	free(latency);
	return median;
}

static bool is_suspended(const struct weights_member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (members[i].down || !members[i].latency)
			return true;
	return count < 2;
}

static uint16_t next_factor(const struct weights_settings *settings, const struct weights_member *member,
			    uint32_t median)
{
	const uint64_t above = (uint64_t)member->latency * 200, step = settings->step_percent * WEIGHTS_ALL / 100;
	const uint64_t floor = settings->floor_percent * WEIGHTS_ALL / 100;
	uint64_t wanted;

	if (above <= (uint64_t)median * (200 + settings->dead_band_percent))
		return (uint16_t)(member->factor + step < WEIGHTS_ALL ? member->factor + step : WEIGHTS_ALL);
	if (above <= (uint64_t)median * (200 + 2 * settings->dead_band_percent))
		return member->factor;
	wanted = (uint64_t)median * WEIGHTS_ALL / member->latency;
	if (wanted < floor)
		wanted = floor;
	if (wanted + step < member->factor)
		return (uint16_t)(member->factor - step);
	if (wanted > member->factor + step)
		return (uint16_t)(member->factor + step);
	return (uint16_t)(wanted ? wanted : 1);
}

int weights_step(const struct weights_settings *settings, struct weights_member *members, size_t count,
		 uint64_t *stepped_ms, uint64_t now_ms)
{
	uint32_t median;
	int changed = 0;

	if ((*stepped_ms && now_ms - *stepped_ms < settings->interval_seconds * 1000ULL) ||
	    is_suspended(members, count))
		return 0;
	median = weights_median(members, count);
	if (!median)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		uint16_t factor = next_factor(settings, &members[i], median);

		changed += factor != members[i].factor;
		members[i].factor = factor;
	}
	*stepped_ms = now_ms;
	return changed;
}
