/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A commit that changes only next hops and groups (and routes) while the kernel's facts are what they were: the rows of
 * these, and nothing else is looked at. The cost follows the change, whatever else there is.
 */
#include "vnf/reconcile/compile.h"
#include "vnf/reconcile/reconciler.h"

static const struct dp_next_hop no_next_hop;
static const struct dp_group no_group;

/* 0, or -ENOMEM. *moved: it came up or went down, which concerns the groups it is in. */
static int next_hop_row(struct compile *compile, const struct delta_entry *entry, bool *moved)
{
	uint32_t id = (entry->after ? entry->after : entry->before)->self->id;
	uint8_t wait = compile->next_hop_pending[id];
	int error = 0;

	if (entry->after)
		error = compile_next_hop(compile, (const struct next_hop *)entry->after);
	else
		compile_write(compile, &compile->bank->next_hops[id], &no_next_hop, sizeof(no_next_hop));
	*moved |= entry->before && entry->after && compile->next_hop_pending[id] != wait;
	return error;
}

static void group_row(struct compile *compile, const struct delta_entry *entry)
{
	uint32_t id = (entry->after ? entry->after : entry->before)->self->id;

	if (entry->after) {
		compile_group(compile, (const struct next_hop_group *)entry->after);
		return;
	}
	compile_write(compile, &compile->bank->groups[id], &no_group, sizeof(no_group));
	compile->group[id].revision = 0; /* an id that is given anew is compiled anew */
}

static enum resource_kind kind_of(const struct delta_entry *entry)
{
	return (entry->after ? entry->after : entry->before)->kind;
}

int compile_rows(struct compile *compile, const struct delta *delta)
{
	const struct resource *resource = NULL;
	bool moved = false;
	int error = 0;

	compile->end_before = compile->end;
	for (size_t i = 0; i < delta->count && !error; i++)
		if (kind_of(&delta->entry[i]) == RESOURCE_NEXT_HOP)
			error = next_hop_row(compile, &delta->entry[i], &moved);
	for (size_t i = 0; i < delta->count && !error; i++)
		if (kind_of(&delta->entry[i]) == RESOURCE_NEXT_HOP_GROUP)
			group_row(compile, &delta->entry[i]);
	while (moved && !error && (resource = snapshot_next(compile->snapshot, RESOURCE_NEXT_HOP_GROUP, resource)))
		compile_group(compile, (const struct next_hop_group *)resource);
	return compile_end(compile, error);
}
