/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/observe/state.h"

#define MOST_EVERY 1000000

static int set(struct observer *observer, uint32_t every, uint16_t snap, struct error *error)
{
	struct dp_observing *observing;

	if (every && recent_open(&observer->recent)) {
		error_no_memory(error, "samples cannot be remembered");
		return -1;
	}
	observing = observer->twins.observing;
	observing->sample_snap = snap;
	__atomic_store_n(&observing->sample_every, every, __ATOMIC_SEQ_CST);
	observer_look(observer);
	dataplane_sample_anew(observer->dataplane);
	return 0;
}

int observer_sample(struct observer *observer, uint32_t every, uint16_t snap, struct error *error)
{
	int status;

	if (every > MOST_EVERY || snap > DP_OBSERVED_FRAME) {
		error_add(error, ERROR_INVALID_ARGUMENT, NULL,
			  "samples are one packet in 1 to 1,000,000, with at most %d bytes of each", DP_OBSERVED_FRAME);
		return -1;
	}
	if (!every && !observer_is_prepared(observer, OBSERVER_LOOKS))
		return 0;
	if (observer_prepare(observer, OBSERVER_LOOKS, error))
		return -1;
	pthread_mutex_lock(&observer->lock);
	status = set(observer, every, snap, error);
	pthread_mutex_unlock(&observer->lock);
	return status;
}

static struct sample_taker *find_taker(struct observer *observer, observer_take *take, const void *context)
{
	for (int i = 0; i < SAMPLE_TAKERS; i++)
		if (observer->taker[i].take == take && observer->taker[i].context == context)
			return &observer->taker[i];
	return NULL;
}

static int add_taker(struct observer *observer, observer_take *take, void *context, struct error *error)
{
	struct sample_taker *place = find_taker(observer, NULL, NULL);

	if (!place) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "samples have %d takers already", SAMPLE_TAKERS);
		return -1;
	}
	*place = (struct sample_taker){take, context};
	return 0;
}

int observer_take_samples(struct observer *observer, observer_take *take, void *context, struct error *error)
{
	int status;

	pthread_mutex_lock(&observer->lock);
	status = add_taker(observer, take, context, error);
	pthread_mutex_unlock(&observer->lock);
	return status;
}

void observer_stop_samples(struct observer *observer, observer_take *take, void *context)
{
	struct sample_taker *taker;

	pthread_mutex_lock(&observer->lock);
	taker = find_taker(observer, take, context);
	if (taker)
		*taker = (struct sample_taker){0};
	pthread_mutex_unlock(&observer->lock);
}

size_t observer_recent(struct observer *observer, size_t most, observer_take *see, void *context)
{
	size_t count;

	pthread_mutex_lock(&observer->lock);
	count = recent_see(&observer->recent, most, see, context);
	pthread_mutex_unlock(&observer->lock);
	return count;
}
