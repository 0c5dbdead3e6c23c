/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/candidate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/commit/candidate_enter.h"
#include "vnf/control/commit/candidate_order.h"
#include "vnf/control/kinds/kinds.h"

static const struct resource *entry_resource(const struct delta_entry *entry)
{
	return entry->after ? entry->after : entry->before;
}

/* Slot of the entry with the resource's key, or where it belongs. Entries without any resource keep their slot: keys of
 * changes that came to nothing are found by the change itself. */
static struct candidate_slot *find_slot(const struct candidate *candidate, const struct resource *resource)
{
	uint64_t hash = resource_key_hash(resource);
	uint32_t tag = (uint32_t)(hash >> 32);
	struct candidate_slot *slot;

	for (size_t at = hash & candidate->mask;; at = (at + 1) & candidate->mask) {
		slot = &candidate->slot[at];
		if (!slot->entry)
			break;
		if (slot->tag == tag &&
		    resource_same_key(resource,
				      candidate->changes->resource[candidate_change(candidate, slot->entry - 1)]))
			break;
	}
	slot->tag = tag;
	return slot;
}

size_t candidate_change_of(const struct candidate *candidate, const struct resource *resource)
{
	if (resource->revision != candidate->next->revision)
		return SIZE_MAX;
	for (size_t i = 0; i < candidate->delta.count; i++)
		if (candidate->delta.entry[i].after == resource)
			return candidate_change(candidate, i);
	return SIZE_MAX;
}

static const struct resource *find_before(const struct candidate *candidate, const struct resource *resource)
{
	struct resource_key key;

	if (resource->self)
		return resource->self->resource;
	key = resource_key(resource);
	return snapshot_find_key(candidate->base.newest, resource->kind, &key);
}

static void refuse(struct error *error, enum error_code code, const struct changes *changes, size_t index,
		   const char *what, const char *detail)
{
	const struct resource *resource = changes->resource[index];
	char path[CHANGE_PATH_TEXT], key[RESOURCE_KEY_TEXT];

	error_add(error, code, changes_path(changes, index, path), "%s \"%s\" %s%s", kind_ops(resource->kind)->label,
		  resource_key_format(resource, key), what, detail);
}

/* What the change does to `now`, what its key holds after the changes before it. OUTCOME_UNSPECIFIED: it was refused.
 */
static Sluice__V1__Outcome resolve_outcome(const struct changes *changes, size_t index, const struct resource *now,
					   struct error *error)
{
	const struct resource *resource = changes->resource[index];
	uint8_t operation = changes->result[index].operation;

	if (now && operation == SLUICE__V1__OPERATION__OPERATION_CREATE) {
		refuse(error, ERROR_ALREADY_EXISTS, changes, index, "exists already", "");
		return SLUICE__V1__OUTCOME__OUTCOME_UNSPECIFIED;
	}
	if (!now && operation == SLUICE__V1__OPERATION__OPERATION_REPLACE) {
		refuse(error, ERROR_NOT_FOUND, changes, index, "does not exist", "");
		return SLUICE__V1__OUTCOME__OUTCOME_UNSPECIFIED;
	}
	if (now && now->owner != resource->owner) {
		refuse(error, ERROR_PERMISSION_DENIED, changes, index, "belongs to ", now->owner->text);
		return SLUICE__V1__OUTCOME__OUTCOME_UNSPECIFIED;
	}
	if (operation == SLUICE__V1__OPERATION__OPERATION_DELETE)
		return now ? SLUICE__V1__OUTCOME__OUTCOME_DELETED : SLUICE__V1__OUTCOME__OUTCOME_ABSENT;
	if (!now)
		return SLUICE__V1__OUTCOME__OUTCOME_CREATED;
	return kind_ops(resource->kind)->equal(now, resource) ? SLUICE__V1__OUTCOME__OUTCOME_UNCHANGED
							      : SLUICE__V1__OUTCOME__OUTCOME_REPLACED;
}

/* The entry was decided by another change than the one that has its number. 0 or -1. */
static int decided_by(struct candidate *candidate, size_t entry, size_t change)
{
	if (!candidate->change_of && entry == change)
		return 0;
	if (!candidate->change_of) {
		candidate->change_of = malloc(candidate->changes->count * sizeof(*candidate->change_of));
		if (!candidate->change_of)
			return -1;
		for (size_t i = 0; i < candidate->changes->count; i++)
			candidate->change_of[i] = (uint32_t)i;
	}
	candidate->change_of[entry] = (uint32_t)change;
	return 0;
}

