/* SPDX-License-Identifier: Apache-2.0 */
/* After a commit: the other bank, and what the revisions before hold. */
#include <event2/event.h>
#include <stdlib.h>

#include "vnf/control/commit/commit.h"
#include "vnf/control/control_state.h"
#include "vnf/reconcile/reconciler.h"
#include "vnf/control/read/pages.h"
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

void commit_sync_banks(struct control *control)
{
	/* While the other bank cannot follow, no commit goes through, and nothing that it needs is given away. */
	if (!control->unsynced || reconciler_sync_banks(control->reconciler))
		return;
	for (struct snapshot *at = control->unsynced; at->newer; at = at->newer)
		give_ids(control->handles, &at->delta);
	control->unsynced = NULL;
	free(control->commits.merged.entry);
	control->commits.merged = (struct delta){0};
}

void commit_reclaim(struct control *control)
{
	const struct timeval pause = {.tv_sec = 1};

	commit_sync_banks(control);
	pages_expire(control->pages);
	if (control->unsynced || !history_reclaim(&control->history))
		event_add(control->reclaim, &pause);
}
