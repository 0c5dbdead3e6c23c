/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/live.h"

#include "vnf/core/clock.h"
#include "vnf/core/condition.h"

void live_calls_init(struct live_calls *live)
{

	pthread_mutex_init(&live->lock, NULL);
	condition_init(&live->changed);
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

bool live_calls_wait(struct live_calls *live, unsigned int milliseconds)
{
	const uint64_t deadline = monotonic_ms() + milliseconds;
	bool none;
	int late = 0;

	pthread_mutex_lock(&live->lock);
	while (live->count && !late)
		late = milliseconds == LIVE_CALLS_EVER ? pthread_cond_wait(&live->changed, &live->lock)
						       : condition_wait_until(&live->changed, &live->lock, deadline);
	none = !live->count;
	pthread_mutex_unlock(&live->lock);
	return none;
}
