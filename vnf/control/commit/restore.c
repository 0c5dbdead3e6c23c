/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/commit/learn.h"
#include "vnf/control/commit/merge.h"
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

/* What the state leads to, and on top of it what route sources know. */
struct restored {
	struct candidate state, learned;
	struct changes changes; /* of the second */
	struct delta merged;	/* of both */
	bool learns;
};

/* What cannot be learned now is learned later. */
static void learn(struct committer *committer, struct restored *restored)
{
	struct commit first = {.candidate = {.delta = restored->state.delta}}, second;
	const struct commits both = {.commit = {&first, &second}, .count = 2};
	struct learner *learner = committer->learner;
	struct error error = {0};

	if (!learner || learner->restore(learner, restored->state.next, &restored->changes))
		return;
	if (learn_candidate(committer, restored->state.next, &restored->changes, &restored->learned, &error)) {
		learner->restored(learner, false, &error);
		return;
	}
	second = (struct commit){.candidate = {.delta = restored->learned.delta}};
	if (!restored->learned.next || !merge_deltas(&both, &restored->merged)) {
		restored->learns = true;
		return;
	}
	error_no_memory(&error, NULL);
	learner->restored(learner, false, &error);
	candidate_abort(&restored->learned);
}

static void unlearn(struct committer *committer, struct restored *restored, const struct error *why)
{
	candidate_abort(&restored->learned);
	free(restored->merged.entry);
	restored->merged = (struct delta){0};
	restored->learns = false;
	committer->learner->restored(committer->learner, false, why);
}

/* 0 or -1 with a fault. */
static int program(struct committer *committer, const struct restored *restored, struct error *error)
{
	const bool both = restored->learns && restored->learned.next;

	if (!reconciler_commit(committer->reconciler, both ? restored->learned.next : restored->state.next,
			       both ? &restored->merged : &restored->state.delta, NULL, error))
		return 0;
	if (!error->count)
		error_add(error, ERROR_INTERNAL, NULL, "the dataplane refused the journal's state");
	return -1;
}

/* Packets meet it. */
static void publish(struct committer *committer, struct snapshot *first, struct restored *restored)
{
	static const struct error none;

	candidate_publish(&restored->state);
	if (restored->learns && restored->learned.next) {
		candidate_publish(&restored->learned);
		committer->commits.merged = restored->merged;
	} else if (restored->learns) {
		candidate_abort(&restored->learned);
	}
	for (struct snapshot *at = first; at->newer; at = at->newer)
		events_published(committer->events, at->newer, &at->delta);
	committer->unsynced = first;
	if (restored->learns)
		committer->learner->restored(committer->learner, true, &none);
}

/* From nothing to what the changes lead to. 0, or -1 with faults. */
static int build(struct committer *committer, struct changes *changes, uint64_t revision, struct error *error)
{
	struct snapshot *first = history_newest(committer->history);
	const struct candidate_base base = {
		committer->history,    first,	committer->handles, committer->unique_keys, &committer->stamp,
		committer->management, revision};
	struct restored restored = {0};
	int result;

	if (candidate_begin(&restored.state, &base, changes, error))
		return -1;
	if (!restored.state.next) { /* everything was deleted */
		candidate_abort(&restored.state);
		first->revision = revision;
		return 0;
	}
	learn(committer, &restored);
	result = program(committer, &restored, error);
	if (result && restored.learns) { /* it is what was learned that has no room */
		unlearn(committer, &restored, error);
		*error = (struct error){0};
		result = program(committer, &restored, error);
	}
	if (result)
		candidate_abort(&restored.state);
	else
		publish(committer, first, &restored);
	changes_clear(&restored.changes, committer->handles);
	return result;
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
