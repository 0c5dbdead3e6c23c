/* SPDX-License-Identifier: Apache-2.0 */
/* What other threads ask of the mirror, and what they ask it about. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "vnf/core/clock.h"
#include "vnf/core/condition.h"
#include "vnf/sources/mirror_state.h"

#define AGAIN_MS 1000

static struct source **position_of(struct source **list, uint32_t number)
{
	while (*list && (*list)->config.source != number)
		list = &(*list)->next;
	return list;
}

static void free_list(struct source *source)
{
	for (struct source *next; source; source = next) {
		next = source->next;
		source_free(source);
	}
}

int mirror_follow(struct mirror *mirror, const struct source_config *config, size_t count)
{
	struct source *wanted = NULL, *before = NULL;
	bool failed = false;

	for (size_t i = 0; i < count; i++) {
		struct source *source;

		if (failed) {
			free(config[i].range);
			continue;
		}
		source = source_new(&config[i], &mirror->nexthops, mirror->evpn.evpn, &mirror->list);
		failed = !source;
		if (failed)
			continue;
		source->next = wanted;
		wanted = source;
	}
	if (failed) {
		free_list(wanted);
		return -ENOMEM;
	}
	pthread_mutex_lock(&mirror->lock);
	before = mirror->wanted;
	mirror->wanted = wanted;
	mirror->follow = true;
	pthread_mutex_unlock(&mirror->lock);
	free_list(before);
	mirror_wake(mirror);
	return 0;
}

/* A source that nobody wants any more; the batch that is out is the receiver's until it is through. */
static void leave(struct mirror *mirror, struct source *source)
{
	if (!source->out) {
		source_free(source);
		return;
	}
	source->next = mirror->leaving;
	mirror->leaving = source;
}

/* Those that stay are what they were, but for their configuration. */
static void change_sources(struct mirror *mirror, struct source *wanted)
{
	struct source *before = mirror->sources;

	mirror->sources = NULL;
	for (struct source *source = wanted, *next; source; source = next) {
		struct source **position = position_of(&before, source->config.source), *known = *position;

		next = source->next;
		if (known) {
			*position = known->next;
			source_configure(known, &source->config);
			source_free(source);
			source = known;
		}
		source->next = mirror->sources;
		mirror->sources = source;
	}
	while (before) {
		struct source *gone = before;

		before = gone->next;
		leave(mirror, gone);
	}
}

void mirror_again(struct mirror *mirror, const struct ip_prefix *prefix)
{
	if (prefix->address.family != 4)
		return;
	pthread_mutex_lock(&mirror->lock);
	if (!mirror->again.address.family)
		mirror->again = *prefix;
	if (mirror->again.length > prefix->length)
		mirror->again = ip_prefix_of(&mirror->again.address, prefix->length);
	while (!ip_prefix_contains(&mirror->again, &prefix->address))
		mirror->again = ip_prefix_of(&mirror->again.address, (uint8_t)(mirror->again.length - 1));
	pthread_mutex_unlock(&mirror->lock);
	mirror_wake(mirror);
}

static void touch_again(struct mirror *mirror, const struct ip_prefix *below)
{
	for (struct source *source = mirror->sources; source && below->address.family; source = source->next)
		if (source->config.acknowledge)
			source_touch_below(source, below, mirror->now_ns);
}

static void end_batch(struct mirror *mirror, struct batch *batch)
{
	struct source *source = batch->source;
	struct source **position = &mirror->leaving;

	if (!batch->programmed)
		source->retry_ms = mirror_now_ms(mirror) + AGAIN_MS;
	batch_end(source, batch, batch->programmed, mirror->now_ns);
	while (*position && *position != source)
		position = &(*position)->next;
	if (*position) {
		*position = source->next;
		source_free(source);
	}
}

void mirror_take_orders(struct mirror *mirror)
{
	struct ip_prefix again;
	struct batch *done;

	pthread_mutex_lock(&mirror->lock);
	done = mirror->done;
	mirror->done = NULL;
	again = mirror->again;
	mirror->again = (struct ip_prefix){0};
	if (mirror->follow) {
		change_sources(mirror, mirror->wanted);
		mirror->wanted = NULL;
		mirror->follow = false;
	}
	pthread_mutex_unlock(&mirror->lock);
	mirror_evpn_follow(mirror);
	for (struct batch *next; done; done = next) {
		next = done->next;
		end_batch(mirror, done);
	}
	touch_again(mirror, &again);
}

void mirror_done(struct mirror *mirror, struct source_batch *public, bool programmed)
{
	struct batch *batch = (struct batch *)public;

	batch->programmed = programmed;
	pthread_mutex_lock(&mirror->lock);
	batch->next = mirror->done;
	mirror->done = batch;
	pthread_mutex_unlock(&mirror->lock);
	mirror_wake(mirror);
}

int mirror_facts(struct mirror *mirror, uint32_t number, struct source_facts *facts)
{
	const struct source *source, *wanted;

	pthread_mutex_lock(&mirror->lock);
	source = *position_of(&mirror->sources, number);
	if (mirror->follow) {
		wanted = *position_of(&mirror->wanted, number);
		source = wanted && source ? source : wanted;
	}
	if (source)
		*facts = source->facts;
	pthread_mutex_unlock(&mirror->lock);
	return source ? 0 : -ENOENT;
}

static bool all_offered(const struct mirror *mirror)
{
	for (const struct source *source = mirror->sources; source; source = source->next)
		if (!source->offered)
			return false;
	return !mirror->follow;
}

bool mirror_wait_first(struct mirror *mirror, uint64_t deadline_ms)
{
	bool all;

	pthread_mutex_lock(&mirror->lock);
	while (!(all = all_offered(mirror)) &&
	       condition_wait_until(&mirror->offered, &mirror->lock, deadline_ms) != ETIMEDOUT)
		continue;
	pthread_mutex_unlock(&mirror->lock);
	return all;
}
