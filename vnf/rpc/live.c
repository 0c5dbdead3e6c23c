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

void live_calls_set_down(struct live_calls *live)
{
	pthread_mutex_lock(&live->lock);
	live->down = true;
	pthread_cond_broadcast(&live->changed);
	pthread_mutex_unlock(&live->lock);
}

static struct timespec deadline_in(unsigned int milliseconds)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += milliseconds / 1000;
	deadline.tv_nsec += milliseconds % 1000 * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_nsec -= 1000000000;
		deadline.tv_sec++;
	}
	return deadline;
}

void live_calls_wait(struct live_calls *live, unsigned int milliseconds)
{
	const struct timespec deadline = deadline_in(milliseconds);
	int late = 0;

	pthread_mutex_lock(&live->lock);
	while (live->count && !late)
		late = pthread_cond_timedwait(&live->changed, &live->lock, &deadline);
	pthread_mutex_unlock(&live->lock);
}

bool live_calls_wait_down_for(struct live_calls *live, unsigned int milliseconds)
{
	const struct timespec deadline = deadline_in(milliseconds);
	bool down;
	int late = 0;

	pthread_mutex_lock(&live->lock);
	while ((!live->down || live->count) && !late)
		late = pthread_cond_timedwait(&live->changed, &live->lock, &deadline);
	down = live->down && !live->count;
	pthread_mutex_unlock(&live->lock);
	return down;
}

void live_calls_wait_down(struct live_calls *live)
{
	pthread_mutex_lock(&live->lock);
	while (!live->down || live->count)
		pthread_cond_wait(&live->changed, &live->lock);
	pthread_mutex_unlock(&live->lock);
}
