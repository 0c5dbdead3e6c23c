/* SPDX-License-Identifier: Apache-2.0 */
/* The changes that bring an owner's resources back to what they were before some of its revisions. A resource that only
 * its owner may change was changed by its owner's revisions alone, so no others count. Control thread only. */
#ifndef SLUICE_CONTROL_UNDO_H
#define SLUICE_CONTROL_UNDO_H

#include "vnf/control/commit/changes.h"
#include "vnf/control/store/journal_index.h"
#include "vnf/control/store/revisions.h"

struct committer;

/* Empty when zeroed. */
struct undo {
	struct revision_list list;
	struct journal_index index; /* by key: what was there before the first of the revisions */
	bool *left;		    /* by entry of the index: it is not to be undone */
	uint32_t *entry_of;	    /* by change: the entry of the index */
	size_t left_count;
};

/* The owner's revisions after this one, or those of them that wait for their confirmation. 0, or -1 and a fault.
 * undo_close in both cases. */
int undo_open(struct undo *undo, struct committer *committer, const char *owner, uint64_t after, bool only_kept,
	      struct error *error);
void undo_close(struct undo *undo);

/* Adds the changes, on top of the newest revision. 0, or -1 and a fault. */
int undo_changes(struct undo *undo, struct committer *committer, struct handle *owner, struct changes *changes,
		 struct error *error);

/* Leaves out the changes that these faults name. false: they name none. */
bool undo_leave(struct undo *undo, const struct error *error);

#endif