/* One entry a key, in the order in which the keys first occur. 0 or -1. */
static int collect(struct candidate *candidate, struct error *error)
{
	struct changes *changes = candidate->changes;

	for (size_t i = 0; i < changes->count; i++) {
		struct candidate_slot *slot = find_slot(candidate, changes->resource[i]);
		struct delta_entry *entry;

		if (!slot->entry) {
			const struct resource *before = find_before(candidate, changes->resource[i]);

			candidate->delta.entry[candidate->delta.count] = (struct delta_entry){before, before};
			if (decided_by(candidate, candidate->delta.count, i))
				return -1;
			slot->entry = (uint32_t)++candidate->delta.count;
		}
		entry = &candidate->delta.entry[slot->entry - 1];
		changes->result[i].outcome = resolve_outcome(changes, i, entry->after, error) & 0xf;
		switch (changes->result[i].outcome) {
		case SLUICE__V1__OUTCOME__OUTCOME_DELETED:
			entry->after = NULL;
			break;
		case SLUICE__V1__OUTCOME__OUTCOME_CREATED:
		case SLUICE__V1__OUTCOME__OUTCOME_REPLACED:
			entry->after = changes->resource[i];
			break;
		default:
			continue;
		}
		if (decided_by(candidate, slot->entry - 1, i))
			return -1;
	}
	return 0;
}

static bool unchanged(const struct delta_entry *entry)
{
	return entry->before == entry->after ||
	       (entry->before && entry->after && kind_ops(entry->after->kind)->equal(entry->before, entry->after));
}

/* Only what differs stays. 0 or -1. */
static int drop_unchanged(struct candidate *candidate)
{
	size_t kept = 0;

	for (size_t i = 0; i < candidate->delta.count; i++) {
		if (unchanged(&candidate->delta.entry[i]))
			continue;
		candidate->delta.entry[kept] = candidate->delta.entry[i];
		if (decided_by(candidate, kept, candidate_change(candidate, i)))
			return -1;
		kept++;
	}
	candidate->delta.count = kept;
	return 0;
}

/* What an owner has learned, which goes. */
struct forgetting {
	struct candidate *candidate;
	const struct handle *owner;
	uint32_t change;
	size_t room; /* of the delta */
	bool failed;
};

static bool grow_delta(struct candidate *candidate, size_t room)
{
	struct delta_entry *entry = realloc(candidate->delta.entry, room * sizeof(*entry));
	uint32_t *change_of;

	if (!entry)
		return false;
	candidate->delta.entry = entry;
	change_of = realloc(candidate->change_of, room * sizeof(*change_of));
	if (!change_of)
		return false;
	for (size_t i = 0; !candidate->change_of && i < candidate->delta.count; i++)
		change_of[i] = (uint32_t)i;
	candidate->change_of = change_of;
	return true;
}

static bool forget_resource(void *object, void *context)
{
	struct forgetting *forgetting = context;
	struct candidate *candidate = forgetting->candidate;
	struct resource *resource = object;

	if (resource->owner != forgetting->owner)
		return true;
	if (candidate->delta.count == forgetting->room) {
		if (!grow_delta(candidate, forgetting->room * 2)) {
			forgetting->failed = true;
			return false;
		}
		forgetting->room *= 2;
	}
	candidate->change_of[candidate->delta.count] = forgetting->change;
	candidate->delta.entry[candidate->delta.count++] = (struct delta_entry){resource, NULL};
	return true;
}

/* Of what is learned nothing stays that its owner is to forget. 0 or -1. */
static int forget_learned(struct candidate *candidate)
{
	struct forgetting forgetting = {.candidate = candidate};

	candidate->own = candidate->delta.count;
	for (size_t i = 0; i < candidate->own && !forgetting.failed; i++) {
		const struct delta_entry entry = candidate->delta.entry[i];
		const struct kind_ops *ops = kind_ops(entry_resource(&entry)->kind);

		if (!entry.before || !ops->forgets || !ops->forgets(entry.before, entry.after))
			continue;
		if (!forgetting.room) {
			forgetting.room = candidate->own + 16;
			if (!grow_delta(candidate, forgetting.room))
				return -1;
		}
		forgetting.owner = entry.before->self;
		forgetting.change = candidate->change_of[i];
		for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind))
			pmap_walk(&candidate->base.newest->map[kind], forget_resource, &forgetting);
	}
	return forgetting.failed ? -1 : 0;
}

