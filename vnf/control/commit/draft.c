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
		    resource_same_key(resource, draft->changes->change[draft->change_of[slot->entry - 1]].resource))
			break;
	}
	slot->tag = tag;
	return slot;
}

size_t draft_change_of(const struct draft *draft, const struct resource *resource)
{
	for (size_t at = resource_key_hash(resource) & draft->mask; draft->slot[at].entry;
	     at = (at + 1) & draft->mask) {
		uint32_t change = draft->change_of[draft->slot[at].entry - 1];

		if (draft->changes->change[change].resource == resource)
			return change;
	}
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
static Sluice__V1__Outcome judge(const struct change *change, size_t index, const struct resource *now,
				 struct error *error)
{
	const struct resource *resource = change->resource;

	if (now && change->operation == SLUICE__V1__OPERATION__OPERATION_CREATE) {
		refuse(error, ERROR_ALREADY_EXISTS, index, resource, "exists already", "");
		return SLUICE__V1__OUTCOME__OUTCOME_UNSPECIFIED;
	}
	if (!now && change->operation == SLUICE__V1__OPERATION__OPERATION_REPLACE) {
		refuse(error, ERROR_NOT_FOUND, index, resource, "does not exist", "");
		return SLUICE__V1__OUTCOME__OUTCOME_UNSPECIFIED;
	}
	if (now && now->owner != resource->owner) {
		refuse(error, ERROR_PERMISSION_DENIED, index, resource, "belongs to ", now->owner->text);
		return SLUICE__V1__OUTCOME__OUTCOME_UNSPECIFIED;
	}
	if (change->operation == SLUICE__V1__OPERATION__OPERATION_DELETE)
		return now ? SLUICE__V1__OUTCOME__OUTCOME_DELETED : SLUICE__V1__OUTCOME__OUTCOME_ABSENT;
	if (!now)
		return SLUICE__V1__OUTCOME__OUTCOME_CREATED;
	return kind_ops(resource->kind)->equal(now, resource) ? SLUICE__V1__OUTCOME__OUTCOME_UNCHANGED
							      : SLUICE__V1__OUTCOME__OUTCOME_REPLACED;
}

/* One entry a key, in the order in which the keys first occur. */
static void collect(struct draft *draft, struct error *error)
{
	for (size_t i = 0; i < draft->changes->count; i++) {
		struct change *change = &draft->changes->change[i];
		struct draft_slot *slot = find_slot(draft, change->resource);
		struct delta_entry *entry;

		if (!slot->entry) {
			const struct resource *before = find_before(draft, change->resource);

			draft->delta.entry[draft->delta.count] = (struct delta_entry){before, before};
			draft->change_of[draft->delta.count] = (uint32_t)i;
			slot->entry = (uint32_t)++draft->delta.count;
		}
		entry = &draft->delta.entry[slot->entry - 1];
		change->outcome = (uint8_t)judge(change, i, entry->after, error);
		switch (change->outcome) {
		case SLUICE__V1__OUTCOME__OUTCOME_DELETED:
			entry->after = NULL;
			break;
		case SLUICE__V1__OUTCOME__OUTCOME_CREATED:
		case SLUICE__V1__OUTCOME__OUTCOME_REPLACED:
			entry->after = change->resource;
			break;
		default:
			continue;
		}
		draft->change_of[slot->entry - 1] = (uint32_t)i;
	}
}

static bool unchanged(const struct delta_entry *entry)
{
	return entry->before == entry->after ||
	       (entry->before && entry->after && kind_ops(entry->after->kind)->equal(entry->before, entry->after));
}

/* Only what differs stays; the hash is built anew where anything goes. */
static void drop_unchanged(struct draft *draft)
{
	size_t kept = 0;

	while (kept < draft->delta.count && !unchanged(&draft->delta.entry[kept]))
		kept++;
	if (kept == draft->delta.count)
		return;
	kept = 0;
	memset(draft->slot, 0, (draft->mask + 1) * sizeof(*draft->slot));
	for (size_t i = 0; i < draft->delta.count; i++) {
		struct delta_entry entry = draft->delta.entry[i];

		if (unchanged(&entry))
			continue;
		draft->delta.entry[kept] = entry;
		draft->change_of[kept] = draft->change_of[i];
		find_slot(draft, entry_resource(&entry))->entry = (uint32_t)kept + 1;
		kept++;
	}
	draft->delta.count = kept;
}

static int no_memory(struct error *error)
{
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory");
	return -1;
}

static int allocate(struct draft *draft)
{
	size_t count = draft->changes->count, slots = 16;

	while (slots < count + count / 2)
		slots *= 2;
	draft->mask = slots - 1;
	draft->slot = calloc(slots, sizeof(*draft->slot));
	draft->delta.entry = calloc(count ? count : 1, sizeof(*draft->delta.entry));
	draft->change_of = calloc(count ? count : 1, sizeof(*draft->change_of));
	return draft->slot && draft->delta.entry && draft->change_of ? 0 : -1;
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
	if (allocate(draft)) {
		draft_abort(draft);
		return no_memory(error);
	}
	collect(draft, error);
	if (error->count)
		goto err;
	drop_unchanged(draft);
	if (!draft->delta.count)
		return 0;
	if (build(draft)) {
		draft_abort(draft);
		return no_memory(error);
	}
	if (draft_enter(draft, error) || check_draft(draft, error))
		goto err;
	free(draft->slot); /* the checks were the last to look for keys; the dataplane's share of the memory comes now
			    */
	draft->slot = NULL;
	return 0;

err:
	draft_abort(draft);
	return -1;
}

static void free_tables(struct draft *draft)
{
	free(draft->slot);
	free(draft->change_of);
	draft->slot = NULL;
	draft->change_of = NULL;
}

void draft_abort(struct draft *draft)
{
	draft_leave(draft);
	pmap_edit_abort(&draft->edit);
	for (int kind = RESOURCE_VRF; draft->built && kind < RESOURCE_KINDS; kind++)
		pmap_discard(&draft->next->map[kind], draft->stamp);
	free(draft->next);
	free(draft->delta.entry);
	free_tables(draft);
	*draft = (struct draft){0};
}

void draft_publish(struct draft *draft)
{
	draft_release(draft);
	for (size_t i = 0; i < draft->delta.count; i++)
		if (draft->delta.entry[i].after)
			draft->changes->change[draft->change_of[i]].resource = NULL;
	history_publish(draft->base.history, draft->next, draft->delta, draft->garbage);
	free_tables(draft);
	*draft = (struct draft){0};
}
