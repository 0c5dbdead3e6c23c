/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/observe/recent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct recent_sample {
	struct dp_observation head;
	uint8_t in[RECENT_FRAME];
};

int recent_open(struct recent *recent)
{
	if (!recent->sample) /* pages that no sample has reached yet cost nothing */
		recent->sample = calloc(RECENT_SAMPLES, sizeof(*recent->sample));
	return recent->sample ? 0 : -ENOMEM;
}

void recent_close(struct recent *recent)
{
	free(recent->sample);
	*recent = (struct recent){0};
}

void recent_add(struct recent *recent, const struct observed *observed)
{
	struct recent_sample *sample;

	if (!recent->sample)
		return;
	sample = &recent->sample[recent->count++ % RECENT_SAMPLES];
	sample->head = *observed->head;
	sample->head.out_kept = sample->head.steps = 0;
	if (sample->head.in_kept > RECENT_FRAME)
		sample->head.in_kept = RECENT_FRAME;
	if (observed->in)
		memcpy(sample->in, observed->in, sample->head.in_kept);
}

size_t recent_see(const struct recent *recent, size_t most, observer_take *see, void *context)
{
	size_t held = recent->count < RECENT_SAMPLES ? recent->count : RECENT_SAMPLES;
	size_t count = recent->sample ? held : 0;

	if (count > most)
		count = most;
	for (size_t i = 0; i < count; i++) {
		const struct recent_sample *sample = &recent->sample[(recent->count - 1 - i) % RECENT_SAMPLES];
		const struct observed observed = {.head = &sample->head,
						  .in = sample->head.in_kept ? sample->in : NULL};

		see(context, &observed, 0);
	}
	return count;
}
