/* SPDX-License-Identifier: Apache-2.0 */
/* Resources as entries of the journal: the kind by its number, the key as clients see it, the value as the message
 * sluice.v1.Resource. */
#ifndef SLUICE_CONTROL_RECORDER_ENTRIES_H
#define SLUICE_CONTROL_RECORDER_ENTRIES_H

#include "vnf/control/commit/recorder.h"

/* 0 or -ENOMEM. A fault of the writer is the writer's. */
int recorder_put(struct packing *packing, struct record_writer *writer, const struct resource *resource);
int recorder_put_difference(struct packing *packing, struct record_writer *writer, const struct delta_entry *entry);

#endif
