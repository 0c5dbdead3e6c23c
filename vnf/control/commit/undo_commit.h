/* SPDX-License-Identifier: Apache-2.0 */
/* Taking back what nobody has confirmed. */
#ifndef SLUICE_CONTROL_UNDO_COMMIT_H
#define SLUICE_CONTROL_UNDO_COMMIT_H

struct committer;
struct confirmation;

/*
 * Undoes all that waits with the confirmation in one commit of its owner's, and ends it. What cannot be undone since
 * another owner's resources need it, or have taken its place, is left, named in the log and in the revision; the rest
 * is undone. 0, or -1: nothing was, since tables or the journal do not take it now, and it is to be tried again.
 */
int undo_commit(struct committer *committer, struct confirmation *confirmation);

#endif
