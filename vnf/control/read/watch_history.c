/* SPDX-License-Identifier: Apache-2.0 */
/* A watcher that comes back: what has changed since the revision that it has. */
#include <stdio.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/read/watch_state.h"

/* The keys that the revisions up to the snapshot's have changed. False: no memory, or it would hold too much. */
static bool index_keys(struct watch *watch)
{
	size_t bytes = 0;

	for (size_t i = 0; i < watch->list.count; i++) {
		const struct revision *revision = watch->list.revision[i];
		struct entry entry;
		size_t at = 0;

		if (revision->revision > watch->at->revision)
			continue;
		bytes += revision->changes_size;
		if (bytes > WATCH_BYTES)
			return false;
		while (revision->changes_size && entry_next(revision->changes, revision->changes_size, &at, &entry) > 0)
			if (journal_index_set(&watch->since, &entry))
				return false;
	}
	journal_index_sort(&watch->since);
	return true;
}

bool watch_begin_history(struct watch *watch, uint64_t revision)
{
	struct reader *reader = watch->watches->reader;

	/* The revisions that led to it are there before it is. */
	watch->at = history_pin(reader->history);
	if (revision <= watch->at->revision && !revisions_list(*reader->revisions, revision, false, &watch->list) &&
	    revision >= watch->list.oldest && index_keys(watch)) {
		watch->phase = WATCH_HISTORY;
		return true;
	}
	watch_end_history(watch);
	snapshot_unpin(watch->at);
	watch->at = NULL;
	return false;
}

void watch_end_history(struct watch *watch)
{
	revision_list_clear(&watch->list);
	journal_index_free(&watch->since);
	watch->list = (struct revision_list){0};
	watch->since = (struct journal_index){0};
	watch->place = 0;
}

/* What the key has now. */
static void tell(struct watch_filling *filling, const struct entry *entry)
{
	const struct watch *watch = filling->watch;
	enum resource_kind kind = (enum resource_kind)entry->kind;
	const struct resource *resource = NULL;
	char text[RESOURCE_KEY_TEXT];
	struct parsed_key parsed;

	if (kind >= RESOURCE_KINDS || !kind_ops(kind) || !watch->kind[kind])
		return;
	snprintf(text, sizeof(text), "%.*s", (int)entry->key_size, entry->key);
	if (!resource_key_parse(kind_ops(kind)->key.form, text, &parsed))
		resource = snapshot_find_key(watch->at, kind, &parsed.key);
	if (resource && watch_wants(watch, watch->at, resource))
		filling_add_resource(filling, watch->at, resource);
	else
		filling_add_gone(filling, kind, text);
}

void watch_tell_history(struct watch_filling *filling)
{
	struct watch *watch = filling->watch;
	struct entry entry;

	while (filling_has_room(filling)) {
		if (!journal_index_get(&watch->since, watch->place, &entry)) {
			filling_add_synced(filling, watch->at->revision, false);
			watch_end_history(watch);
			watch->told = watch->at->revision;
			watch->phase = WATCH_FOLLOW;
			return;
		}
		watch->place++;
		tell(filling, &entry);
	}
}
