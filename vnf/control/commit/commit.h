/* SPDX-License-Identifier: Apache-2.0 */
/* One list of changes from draft to packets: check, program, publish, answer. Control thread only. */
#ifndef SLUICE_CONTROL_COMMIT_H
#define SLUICE_CONTROL_COMMIT_H

#include <stdbool.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/control/commit/changes.h"
#include "vnf/core/error.h"

struct control;

struct differences {
	size_t count;
	Sluice__V1__Difference **difference;
};

/* Commits. The answer, or NULL with the faults and nothing changed. `expected_revision` 0: any. */
Sluice__V1__WriteResult *commit_changes(struct control *control, struct changes *changes, uint64_t expected_revision,
					struct error *error);
/* The same up to the point where something would change, and what would. */
Sluice__V1__WriteResult *commit_dry_run(struct control *control, struct changes *changes, uint64_t expected_revision,
					struct differences *differences, struct error *error);

/* Brings both banks to the newest revision and takes back what nobody uses any more; called by the loop after a commit.
 */
void commit_settle(struct control *control);

#endif
