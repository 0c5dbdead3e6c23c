/* SPDX-License-Identifier: Apache-2.0 */
/* Why resources are not programmed, as a run worked it out: noted first, shown to readers when packets meet it. */
#ifndef SLUICE_RECONCILE_PENDING_UPDATES_H
#define SLUICE_RECONCILE_PENDING_UPDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "vnf/control/kinds/resource.h"

struct pending_update {
	struct handle *handle;
	enum pending_reason reason;
};

struct pending_updates {
	struct pending_update *update;
	size_t count, capacity;
};

/* false: out of memory. */
bool pending_updates_add(struct pending_updates *updates, struct handle *handle, enum pending_reason reason);
void pending_updates_publish(const struct pending_updates *updates); /* readers see them from now on */
void pending_updates_clear(struct pending_updates *updates);
void pending_updates_free(struct pending_updates *updates); /* frees what it points to */

#endif