static void no_memory(struct error *error)
{
	error_no_memory(error, NULL);
}

static int allocate(struct candidate *candidate)
{
	size_t count = candidate->changes->count, slots = 16;

	while (slots < count + count / 2)
		slots *= 2;
	candidate->mask = slots - 1;
	candidate->slot = calloc(slots, sizeof(*candidate->slot));
	candidate->delta.entry = calloc(count ? count : 1, sizeof(*candidate->delta.entry));
	return candidate->slot && candidate->delta.entry ? 0 : -1;
}

static uint32_t parts(const struct kind_ops *ops, const struct resource *resource)
{
	return resource && ops->parts.count ? ops->parts.count(resource) : 0;
}

/* Puts an entry's resource into the next snapshot, or takes it out. 0 or -1. */
static int build_entry(struct candidate *candidate, size_t index)
{
	const struct change_origin *origin = candidate->changes->origin;
	const struct delta_entry *entry = &candidate->delta.entry[index];
	struct resource *after = (struct resource *)entry->after;
	const struct resource_key key = resource_key(entry_resource(entry));
	enum resource_kind kind = entry_resource(entry)->kind;
	struct snapshot *next = candidate->next;
	struct pmap *map = &next->map[kind];
	void *previous;

	next->parts[kind] += parts(kind_ops(kind), after) - parts(kind_ops(kind), entry->before);
	if (!after)
		return pmap_remove(map, &candidate->edit, resource_key_compare, &key, &previous);
	after->revision = origin ? origin[candidate_change(candidate, index)].revision : next->revision;
	after->id = entry->before ? entry->before->id : 0;
	return pmap_set(map, &candidate->edit, resource_key_compare, &key, after, &previous);
}

/* The next snapshot, sharing what did not change. */
static int build(struct candidate *candidate)
{
	const struct snapshot *newest = candidate->base.newest;
	struct snapshot *next = calloc(1, sizeof(*next));
	struct candidate_place *order;
	int error = 0;

	if (!next)
		return -1;
	candidate->next = next;
	next->revision = candidate->base.revision ? candidate->base.revision : newest->revision + 1;
	next->number = newest->number + 1;
	memcpy(next->map, newest->map, sizeof(next->map));
	memcpy(next->parts, newest->parts, sizeof(next->parts));
	candidate->stamp = ++*candidate->base.stamp;
	pmap_edit_begin(&candidate->edit, candidate->stamp);
	order = candidate_order(&candidate->delta);
	for (size_t i = 0; i < candidate->delta.count && !error; i++)
		error = build_entry(candidate, order ? order[i].entry : i);
	free(order);
	if (error)
		return -1;
	candidate->garbage = pmap_edit_finish(&candidate->edit);
	candidate->built = true;
	return 0;
}

int candidate_begin(struct candidate *candidate, const struct candidate_base *base, struct changes *changes,
		    struct error *error)
{
	*candidate = (struct candidate){.base = *base, .changes = changes};
	if (allocate(candidate) || collect(candidate, error))
		goto err_memory;
	if (error->count)
		goto err;
	free(candidate->slot); /* before the snapshot takes its memory */
	candidate->slot = NULL;
	if (drop_unchanged(candidate))
		goto err_memory;
	if (!candidate->delta.count)
		return 0;
	if (forget_learned(candidate) || build(candidate))
		goto err_memory;
	if (candidate_enter(candidate, error) || check_candidate(candidate, error))
		goto err;
	return 0;

err_memory:
	no_memory(error);
err:
	candidate_abort(candidate);
	return -1;
}

void candidate_abort(struct candidate *candidate)
{
	candidate_leave(candidate);
	pmap_edit_abort(&candidate->edit);
	for (int kind = RESOURCE_VRF; candidate->built && kind < RESOURCE_KINDS; kind++)
		pmap_discard(&candidate->next->map[kind], candidate->stamp);
	free(candidate->next);
	free(candidate->delta.entry);
	free(candidate->slot);
	free(candidate->change_of);
	*candidate = (struct candidate){0};
}

void candidate_publish(struct candidate *candidate)
{
	candidate_release(candidate);
	for (size_t i = 0; i < candidate->delta.count; i++)
		if (candidate->delta.entry[i].after)
			candidate->changes->resource[candidate_change(candidate, i)] = NULL;
	history_publish(candidate->base.history, candidate->next, candidate->delta, candidate->garbage);
	free(candidate->change_of);
	*candidate = (struct candidate){0};
}
