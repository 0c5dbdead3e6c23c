/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/pending_updates.h"

#include <stdlib.h>

bool pending_updates_add(struct pending_updates *updates, struct handle *handle, enum pending_reason reason)
{
	size_t capacity = updates->capacity ? updates->capacity * 2 : 64;
	struct pending_update *grown;

	if (atomic_load_explicit(&handle->pending, memory_order_relaxed) == reason)
		return true;
	if (updates->count == updates->capacity) {
		grown = realloc(updates->update, capacity * sizeof(*grown));
		if (!grown)
			return false;
		updates->update = grown;
		updates->capacity = capacity;
	}
	updates->update[updates->count++] = (struct pending_update){.handle = handle, .reason = reason};
	return true;
}

void pending_updates_publish(const struct pending_updates *updates)
{
	for (size_t i = 0; i < updates->count; i++)
		atomic_store(&updates->update[i].handle->pending, updates->update[i].reason);
}

void pending_updates_clear(struct pending_updates *updates)
{
	updates->count = 0;
}

void pending_updates_free(struct pending_updates *updates)
{
	free(updates->update);
}
