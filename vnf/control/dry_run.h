/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CONTROL_DRY_RUN_H
#define SLUICE_CONTROL_DRY_RUN_H

#include "vnf/control/commit/commit.h"
#include "vnf/control/commit/options.h"

struct control;

/* As commit_dry_run, with the rehearsal that is wished for. */
Sluice__V1__WriteResult *control_dry_run(struct control *control, struct changes *changes, uint64_t expected_revision,
					 const struct rehearsal_wish *wish, struct differences *differences,
					 struct error *error);

#endif
