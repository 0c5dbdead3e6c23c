/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/revision_note.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sluice/v1/history_service.pb-c.h"
#include "vnf/control/commit/commit.h"
#include "vnf/control/commit/committer.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/commit/recorder_entries.h"
#include "vnf/core/clock.h"

/* Packed, in memory of its own; NULL: out of memory. */
static uint8_t *pack(const Sluice__V1__Revision *message, size_t *size)
{
	uint8_t *bytes;

	*size = sluice__v1__revision__get_packed_size(message);
	bytes = malloc(*size ? *size : 1);
	if (bytes)
		sluice__v1__revision__pack(message, bytes);
	return bytes;
}

static void count(Sluice__V1__Revision *message, const struct delta *delta)
{
	for (size_t i = 0; i < delta->count; i++) {
		const struct delta_entry *entry = &delta->entry[i];

		message->created += !entry->before;
		message->replaced += entry->before && entry->after;
		message->deleted += !entry->after;
	}
}

/* The revision without its changes; NULL: out of memory. */
static struct revision *describe(struct commit *commit, uint64_t generation, const struct confirmation *waiting)
{
	struct commit_origin *origin = &commit->origin;
	Sluice__V1__Revision message = SLUICE__V1__REVISION__INIT;
	struct revision *revision = NULL;
	struct delta own;
	uint8_t *bytes;
	size_t size;

	message.revision = commit->revision;
	message.time_unix_ms = unix_ms();
	message.owner = origin->owner;
	message.request_id = origin->request_id;
	message.generation = generation;
	message.rolls_back = origin->rolls_back;
	message.rollback_to = origin->rollback_to;
	message.left = (char **)origin->left;
	message.n_left = origin->left_count;
	message.state = SLUICE__V1__REVISION_STATE__REVISION_STATE_COMMITTED;
	own = candidate_own(&commit->candidate);
	count(&message, &own);
	if (origin->confirm_seconds) {
		message.state = SLUICE__V1__REVISION_STATE__REVISION_STATE_PENDING;
		message.confirm_seconds = origin->confirm_seconds;
		message.confirm_by_unix_ms = message.time_unix_ms + (int64_t)origin->confirm_seconds * 1000;
		message.confirm_id = waiting ? waiting->id : commit->revision;
	}
	bytes = pack(&message, &size);
	if (bytes)
		revision = revision_new(commit->revision, origin->owner, strlen(origin->owner),
					origin->confirm_seconds ? REVISION_KEPT : 0, bytes, size);
	free(bytes);
	return revision;
}

static int note_changes(struct revision *revision, const struct delta *delta, struct packing *packing)
{
	for (size_t i = 0; i < delta->count && !(revision->flags & REVISION_FORGOTTEN); i++) {
		char key[RESOURCE_KEY_TEXT];
		struct entry before;

		if (recorder_before(packing, &delta->entry[i], key, &before) || revision_append(revision, &before))
			return -ENOMEM;
	}
	return 0;
}

int revisions_renewed(const struct revision_list *list, int state, const struct commit *undone_by,
		      struct revision ***renewed, size_t *renewed_count)
{
	*renewed_count = 0;
	*renewed = calloc(list->count + 1, sizeof(struct revision *));
	if (!*renewed)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		struct revision *old = list->revision[i], *new = NULL;
		Sluice__V1__Revision *message = sluice__v1__revision__unpack(NULL, old->about_size, old->about);
		uint8_t *bytes;
		size_t size;

		if (!message)
			return -ENOMEM;
		message->state = (Sluice__V1__RevisionState)state;
		message->undone_by = undone_by ? undone_by->revision : 0;
		bytes = pack(message, &size);
		sluice__v1__revision__free_unpacked(message, NULL);
		if (bytes)
			new = revision_renew(old, old->flags & ~(unsigned int)REVISION_KEPT, bytes, size);
		free(bytes);
		if (!new)
			return -ENOMEM;
		(*renewed)[(*renewed_count)++] = new;
	}
	return 0;
}

/* 0 or -ENOMEM. */
static int make(struct committer *committer, struct commit *commit, uint64_t generation)
{
	struct confirmation *waiting = confirmation_find(committer->confirmations, commit->origin.owner);
	const struct delta own = candidate_own(&commit->candidate);
	struct revision_note *note = &commit->note;

	note->revision = describe(commit, generation, waiting);
	if (!note->revision || note_changes(note->revision, &own, &committer->recorder.packing))
		return -ENOMEM;
	if (commit->origin.confirm_seconds && !waiting) {
		note->confirmation = confirmation_new(committer->confirmations, commit->origin.owner, commit->revision);
		if (!note->confirmation)
			return -ENOMEM;
	}
	if (commit->origin.undoes && waiting)
		return confirmation_renewed(waiting, SLUICE__V1__REVISION_STATE__REVISION_STATE_UNDONE, commit,
					    &note->renewed, &note->renewed_count);
	return 0;
}

int revision_note_make(struct committer *committer, struct commit *commit, uint64_t generation, struct error *error)
{
	revision_note_clear(&commit->note);
	if (!make(committer, commit, generation))
		return 0;
	revision_note_clear(&commit->note);
	error_no_memory(error, NULL);
	return -1;
}

int revision_note_write(const struct commit *commit, struct packing *packing, struct record_writer *writer)
{
	const struct revision_note *note = &commit->note;
	struct entry entry = revision_entry(note->revision, ENTRY_COMMIT);
	const struct delta own = candidate_own(&commit->candidate);

	record_writer_put(writer, &entry);
	for (size_t i = 0; i < own.count; i++)
		if (recorder_put_difference(packing, writer, &own.entry[i]))
			return -ENOMEM;
	for (size_t i = 0; i < note->renewed_count; i++) {
		entry = revision_entry(note->renewed[i], ENTRY_ABOUT);
		record_writer_put(writer, &entry);
	}
	return 0;
}

void revision_note_publish(struct committer *committer, struct commit *commit)
{
	struct revision_note *note = &commit->note;
	struct confirmation *waiting = confirmation_find(committer->confirmations, commit->origin.owner);

	revisions_add(committer->revisions, note->revision);
	note->revision = NULL;
	for (size_t i = 0; i < note->renewed_count; i++)
		revisions_replace(committer->revisions, note->renewed[i]);
	note->renewed_count = 0;
	if (commit->origin.undoes)
		confirmation_end(waiting);
	else if (commit->origin.confirm_seconds)
		confirmation_start(waiting ? waiting : note->confirmation, commit->origin.confirm_seconds);
	note->confirmation = NULL;
	revision_note_clear(note);
}

void revision_note_clear(struct revision_note *note)
{
	revision_put(note->revision);
	for (size_t i = 0; i < note->renewed_count; i++)
		revision_put(note->renewed[i]);
	free(note->renewed);
	confirmation_free(note->confirmation);
	*note = (struct revision_note){0};
}
