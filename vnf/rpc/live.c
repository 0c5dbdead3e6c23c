/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/live.h"

#include <time.h>

void live_calls_init(struct live_calls *live)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&live->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&live->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void live_calls_destroy(struct live_calls *live)
{
	pthread_cond_destroy(&live->changed);
	pthread_mutex_destroy(&live->lock);
}

void live_calls_begin(struct live_calls *live)
{
	pthread_mutex_lock(&live->lock);
	live->count++;
	pthread_mutex_unlock(&live->lock);
}

void live_calls_end(struct live_calls *live)
{
	pthread_mutex_lock(&live->lock);
	live->count--;
	pthread_cond_broadcast(&live->changed);
	pthread_mutex_unlock(&live->lock);
}

static struct timespec deadline_in(unsigned int milliseconds)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += (time_t)(milliseconds / 1000);
	deadline.tv_nsec += milliseconds % 1000 * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_nsec -= 1000000000;
		deadline.tv_sec++;
	}
	return deadline;
}

bool live_calls_wait(struct live_calls *live, unsigned int milliseconds)
{
	const struct timespec deadline = deadline_in(milliseconds);
	bool none;
	int late = 0;

	pthread_mutex_lock(&live->lock);
	while (live->count && !late)
		late = milliseconds == LIVE_CALLS_EVER ? pthread_cond_wait(&live->changed, &live->lock)
						       : pthread_cond_timedwait(&live->changed, &live->lock, &deadline);
	none = !live->count;
	pthread_mutex_unlock(&live->lock);
	return none;
}
