/* SPDX-License-Identifier: Apache-2.0 */
/* Which sources the mirror follows, and how. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/handles.h"
#include "vnf/control/sources/sources_state.h"

static struct followed *follow(struct sources *sources, const struct resource *resource)
{
	struct followed *followed = sources->first;

	while (followed && followed->source != resource->self)
		followed = followed->next;
	if (followed)
		return followed;
	followed = calloc(1, sizeof(*followed));
	if (!followed)
		return NULL;
	followed->source = resource->self;
	followed->source->references++;
	followed->next = sources->first;
	sources->first = followed;
	return followed;
}

/* A number that the mirror does not know: the source is read whole. */
static void read_anew(struct sources *sources, struct followed *followed)
{
	struct shown_source *shown = shown_of(sources, followed);

	if (followed->batch)
		mirror_done(mirror_of(sources), followed->batch, false);
	followed->batch = NULL;
	known_groups_clear(sources, followed);
	followed->number = ++sources->numbers;
	atomic_store(&shown->number, followed->number);
}

void followed_end(struct sources *sources, struct followed **at)
{
	struct followed *followed = *at;

	if (followed->batch)
		mirror_done(mirror_of(sources), followed->batch, false);
	known_groups_clear(sources, followed);
	*at = followed->next;
	handles_put(sources->committer->handles, followed->source);
	free(followed);
}

/* 0 or -ENOMEM. */
static int describe(const struct sources *sources, const struct followed *followed, struct source_config *config)
{
	const uint32_t most = handles_maximum(sources->committer->handles, RESOURCE_ROUTE);
	const struct route_source *source = followed->resource;

	*config = (struct source_config){
		.source = followed->number,
		.table = source->table,
		.max_routes = source->max_routes && source->max_routes < most ? source->max_routes : most,
		.protocols = source->protocols,
		.allow_bogons = source->allow_bogons,
		.acknowledge = source->acknowledge,
		.evpn = source->underlay != NULL,
		.ranges = source->ranges,
	};
	for (size_t i = 0; i < source->protocols; i++)
		config->protocol[i] = source->protocol[i].protocol;
	if (!source->ranges)
		return 0;
	config->range = malloc(source->ranges * sizeof(*config->range));
	if (!config->range)
		return -ENOMEM;
	memcpy(config->range, source->range, source->ranges * sizeof(*config->range));
	return 0;
}

static struct mirror *start_mirror(struct sources *sources, struct error *error)
{
	const struct mirror_ops ops = {.ready = sources_hand_over, .context = sources};

	if (!mirror_of(sources))
		atomic_store_explicit(&sources->mirror, mirror_new(&ops, error), memory_order_release);
	return mirror_of(sources);
}

int followed_tell(struct sources *sources, struct error *error)
{
	struct source_config *config;
	size_t count = 0, i = 0;

	for (const struct followed *at = sources->first; at; at = at->next)
		count++;
	if (!count && !mirror_of(sources))
		return 0;
	if (!start_mirror(sources, error))
		return -1;
	config = calloc(count + 1, sizeof(*config));
	for (const struct followed *at = sources->first; config && at; at = at->next)
		if (describe(sources, at, &config[i++]))
			goto err;
	if (config && !mirror_follow(mirror_of(sources), config, count)) {
		free(config);
		return 0;
	}
	i = 0; /* the ranges are the mirror's */
err:
	while (i > 0)
		free(config[--i].range);
	free(config);
	error_no_memory(error, NULL);
	return -1;
}

int followed_bring_up(struct sources *sources, const struct snapshot *next, bool *changed)
{
	const struct resource *at = NULL;

	for (struct followed *followed = sources->first; followed; followed = followed->next)
		followed->seen = false;
	while ((at = snapshot_next(next, RESOURCE_ROUTE_SOURCE, at))) {
		struct followed *followed = follow(sources, at);

		if (!followed)
			return -ENOMEM;
		followed->seen = true;
		if (followed_is(followed, at) && !known_groups_differ(sources, followed, next))
			continue;
		followed->resource = (const struct route_source *)at;
		followed->revision = at->revision;
		read_anew(sources, followed);
		*changed = true;
	}
	for (struct followed **followed = &sources->first; *followed;) {
		if ((*followed)->seen) {
			followed = &(*followed)->next;
			continue;
		}
		followed_end(sources, followed);
		*changed = true;
	}
	return 0;
}
