/* SPDX-License-Identifier: Apache-2.0 */
/* Several commits' differences as one. */
#ifndef SLUICE_CONTROL_MERGE_H
#define SLUICE_CONTROL_MERGE_H

#include "vnf/control/commit/commit.h"

/* Every key once, from before the first commit to after the last. 0 or -ENOMEM; the caller frees merged->entry. */
int merge_deltas(const struct commits *commits, struct delta *merged);

#endif
