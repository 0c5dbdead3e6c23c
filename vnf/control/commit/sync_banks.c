/* SPDX-License-Identifier: Apache-2.0 */
/* After a commit: the other bank follows, and ids of what was deleted are free again. */
#include <stdlib.h>

#include "vnf/control/commit/commit.h"
#include "vnf/control/commit/committer.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/control/kinds/handles.h"

/* Ids of what the delta deleted; no bank knows them any more. */
static void give_ids(struct handles *handles, const struct delta *delta)
{
	for (size_t i = 0; i < delta->count; i++) {
		const struct resource *before = delta->entry[i].before;

		if (!before || delta->entry[i].after)
			continue;
		handles_give_id(handles, before->kind, resource_id(before));
		if (before->self)
			atomic_store_explicit(&before->self->id, 0, memory_order_relaxed);
	}
}

void commit_sync_banks(struct committer *committer)
{
	/* While the other bank cannot follow, no commit goes through, and nothing that it needs is given away. */
	if (!committer->unsynced || reconciler_sync_banks(committer->reconciler))
		return;
	for (struct snapshot *at = committer->unsynced; at->newer; at = at->newer)
		give_ids(committer->handles, &at->delta);
	committer->unsynced = NULL;
	recorder_tidy(&committer->recorder);
	free(committer->commits.merged.entry);
	committer->commits.merged = (struct delta){0};
}
