/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/program/program_routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct dp_fib_leaf to_kernel = {.group = DP_GROUP_LOCAL};

static struct dp_fib_leaf leaf_of(const struct route *route)
{
	return (struct dp_fib_leaf){.group = route->group->id, .route = route->resource.route_id};
}

static void add(struct route_changes *changes, size_t *adding, size_t *taking, const struct local *key, bool present,
		struct dp_fib_leaf leaf)
{
	struct route_change *change = present ? &changes->change[(*adding)++] : &changes->change[--(*taking)];

	*change = (struct route_change){
		.vrf = (uint16_t)key->vrf->id, .present = present, .prefix = key->prefix, .leaf = leaf};
}

/* Those of `a` that `b` lacks: added as local if `appear`, else given back to the route of that prefix, if there is
 * one. */
static void add_locals(struct route_changes *changes, size_t *adding, size_t *taking, const struct locals *a,
		       const struct locals *b, const struct snapshot *next, bool appear)
{
	const struct route *route;

	for (size_t i = 0; i < a->count; i++) {
		const struct local *local = &a->local[i];

		if (locals_contain(b, local))
			continue;
		if (appear) {
			add(changes, adding, taking, local, true, to_kernel);
			continue;
		}
		route = snapshot_find_route(next, local->vrf->text, &local->prefix);
		add(changes, adding, taking, local, route, route ? leaf_of(route) : (struct dp_fib_leaf){0});
	}
}

int route_changes_make(struct route_changes *changes, const struct snapshot *next, const struct delta *delta,
		       const struct locals *before, const struct locals *after)
{
	size_t most = before->count + after->count, adding = 0, taking;

	memset(changes, 0, sizeof(*changes));
	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];

		most += (entry->after ? entry->after : entry->before)->kind == RESOURCE_ROUTE;
	}
	if (!most)
		return 0;
	changes->change = malloc(most * sizeof(*changes->change));
	if (!changes->change)
		return -ENOMEM;
	taking = most;
	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];
		const struct resource *resource = entry->after ? entry->after : entry->before;
		const struct route *route = (const struct route *)resource;
		struct local key;

		if (resource->kind != RESOURCE_ROUTE)
			continue;
		key = (struct local){.vrf = route->vrf, .prefix = route->prefix};
		if (locals_contain(after, &key))
			continue; /* the router's own address: the route waits behind it */
		add(changes, &adding, &taking, &key, entry->after,
		    entry->after ? leaf_of(route) : (struct dp_fib_leaf){0});
	}
	add_locals(changes, &adding, &taking, before, after, next, false);
	add_locals(changes, &adding, &taking, after, before, next, true);
	memmove(&changes->change[adding], &changes->change[taking], (most - taking) * sizeof(*changes->change));
	changes->count = adding + most - taking;
	return 0;
}

void route_changes_free(struct route_changes *changes)
{
	free(changes->change);
	memset(changes, 0, sizeof(*changes));
}

int route_changes_apply(struct route_changes *changes, struct fib *fib)
{
	int error;

	for (; changes->done < changes->count; changes->done++) {
		struct route_change *change = &changes->change[changes->done];

		change->was_present = fib_get(fib, change->vrf, &change->prefix, &change->old_leaf);
		if (!change->present) {
			fib_unset(fib, change->vrf, &change->prefix);
			continue;
		}
		error = fib_set(fib, change->vrf, &change->prefix, change->leaf);
		if (error)
			return error;
	}
	return 0;
}

/*
 * Only additions can fail and they come first, so nothing that was taken out has to be put back, which could fail. The
 * rest of a commit may still fail after all this is done, but that was seen to before (program.c).
 */
void route_changes_undo(struct route_changes *changes, struct fib *fib)
{
	while (changes->done > 0) {
		struct route_change *change = &changes->change[--changes->done];

		if (change->was_present)
			fib_set(fib, change->vrf, &change->prefix, change->old_leaf);
		else
			fib_unset(fib, change->vrf, &change->prefix);
	}
}
