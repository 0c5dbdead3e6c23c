/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/control/resources/check.h"
#include "vnf/control/commit/draft_enter.h"
#include "vnf/control/resources/kinds.h"

static const struct resource *entry_resource(const struct delta_entry *entry)
{
	return entry->after ? entry->after : entry->before;
}

/* Slot of the entry with the resource's key, or where it belongs. Entries without any resource keep their slot: keys of
 * changes that came to nothing are found by the change itself. */
static struct draft_slot *find_slot(const struct draft *draft, const struct resource *resource)
{
	uint64_t hash = resource_key_hash(resource);
	uint32_t tag = (uint32_t)(hash >> 32);
	struct draft_slot *slot;

	for (size_t at = hash & draft->mask;; at = (at + 1) & draft->mask) {
		slot = &draft->slot[at];
		if (!slot->entry)
			break;
		if (slot->tag == tag &&
		    resource_same_key(resource, draft->changes->resource[draft_change(draft, slot->entry - 1)]))
			break;
	}
	slot->tag = tag;
	return slot;
}

size_t draft_change_of(const struct draft *draft, const struct resource *resource)
{
	if (resource->revision != draft->next->revision)
		return SIZE_MAX;
	for (size_t i = 0; i < draft->delta.count; i++)
		if (draft->delta.entry[i].after == resource)
			return draft_change(draft, i);
	return SIZE_MAX;
}

static const struct resource *find_before(const struct draft *draft, const struct resource *resource)
{
	struct resource_key key;

	if (resource->self)
		return resource->self->resource;
	key = resource_key(resource);
	return snapshot_find_key(draft->base.newest, resource->kind, &key);
}

static void refuse(struct error *error, enum error_code code, size_t index, const struct resource *resource,
		   const char *what, const char *detail)
{
	char path[64], key[RESOURCE_KEY_TEXT];

	snprintf(path, sizeof(path), "changes[%zu].resource", index);
	error_add(error, code, path, "%s \"%s\" %s%s", kind_ops(resource->kind)->label,
		  resource_key_format(resource, key), what, detail);
}

/* What the change does to `now`, what its key holds after the changes before it. OUTCOME_UNSPECIFIED: it was refused.
 */
static Sluice__V1__Outcome judge(const struct changes *changes, size_t index, const struct resource *now,
				 struct error *error)
{
	const struct resource *resource = changes->resource[index];
	uint8_t operation = changes->deed[index].operation;

