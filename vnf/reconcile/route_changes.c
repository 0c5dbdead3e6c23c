/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/route_changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/key.h"
#include "vnf/control/kinds/kinds.h"

static const struct dp_fib_leaf to_kernel = {.group = DP_GROUP_LOCAL};

static bool is_route(const struct resource *resource)
{
	return kind_ops(resource->kind)->forwards;
}

static struct dp_fib_leaf leaf_of(const struct resource *route)
{
	return (struct dp_fib_leaf){.group = kind_ops(route->kind)->forwards(route)->id, .route = route->id};
}

static const struct resource *find_route(const struct snapshot *next, const struct local_route *at)
{
	const struct resource_key key = {at->vrf->text, &at->prefix};

	return snapshot_find_key(next, RESOURCE_ROUTE, &key);
}

int route_changes_make(struct route_changes *changes, const struct snapshot *next, const struct delta *delta,
		       const struct local_routes *local_routes)
{
	size_t touched = local_routes_touched(local_routes);

	*changes = (struct route_changes){.delta = *delta, .local_routes = local_routes};
	if (touched) {
		changes->local_change = malloc(touched * sizeof(*changes->local_change));
		if (!changes->local_change) {
			memset(changes, 0, sizeof(*changes));
			return -ENOMEM;
		}
	}
	for (size_t i = 0; i < touched; i++) {
		struct local_change change = {0};

		if (!local_routes_changed(local_routes, i, &change.local_route, &change.comes))
			continue;
		change.route = find_route(next, &change.local_route);
		changes->local_change[changes->local_count++] = change;
	}
	changes->any = changes->local_count > 0;
	for (size_t i = 0; i < delta->count && !changes->any; i++) {
		const struct delta_entry *entry = &delta->entry[i];

		changes->any = is_route(entry->after ? entry->after : entry->before);
	}
	return 0;
}

void route_changes_free(struct route_changes *changes)
{
	free(changes->local_change);
	memset(changes, 0, sizeof(*changes));
}

/* One prefix's. */
struct step {
	struct local_route key;
	bool present, was_present;
	struct dp_fib_leaf leaf, old_leaf;
};

static bool route_step(const struct route_changes *changes, const struct delta_entry *entry, bool adds,
		       struct step *step)
{
	const struct resource *resource = entry->after ? entry->after : entry->before;
	const struct vrf_key *key;

	if (!is_route(resource) || adds != (entry->after != NULL))
		return false;
	key = resource_vrf_key(resource);
	*step = (struct step){.key = {.vrf = key->vrf, .prefix = key->prefix}, .present = adds};
	if (local_routes_contain(changes->local_routes, LOCAL_ROUTES_NOW, &step->key))
		return false; /* the router's own address: the route waits behind it */
	if (adds)
		step->leaf = leaf_of(resource);
	step->was_present = true;
	if (local_routes_contain(changes->local_routes, LOCAL_ROUTES_BEFORE, &step->key))
		step->old_leaf = to_kernel;
	else if (entry->before)
		step->old_leaf = leaf_of(entry->before);
	else
		step->was_present = false;
	return true;
}

/* One that goes gives its prefix back to the route, if there is one. */
static bool local_step(const struct local_change *change, bool adds, struct step *step)
{
	*step = (struct step){
		.key = change->local_route,
		.present = change->comes || change->route,
		.leaf = change->comes ? to_kernel : (struct dp_fib_leaf){0},
		.was_present = change->was_present,
		.old_leaf = change->old_leaf,
	};
	if (!change->comes && change->route)
		step->leaf = leaf_of(change->route);
	return adds == step->present;
}

/*
 * The n-th step; false: there is nothing to do in it. What adds comes first, what takes out last. Only additions can
 * fail, so nothing that was taken out ever has to be put back, which could fail.
 */
static bool step_at(const struct route_changes *changes, size_t n, struct step *step, struct local_change **local)
{
	size_t routes = changes->delta.count, half = routes + changes->local_count;
	bool adds = n < half;

	n -= adds ? 0 : half;
	*local = n < routes ? NULL : &changes->local_change[n - routes];
	return *local ? local_step(*local, adds, step) : route_step(changes, &changes->delta.entry[n], adds, step);
}

int route_changes_apply(struct route_changes *changes, struct fib *fib)
{
	size_t steps = changes->any ? 2 * (changes->delta.count + changes->local_count) : 0;

	for (; changes->done < steps; changes->done++) {
		struct local_change *local;
		struct step step;
		int error;

		if (!step_at(changes, changes->done, &step, &local))
			continue;
		if (local)
			local->was_present =
				fib_get(fib, (uint16_t)step.key.vrf->id, &step.key.prefix, &local->old_leaf);
		if (!step.present) {
			fib_unset(fib, (uint16_t)step.key.vrf->id, &step.key.prefix);
			continue;
		}
		error = fib_set(fib, (uint16_t)step.key.vrf->id, &step.key.prefix, step.leaf);
		if (error)
			return error;
	}
	return 0;
}

void route_changes_undo(struct route_changes *changes, struct fib *fib)
{
	while (changes->done > 0) {
		struct local_change *local;
		struct step step;

		if (!step_at(changes, --changes->done, &step, &local))
			continue;
		if (step.was_present)
			fib_set(fib, (uint16_t)step.key.vrf->id, &step.key.prefix, step.old_leaf);
		else
			fib_unset(fib, (uint16_t)step.key.vrf->id, &step.key.prefix);
	}
}

int route_changes_explain(const struct fib *fib, int cause, struct error *error)
{
	struct fib_usage usage;

	fib_usage(fib, &usage);
	if (cause == -ENOSPC)
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "the forwarding table is full: %llu prefixes take %llu of %llu words: raise "
			  "limits.max_fib_words in "
			  "sluiced.yaml, and restart sluiced",
			  (unsigned long long)usage.prefixes, (unsigned long long)usage.words_used,
			  (unsigned long long)(usage.words_used + usage.words_free));
	else
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory for routes");
	return cause;
}

void route_changes_visit(const struct route_changes *changes,
			 void (*visit)(void *context, const struct handle *vrf, const struct ip_prefix *prefix),
			 void *context)
{
	for (size_t i = 0; changes->any && i < changes->delta.count; i++) {
		const struct delta_entry *entry = &changes->delta.entry[i];
		const struct resource *resource = entry->after ? entry->after : entry->before;

		if (is_route(resource))
			visit(context, resource_vrf_key(resource)->vrf, &resource_vrf_key(resource)->prefix);
	}
	for (size_t i = 0; i < changes->local_count; i++)
		visit(context, changes->local_change[i].local_route.vrf, &changes->local_change[i].local_route.prefix);
}
