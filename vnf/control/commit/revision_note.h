/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of a commit: who made it, and what was there before. Control thread only. */
#ifndef SLUICE_CONTROL_REVISION_NOTE_H
#define SLUICE_CONTROL_REVISION_NOTE_H

#include "vnf/control/kinds/decode.h"
#include "vnf/control/store/revisions.h"

struct commit;
struct committer;
struct confirmation;
struct packing;
struct record_writer;

/* Where a commit comes from. */
struct commit_origin {
	char owner[NAME_BYTES + 1], request_id[NAME_BYTES + 1];
	uint32_t confirm_seconds; /* it is undone unless it is confirmed in time; 0: it stays */
	bool rolls_back;
	uint64_t rollback_to;
	bool undoes; /* what of the owner waits for its confirmation is undone by it */
	/* Borrowed: what it could not undo. */
	char *const *left;
	size_t left_count;
};

/* Empty when zeroed. */
struct revision_note {
	struct revision *revision; /* NULL: nothing is to be remembered */
	struct revision **renewed; /* those that it undoes */
	size_t renewed_count;
	struct confirmation *confirmation; /* new, that it waits for; NULL: none, or one that there is already */
};

/* Of the commit's candidate, which is to be shown by this generation. 0, or -1 and a fault. */
int revision_note_make(struct committer *committer, struct commit *commit, uint64_t generation, struct error *error);
/* Puts the note's entries and the candidate's. 0 or -ENOMEM. */
int revision_note_write(const struct commit *commit, struct packing *packing, struct record_writer *writer);
/* The commit is done. */
void revision_note_publish(struct committer *committer, struct commit *commit);
void revision_note_clear(struct revision_note *note);

/* Revisions of the list with another state, to be put in their places. 0 or -ENOMEM. */
int revisions_renewed(const struct revision_list *list, int state, const struct commit *undone_by,
		      struct revision ***renewed, size_t *count);

#endif
