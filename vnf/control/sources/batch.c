/* SPDX-License-Identifier: Apache-2.0 */
/* From a batch to changes. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/key.h"
#include "vnf/control/sources/sources_state.h"
#include "vnf/control/state/candidates.h"
#include "vnf/core/clock.h"

static struct source_route *route_new(const struct followed *followed, const struct source_change *change)
{
	struct source_route *route = (struct source_route *)resource_new(RESOURCE_SOURCE_ROUTE, sizeof(*route));

	if (!route)
		return NULL;
	route->resource.owner = followed->source;
	route->resource.owner->references++;
	route->key.vrf = followed->resource->vrf;
	route->key.vrf->references++;
	route->key.prefix = change->prefix;
	return route;
}

/* 0 or -ENOMEM. */
static int add_change(struct sources *sources, struct followed *followed, const struct snapshot *next,
		      const struct source_change *change, int64_t now_ms, struct changes *changes)
{
	struct source_route *route = route_new(followed, change);
	int error = 0;

	if (!route)
		return -ENOMEM;
	if (change->group) {
		route->metric = change->metric;
		route->protocol = change->protocol;
		route->preference = route_source_preference(followed->resource, change->protocol);
		route->guard = change->guard;
		route->since_unix_ms = now_ms;
		route->group = known_group_ensure(sources, followed, next, change->group, changes, &error);
		if (route->group)
			route->group->references++;
	}
	if (!error)
		return learn_add(changes, sources->committer->handles, &route->resource, !change->group);
	resource_free(sources->committer->handles, &route->resource);
	return error;
}

int batch_changes(struct sources *sources, struct followed *followed, const struct snapshot *next, size_t from,
		  size_t count, struct changes *changes)
{
	const struct source_batch *batch = followed->batch;
	const int64_t now_ms = unix_ms();
	int error = 0;

	sources->pieces++;
	for (size_t i = from; i < batch->changes && i - from < count && !error; i++)
		error = add_change(sources, followed, next, &batch->change[i], now_ms, changes);
	return error;
}

void batch_withhold(const struct followed *followed, const struct snapshot *next)
{
	struct source_batch *batch = followed->batch;

	for (size_t i = 0; followed->resource->acknowledge && i < batch->changes; i++) {
		const struct resource_key key = {followed->resource->vrf->text, &batch->change[i].prefix,
						 followed->source->text};
		const struct resource *route = snapshot_find_key(next, RESOURCE_SOURCE_ROUTE, &key);

		if (route && !batch->change[i].guard && !candidate_counts(next, route))
			batch->change[i].guard = SOURCE_WITHHELD;
	}
}

static int compare(const void *key, const void *element)
{
	return ip_prefix_compare(key, &((const struct source_change *)element)->prefix);
}

int batch_sweep(const struct followed *followed, const struct snapshot *next, struct changes *changes)
{
	const struct source_batch *batch = followed->batch;
	const struct resource *at = NULL;
	int error = 0;

	while (!error && (at = snapshot_next(next, RESOURCE_SOURCE_ROUTE, at))) {
		const struct vrf_key *key = resource_vrf_key(at);

		if (at->owner != followed->source ||
		    (batch->changes &&
		     bsearch(&key->prefix, batch->change, batch->changes, sizeof(*batch->change), compare)))
			continue;
		error = changes_add_delete(changes, at);
	}
	return error;
}

/* Of the kind. 0 or -ENOMEM. */
static int add_unused(const struct followed *followed, const struct snapshot *next, enum resource_kind kind,
		      struct changes *changes)
{
	const struct resource *at = NULL;
	int error = 0;

	while (!error && (at = snapshot_next(next, kind, at)))
		if (at->owner == followed->source && !at->self->users)
			error = changes_add_delete(changes, at);
	return error;
}

int unused_changes(const struct followed *followed, const struct snapshot *next, struct changes *changes)
{
	int error = add_unused(followed, next, RESOURCE_NEXT_HOP_GROUP, changes);

	if (!error)
		error = add_unused(followed, next, RESOURCE_NEXT_HOP, changes);
	return error ? error : add_unused(followed, next, RESOURCE_TUNNEL_ENDPOINT, changes);
}
