/* SPDX-License-Identifier: Apache-2.0 */
/* The state that a journal leads to becomes the newest revision. */
#ifndef SLUICE_CONTROL_RESTORE_H
#define SLUICE_CONTROL_RESTORE_H

#include "vnf/control/commit/committer.h"

/* With the ids, owners and revisions that are in the journal, in one flip, before any commit. 0, or -1 with faults and
 * nothing done. */
int commit_restore(struct committer *committer, const struct journal_content *content, struct error *error);

#endif