	if (now && operation == SLUICE__V1__OPERATION__OPERATION_CREATE) {
		refuse(error, ERROR_ALREADY_EXISTS, index, resource, "exists already", "");
		return SLUICE__V1__OUTCOME__OUTCOME_UNSPECIFIED;
	}
	if (!now && operation == SLUICE__V1__OPERATION__OPERATION_REPLACE) {
		refuse(error, ERROR_NOT_FOUND, index, resource, "does not exist", "");
		return SLUICE__V1__OUTCOME__OUTCOME_UNSPECIFIED;
	}
	if (now && now->owner != resource->owner) {
		refuse(error, ERROR_PERMISSION_DENIED, index, resource, "belongs to ", now->owner->text);
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
static int decided_by(struct draft *draft, size_t entry, size_t change)
{
	if (!draft->change_of && entry == change)
		return 0;
	if (!draft->change_of) {
		draft->change_of = malloc(draft->changes->count * sizeof(*draft->change_of));
		if (!draft->change_of)
			return -1;
		for (size_t i = 0; i < draft->changes->count; i++)
			draft->change_of[i] = (uint32_t)i;
	}
	draft->change_of[entry] = (uint32_t)change;
	return 0;
}

/* One entry a key, in the order in which the keys first occur. 0 or -1. */
static int collect(struct draft *draft, struct error *error)
{
	struct changes *changes = draft->changes;

	for (size_t i = 0; i < changes->count; i++) {
		struct draft_slot *slot = find_slot(draft, changes->resource[i]);
		struct delta_entry *entry;

		if (!slot->entry) {
			const struct resource *before = find_before(draft, changes->resource[i]);

			draft->delta.entry[draft->delta.count] = (struct delta_entry){before, before};
			if (decided_by(draft, draft->delta.count, i))
				return -1;
			slot->entry = (uint32_t)++draft->delta.count;
		}
		entry = &draft->delta.entry[slot->entry - 1];
		changes->deed[i].outcome = judge(changes, i, entry->after, error) & 0xf;
		switch (changes->deed[i].outcome) {
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
		if (decided_by(draft, slot->entry - 1, i))
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
static int drop_unchanged(struct draft *draft)
{
	size_t kept = 0;

	for (size_t i = 0; i < draft->delta.count; i++) {
		if (unchanged(&draft->delta.entry[i]))
			continue;
		draft->delta.entry[kept] = draft->delta.entry[i];
		if (decided_by(draft, kept, draft_change(draft, i)))
			return -1;
		kept++;
	}
	draft->delta.count = kept;
	return 0;
}

static void no_memory(struct error *error)
{
	error_no_memory(error, NULL);
}

static int allocate(struct draft *draft)
{
	size_t count = draft->changes->count, slots = 16;

	while (slots < count + count / 2)
		slots *= 2;
	draft->mask = slots - 1;
	draft->slot = calloc(slots, sizeof(*draft->slot));
	draft->delta.entry = calloc(count ? count : 1, sizeof(*draft->delta.entry));
	return draft->slot && draft->delta.entry ? 0 : -1;
}

static uint32_t bindings(const struct resource *resource)
{
	return resource && resource->kind == RESOURCE_TUNNEL_ENDPOINT
		       ? (uint32_t)((const struct tunnel_endpoint *)resource)->count
		       : 0;
}

/* The next snapshot, sharing what did not change. */
static int build(struct draft *draft)
{
	const struct snapshot *newest = draft->base.newest;
	struct snapshot *next = calloc(1, sizeof(*next));

	if (!next)
		return -1;
	draft->next = next;
	next->revision = newest->revision + 1;
	next->vni_bindings = newest->vni_bindings;
	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS; kind++)
		next->map[kind] = newest->map[kind];
	draft->stamp = ++*draft->base.stamp;
	pmap_edit_begin(&draft->edit, draft->stamp);
	for (size_t i = 0; i < draft->delta.count; i++) {
		struct delta_entry *entry = &draft->delta.entry[i];
		struct resource *after = (struct resource *)entry->after;
		struct resource_key key = resource_key(entry_resource(entry));
		enum resource_kind kind = entry_resource(entry)->kind;
		void *previous;

		next->vni_bindings += bindings(after) - bindings(entry->before);
		if (!after) {
			if (pmap_remove(&next->map[kind], &draft->edit, resource_key_compare, &key, &previous))
				return -1;
			continue;
		}
		after->revision = next->revision;
		after->route_id = entry->before ? entry->before->route_id : 0;
		if (pmap_set(&next->map[kind], &draft->edit, resource_key_compare, &key, after, &previous))
			return -1;
	}
	draft->garbage = pmap_edit_finish(&draft->edit);
	draft->built = true;
	return 0;
}

int draft_begin(struct draft *draft, const struct draft_base *base, struct changes *changes, struct error *error)
{
	*draft = (struct draft){.base = *base, .changes = changes};
	if (allocate(draft) || collect(draft, error))
		goto err_memory;
	if (error->count)
		goto err;
	free(draft->slot); /* before the snapshot takes its memory */
	draft->slot = NULL;
	if (drop_unchanged(draft))
		goto err_memory;
	if (!draft->delta.count)
		return 0;
	if (build(draft))
		goto err_memory;
	if (draft_enter(draft, error) || check_draft(draft, error))
		goto err;
	return 0;

err_memory:
	no_memory(error);
err:
	draft_abort(draft);
	return -1;
}

void draft_abort(struct draft *draft)
{
	draft_leave(draft);
	pmap_edit_abort(&draft->edit);
	for (int kind = RESOURCE_VRF; draft->built && kind < RESOURCE_KINDS; kind++)
		pmap_discard(&draft->next->map[kind], draft->stamp);
	free(draft->next);
	free(draft->delta.entry);
	free(draft->slot);
	free(draft->change_of);
	*draft = (struct draft){0};
}

void draft_publish(struct draft *draft)
{
	draft_release(draft);
	for (size_t i = 0; i < draft->delta.count; i++)
		if (draft->delta.entry[i].after)
			draft->changes->resource[draft_change(draft, i)] = NULL;
	history_publish(draft->base.history, draft->next, draft->delta, draft->garbage);
	free(draft->change_of);
	*draft = (struct draft){0};
}
