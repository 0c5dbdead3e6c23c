/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/commit/recorder_entries.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/core/log.h"
#include "vnf/reconcile/reconciler.h"

/* Says which resource of the journal cannot be taken up, and why. */
static void refuse(struct error *error, const struct entry *entry, const char *why)
{
	const struct kind_ops *ops = kind_ops((enum resource_kind)entry->kind);

	error_add(error, ERROR_FAILED_PRECONDITION, NULL, "the journal's %s \"%.*s\" is refused: %s",
		  ops ? ops->label : "resource of an unknown kind", (int)entry->key_size, entry->key, why);
}

/* The owner's handle, with a reference; NULL and a fault. */
static struct handle *owner_of(struct handles *handles, const struct entry *entry, struct error *error)
{
	struct handle *owner = NULL;
	char text[NAME_BYTES + 1];

	if (entry->owner_size > NAME_BYTES) {
		refuse(error, entry, "its owner's name is too long");
		return NULL;
	}
	snprintf(text, sizeof(text), "%.*s", (int)entry->owner_size, entry->owner);
	owner = handles_get(handles, HANDLE_OWNER, text);
	if (!owner)
		error_no_memory(error, NULL);
	return owner;
}

/* 0, or -1 with a fault. */
static int add_entry(struct changes *changes, struct handles *handles, const struct entry *entry, struct error *error)
{
	Sluice__V1__Change change = SLUICE__V1__CHANGE__INIT, *list[] = {&change};
	struct handle *owner = owner_of(handles, entry, error);
	struct error fault = {0};
	int result;

	if (!owner)
		return -1;
	change.op = SLUICE__V1__OPERATION__OPERATION_CREATE;
	change.resource = sluice__v1__resource__unpack(NULL, entry->value_size, entry->value);
	if (!change.resource) {
		refuse(error, entry, "its message cannot be read, or there is no memory for it");
		handles_put(handles, owner);
		return -1;
	}
	result = changes_add(changes, handles, owner, list, 1, changes->count, &fault);
	sluice__v1__resource__free_unpacked(change.resource, NULL);
	handles_put(handles, owner);
	if (result)
		refuse(error, entry, fault.fault[0].message);
	else
		changes->origin[changes->count - 1] = (struct change_origin){entry->id, entry->revision};
	return result;
}

/* What answers a retry. One that no longer can be read costs that alone. 0, or -1 with a fault. */
static int add_request(struct idempotency_cache *requests, const struct entry *entry, struct error *error)
{
	int status = idempotency_cache_restore(requests, entry->key, entry->key_size, entry->value, entry->value_size);

	if (status == -EPROTO)
		log_warning("the journal's answer of revision %llu cannot be read: a retry of it would be done again",
			    (unsigned long long)entry->revision);
	if (status != -ENOMEM)
		return 0;
	error_no_memory(error, NULL);
	return -1;
}

/* All that the journal holds, as changes. 0, or -1 with faults. */
static int add_entries(struct changes *changes, struct committer *committer, const struct journal_index *index,
		       struct error *error)
{
	struct entry entry;

	changes->origin = calloc(index->count ? index->count : 1, sizeof(*changes->origin));
	if (!changes->origin) {
		error_no_memory(error, NULL);
		return -1;
	}
	for (size_t i = 0; journal_index_get(index, i, &entry); i++) {
		int result = 0;

		if (entry.operation == ENTRY_REQUEST)
			result = add_request(committer->idempotency, &entry, error);
		else if (entry.operation == ENTRY_PUT)
			result = add_entry(changes, committer->handles, &entry, error);
		if (result && error->count >= ERROR_FAULTS)
			break;
	}
	return error->count ? -1 : 0;
}

/* From nothing to what the changes lead to. 0, or -1 with faults. */
static int build(struct committer *committer, struct changes *changes, uint64_t revision, struct error *error)
{
	struct snapshot *first = history_newest(committer->history);
	const struct candidate_base base = {
		committer->history,    first,	committer->handles, committer->unique_keys, &committer->stamp,
		committer->management, revision};
	struct candidate candidate;

	if (candidate_begin(&candidate, &base, changes, error))
		return -1;
	if (!candidate.next) { /* everything was deleted */
		candidate_abort(&candidate);
		first->revision = revision;
		return 0;
	}
	if (reconciler_commit(committer->reconciler, candidate.next, &candidate.delta, NULL, error)) {
		candidate_abort(&candidate);
		if (!error->count)
			error_add(error, ERROR_INTERNAL, NULL, "the dataplane refused the journal's state");
		return -1;
	}
	candidate_publish(&candidate);
	events_published(committer->events, first->newer, &first->delta);
	committer->unsynced = first;
	return 0;
}

/* 0, or -1 with a fault. */
static int restore_elections(struct elections *elections, const struct journal_index *index, struct error *error)
{
	struct entry entry;

	for (size_t i = 0; journal_index_get(index, i, &entry); i++)
		if (entry.operation == ENTRY_ELECTION && elections_restore(elections, &entry, error))
			return -1;
	return 0;
}

int commit_restore(struct committer *committer, const struct journal_content *content, struct error *error)
{
	struct changes changes = {0};
	int result;

	if (restore_elections(&committer->recorder.elections, &content->index, error))
		return -1;
	if (!content->revision)
		return 0;
	reconciler_start_at(committer->reconciler, content->generation);
	result = add_entries(&changes, committer, &content->index, error);
	if (!result)
		result = build(committer, &changes, content->revision, error);
	changes_clear(&changes, committer->handles);
	return result;
}
