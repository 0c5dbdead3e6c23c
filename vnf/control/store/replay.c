/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/store/replay.h"

#include <errno.h>

int replay_end(struct replay *replay)
{
	struct revision *revision = replay->current;

	replay->current = NULL;
	if (!revision)
		return 0;
	if (revisions_reserve(replay->revisions, 1)) {
		revision_put(revision);
		return -ENOMEM;
	}
	revisions_add(replay->revisions, revision);
	return 0;
}

void replay_group(void *context, const struct record_header *first)
{
	struct replay *replay = context;

	replay->group = first->revision;
	replay->snapshot = first->flags & RECORD_SNAPSHOT;
	replay->said = false;
	if (replay->snapshot)
		revisions_forget(replay->revisions, first->revision);
}

/* A revision whose changes follow. */
static int begin(struct replay *replay, const struct entry *entry)
{
	if (replay_end(replay))
		return -ENOMEM;
	replay->current = revision_new(entry->revision, entry->key, entry->key_size, entry->kind, entry->value,
				       entry->value_size);
	replay->said = true;
	return replay->current ? 0 : -ENOMEM;
}

static int set_about(struct replay *replay, const struct entry *entry)
{
	struct revision *revision, *renewed;

	if (replay_end(replay))
		return -ENOMEM;
	if (entry->kind & REVISION_OLDEST)
		revisions_forget(replay->revisions, entry->revision);
	revision = revisions_find(replay->revisions, entry->revision);
	if (!revision)
		return 0;
	renewed = revision_renew(revision, entry->kind, entry->value, entry->value_size);
	if (!renewed)
		return -ENOMEM;
	revisions_replace(replay->revisions, renewed);
	return 0;
}

/* A resource becomes what the entry says. */
static int change(struct replay *replay, const struct entry *entry)
{
	struct entry before;

	if (replay->snapshot)
		return journal_index_set(replay->index, entry);
	if (!replay->said) { /* a daemon wrote it that did not say so yet */
		if (replay_end(replay))
			return -ENOMEM;
		revisions_forget(replay->revisions, replay->group);
	}
	if (!journal_index_find(replay->index, entry, &before))
		before = (struct entry){.kind = entry->kind, .key = entry->key, .key_size = entry->key_size};
	before.operation = ENTRY_BEFORE;
	if (replay->current && revision_append(replay->current, &before))
		return -ENOMEM;
	return journal_index_set(replay->index, entry);
}

int replay_entry(void *context, const struct entry *entry)
{
	struct replay *replay = context;

	switch (entry->operation) {
	case ENTRY_PUT:
	case ENTRY_DELETE:
		return change(replay, entry);
	case ENTRY_ELECTION:
	case ENTRY_REQUEST:
		return journal_index_set(replay->index, entry);
	case ENTRY_COMMIT:
		return begin(replay, entry);
	case ENTRY_ABOUT:
		return set_about(replay, entry);
	case ENTRY_BEFORE:
		return replay->current ? revision_append(replay->current, entry) : 0;
	}
	return 0;
}
