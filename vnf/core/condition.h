/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CORE_CONDITION_H
#define SLUICE_CORE_CONDITION_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* A condition whose waits end by the monotonic clock: they last as long as they should where the clock is set. */
static inline void condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

/* With the lock held: until it is signalled, for no reason, or until monotonic_ms() is that, which is ETIMEDOUT. */
static inline int condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t until_ms)
{
	const struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
				       .tv_nsec = (long)(until_ms % 1000) * 1000000};

	return pthread_cond_timedwait(condition, lock, &until);
}

#endif
