/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/route_changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/key.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/state/candidates.h"
#include "vnf/reconcile/route_reserves.h"

static bool is_route(const struct resource *resource)
{
	return kind_ops(resource->kind)->forwards;
}

static struct dp_fib_leaf leaf_of(const struct resource *route)
{
	return (struct dp_fib_leaf){.group = kind_ops(route->kind)->forwards(route)->id, .route = route->id};
}

/* The candidate that forwards; NULL: none. */
static const struct resource *find_route(const struct snapshot *next, const struct local_route *at,
					 const struct resource *but)
{
	const struct vrf_key key = {at->vrf, at->prefix};

	return candidates_best(next, &key, but);
}

/* Adds a change to the list. 0 or -ENOMEM. */
static int list(struct route_changes *changes, const struct prefix_change *change)
{
	size_t capacity = changes->capacity ? changes->capacity * 2 : 16;
	struct prefix_change *grown;

	if (changes->count == changes->capacity) {
		grown = realloc(changes->change, capacity * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		changes->change = grown;
		changes->capacity = capacity;
	}
	changes->change[changes->count++] = *change;
	changes->any = changes->removes = true;
	return 0;
}

static int list_prefix(struct route_changes *changes, const struct local_route *key)
{
	const struct resource *route = find_route(changes->next, key, NULL), *other;
	struct prefix_change change = {.key = *key, .yields = route && resource_yields(route)};

	if (route)
		change.route = leaf_of(route);
	other = change.yields ? find_route(changes->next, key, route) : NULL;
	if (other)
		change.other = leaf_of(other);
	return list(changes, &change);
}

static int list_local_routes(struct route_changes *changes)
{
	size_t touched = local_routes_touched(changes->local_routes);
	int error = 0;

	for (size_t i = 0; i < touched && !error; i++) {
		struct local_route key;

		if (local_routes_changed(changes->local_routes, i, &key))
			error = list_prefix(changes, &key);
	}
	return error;
}

struct listing {
	struct route_changes *changes;
	int error;
};

static void list_candidate(const struct resource *candidate, void *context)
{
	const struct vrf_key *key = resource_vrf_key(candidate);
	struct listing *listing = context;

	if (!listing->error)
		listing->error =
			list_prefix(listing->changes, &(struct local_route){.vrf = key->vrf, .prefix = key->prefix});
}

static const struct resource *either(const struct delta_entry *entry)
{
	return entry->after ? entry->after : entry->before;
}

/* Whatever is at or below prefixes whose protection has changed. */
static int list_protected(struct route_changes *changes)
{
	struct listing listing = {.changes = changes};

	for (size_t i = 0; i < changes->delta.count && !listing.error; i++) {
		const struct resource *resource = either(&changes->delta.entry[i]);

		if (kind_ops(resource->kind)->protects)
			candidates_below(changes->next, resource_vrf_key(resource), list_candidate, &listing);
	}
	return listing.error;
}

static struct local_route key_of(const struct delta_entry *entry)
{
	const struct vrf_key *key = resource_vrf_key(either(entry));

	return (struct local_route){.vrf = key->vrf, .prefix = key->prefix};
}

/* Of itself. */
static bool counts(const struct resource *route)
{
	const struct kind_ops *ops = kind_ops(route->kind);

	return ops->forwards(route) && !(ops->withheld && ops->withheld(route));
}

/* Nothing but the route decides about its prefix, before and after. */
static bool is_plain(const struct route_changes *changes, const struct delta_entry *entry)
{
	const struct local_route key = key_of(entry);

	if (changes->mixed || (entry->before && resource_yields(entry->before)) ||
	    (entry->after && resource_yields(entry->after)) || local_routes_know(changes->local_routes, &key))
		return false;
	return (!entry->before || counts(entry->before)) && (!entry->after || counts(entry->after)) &&
	       (!changes->vie || candidate_is_alone(changes->next, either(entry)));
}

static int list_routes(struct route_changes *changes)
{
	int error = 0;

	for (size_t i = 0; i < changes->delta.count && !error; i++) {
		const struct delta_entry *entry = &changes->delta.entry[i];
		struct local_route key;

		if (route_reserves_differ(entry))
			changes->any = changes->reserves = true;
		if (!is_route(either(entry)))
			continue;
		changes->any = true;
		changes->removes |= !entry->after;
		key = key_of(entry);
		if (!is_plain(changes, entry))
			error = list_prefix(changes, &key);
	}
	return error;
}

int route_changes_make(struct route_changes *changes, const struct snapshot *next, const struct delta *delta,
		       const struct local_routes *local_routes, struct group_routes *group_routes)
{
	int error;

	*changes = (struct route_changes){
		.delta = *delta, .local_routes = local_routes, .group_routes = group_routes, .next = next};
	changes->mixed = candidates_mixed(delta);
	changes->vie = candidates_vie(next) || candidates_leave(delta);
	error = list_local_routes(changes);
	if (!error)
		error = list_routes(changes);
	if (!error)
		error = list_protected(changes);
	if (!error)
		error = route_changes_follow_groups(changes);
	if (error)
		route_changes_free(changes);
	return error;
}

static void follow_route(void *context, const struct vrf_key *key)
{
	struct listing *following = context;

	if (!following->error)
		following->error =
			list_prefix(following->changes, &(struct local_route){.vrf = key->vrf, .prefix = key->prefix});
}

int route_changes_follow_groups(struct route_changes *changes)
{
	struct listing following = {.changes = changes};

	group_routes_visit_touched(changes->group_routes, follow_route, &following);
	return following.error;
}

void route_changes_free(struct route_changes *changes)
{
	free(changes->change);
	memset(changes, 0, sizeof(*changes));
}

/* A plain route's. */
struct step {
	struct local_route key;
	bool present, was_present;
	struct dp_fib_leaf leaf, old_leaf;
};

static bool route_step(const struct route_changes *changes, const struct delta_entry *entry, bool adds,
		       struct step *step)
{
	if (!is_route(either(entry)) || adds != (entry->after != NULL) || !is_plain(changes, entry))
		return false;
	*step = (struct step){.key = key_of(entry), .present = adds, .was_present = entry->before != NULL};
	if (adds)
		step->leaf = leaf_of(entry->after);
	if (entry->before)
		step->old_leaf = leaf_of(entry->before);
	return true;
}

/* The order is that of local_routes.h, and a route that yields is there while its group is not dead. */
static void work_out(const struct route_changes *changes, struct prefix_change *change)
{
	if (changes->known)
		return;
	change->leaf = local_routes_find(changes->local_routes, &change->key);
	if (!local_leaf_wins(change->leaf)) {
		struct dp_fib_leaf route = change->route;

		if (change->yields && group_routes_state(changes->group_routes, route.group).dead)
			route = change->other;
		if (route.group != DP_GROUP_NONE)
			change->leaf = route;
	}
	change->present = change->leaf.group != DP_GROUP_NONE;
}

static int add_change(struct route_changes *changes, struct prefix_change *change, struct fib *fib)
{
	uint16_t vrf = (uint16_t)change->key.vrf->id;

	work_out(changes, change);
	if (!changes->known)
		change->was_present = fib_get(fib, vrf, &change->key.prefix, &change->old_leaf);
	return change->present ? fib_set(fib, vrf, &change->key.prefix, change->leaf) : 0;
}

int route_changes_add(struct route_changes *changes, struct fib *fib)
{
	size_t routes = changes->delta.count;

	for (; changes->any && changes->added < routes + changes->count; changes->added++) {
		struct step step;
		int error = 0;

		if (changes->added >= routes)
			error = add_change(changes, &changes->change[changes->added - routes], fib);
		else if (route_step(changes, &changes->delta.entry[changes->added], true, &step))
			error = fib_set(fib, (uint16_t)step.key.vrf->id, &step.key.prefix, step.leaf);
		if (error)
			return error;
	}
	return 0;
}

void route_changes_remove(struct route_changes *changes, struct fib *fib)
{
	size_t routes = changes->delta.count;

	for (; changes->removes && changes->removed < routes + changes->count; changes->removed++) {
		struct prefix_change *change;
		struct step step;

		if (changes->removed < routes) {
			if (route_step(changes, &changes->delta.entry[changes->removed], false, &step))
				fib_unset(fib, (uint16_t)step.key.vrf->id, &step.key.prefix);
			continue;
		}
		change = &changes->change[changes->removed - routes];
		work_out(changes, change);
		if (!change->present)
			fib_unset(fib, (uint16_t)change->key.vrf->id, &change->key.prefix);
	}
	changes->known = true;
}

void route_changes_rewind(struct route_changes *changes)
{
	changes->added = changes->removed = 0;
}

static void take_back(struct fib *fib, const struct local_route *key, bool was_present, struct dp_fib_leaf old_leaf)
{
	if (was_present)
		fib_set(fib, (uint16_t)key->vrf->id, &key->prefix, old_leaf);
	else
		fib_unset(fib, (uint16_t)key->vrf->id, &key->prefix);
}

void route_changes_undo(struct route_changes *changes, struct fib *fib)
{
	size_t routes = changes->delta.count;

	while (changes->added > 0) {
		const struct prefix_change *change;
		struct step step;

		if (--changes->added < routes) {
			if (route_step(changes, &changes->delta.entry[changes->added], true, &step))
				take_back(fib, &step.key, step.was_present, step.old_leaf);
			continue;
		}
		change = &changes->change[changes->added - routes];
		if (change->present)
			take_back(fib, &change->key, change->was_present, change->old_leaf);
	}
}

/* What a prefix leads to, of those that count for a tunnel; of DP_GROUP_NONE: no such prefix. */
static struct dp_fib_leaf leaf_of_prefix(const struct route_changes *changes, const struct local_route *key)
{
	const struct dp_fib_leaf local = local_routes_find(changes->local_routes, key);
	const struct resource *route;
	struct group_state state;

	if (local_leaf_wins(local))
		return local;
	route = find_route(changes->next, key, NULL);
	if (!route)
		return local;
	state = group_routes_state(changes->group_routes, leaf_of(route).group);
	if (!resource_yields(route) || !state.dead || state.tunnels)
		return leaf_of(route);
	route = find_route(changes->next, key, route);
	return route ? leaf_of(route) : local;
}

struct dp_fib_leaf route_changes_lookup(const struct route_changes *changes, const struct fib *fib,
					const struct handle *vrf, const struct ip_address *address)
{
	struct local_route key = {.vrf = (struct handle *)vrf};
	struct dp_fib_leaf leaf = {0};

	if (!changes->removes && !changes->group_routes->count)
		return fib_lookup(fib, (uint16_t)vrf->id, address);
	for (int length = address->family == 4 ? 32 : 128; length >= 0 && leaf.group == DP_GROUP_NONE; length--) {
		key.prefix = ip_prefix_of(address, (uint8_t)length);
		leaf = leaf_of_prefix(changes, &key);
	}
	return leaf;
}

int route_changes_explain(const struct fib *fib, int cause, struct error *error)
{
	struct fib_usage usage;

	fib_usage(fib, &usage);
	if (cause == -ENOSPC)
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "the forwarding table is full: %llu prefixes take %llu of %llu words, and %llu are kept for "
			  "VRFs (vrf.reserved_routes), with %llu to begin pages: raise limits.max_fib_words in "
			  "sluiced.yaml, and restart sluiced",
			  (unsigned long long)usage.prefixes, (unsigned long long)usage.words_used,
			  (unsigned long long)(usage.words_used + usage.words_free),
			  (unsigned long long)fib_words_kept(fib), (unsigned long long)fib_words_spare(fib));
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
	for (size_t i = 0; i < changes->count; i++)
		visit(context, changes->change[i].key.vrf, &changes->change[i].key.prefix);
}
