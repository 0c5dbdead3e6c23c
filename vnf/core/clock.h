/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CORE_CLOCK_H
#define SLUICE_CORE_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* The monotonic clock, in nanoseconds, microseconds and milliseconds. */
static inline uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline uint64_t monotonic_us(void)
{
	return monotonic_ns() / 1000;
}

static inline uint64_t monotonic_ms(void)
{
	return monotonic_us() / 1000;
}

/* Milliseconds since 1970, which may jump. */
static inline int64_t unix_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Is it the first time that this is asked in this second? For what others can cause as often as they like, and a line
 * in the log is written about. *last, zero at first, remembers. Any thread. */
static inline bool first_in_second(_Atomic uint64_t *last)
{
	uint64_t second = monotonic_us() / 1000000 + 1;

	return atomic_exchange(last, second) != second;
}

#endif
