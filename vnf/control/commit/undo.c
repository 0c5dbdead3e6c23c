/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/commit/committer.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

static int no_memory(struct error *error)
{
	error_no_memory(error, NULL);
	return -1;
}

/* From the newest to the oldest, so that the oldest of a key stays. 0 or -ENOMEM. */
static int index_revisions(struct undo *undo, const char *owner)
{
	for (size_t i = undo->list.count; i > 0; i--) {
		const struct revision *revision = undo->list.revision[i - 1];
		struct entry entry;
		size_t at = 0;

		if (strcmp(revision->owner, owner) != 0 || !revision->changes_size)
			continue;
		while (entry_next(revision->changes, revision->changes_size, &at, &entry) > 0)
			if (journal_index_set(&undo->index, &entry))
				return -1;
	}
	journal_index_sort(&undo->index);
	return 0;
}

int undo_open(struct undo *undo, struct committer *committer, const char *owner, uint64_t after, bool only_kept,
	      struct error *error)
{
	*undo = (struct undo){0};
	if (revisions_list(committer->revisions, after, only_kept, &undo->list) || index_revisions(undo, owner))
		return no_memory(error);
	undo->left = calloc(undo->index.count + 1, sizeof(*undo->left));
	undo->entry_of = calloc(undo->index.count + 1, sizeof(*undo->entry_of));
	return undo->left && undo->entry_of ? 0 : no_memory(error);
}

void undo_close(struct undo *undo)
{
	revision_list_clear(&undo->list);
	journal_index_free(&undo->index);
	free(undo->left);
	free(undo->entry_of);
	*undo = (struct undo){0};
}

/* What has the entry's key now; NULL: nothing. */
static const struct resource *current(struct committer *committer, const struct entry *entry)
{
	const struct kind_ops *ops = kind_ops((enum resource_kind)entry->kind);
	char text[RESOURCE_KEY_TEXT];
	struct parsed_key parsed;

	snprintf(text, sizeof(text), "%.*s", (int)entry->key_size, entry->key);
	if (!ops || resource_key_parse(ops->key.form, text, &parsed))
		return NULL;
	return snapshot_find_key(history_newest(committer->history), ops->kind, &parsed.key);
}

/* 1: *change says it; 0: there is nothing to do; -1: no memory. */
static int change_back(struct committer *committer, const struct handle *owner, const struct entry *entry,
		       Sluice__V1__Change *change)
{
	const struct resource *now;

	if (entry->value_size) {
		change->op = SLUICE__V1__OPERATION__OPERATION_UPSERT;
		change->resource = sluice__v1__resource__unpack(NULL, entry->value_size, entry->value);
		return change->resource ? 1 : -1;
	}
	now = current(committer, entry);
	if (!now || now->owner != owner)
		return 0;
	change->op = SLUICE__V1__OPERATION__OPERATION_DELETE;
	change->resource = resource_encode(now);
	return change->resource ? 1 : -1;
}

int undo_changes(struct undo *undo, struct committer *committer, struct handle *owner, struct changes *changes,
		 struct error *error)
{
	struct entry entry;

	for (size_t i = 0; journal_index_get(&undo->index, i, &entry); i++) {
		Sluice__V1__Change change = SLUICE__V1__CHANGE__INIT, *list[] = {&change};
		int wanted, result;

		if (undo->left[i])
			continue;
		wanted = change_back(committer, owner, &entry, &change);
		if (wanted < 0)
			return no_memory(error);
		if (!wanted)
			continue;
		result = changes_add(changes, committer->handles, owner, list, 1, changes->count, error);
		message_free(change.resource);
		if (result)
			return -1;
		undo->entry_of[changes->count - 1] = (uint32_t)i;
	}
	return 0;
}

bool undo_leave(struct undo *undo, const struct error *error)
{
	size_t count = error->count < ERROR_FAULTS ? error->count : ERROR_FAULTS, before = undo->left_count;

	for (size_t i = 0; i < count; i++) {
		unsigned long change;

		if (sscanf(error->fault[i].field, "changes[%lu]", &change) != 1 || change > undo->index.count)
			continue;
		undo->left_count += !undo->left[undo->entry_of[change]];
		undo->left[undo->entry_of[change]] = true;
	}
	return undo->left_count > before;
}
