/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/merge.h"

#include <errno.h>
#include <stdlib.h>

#include "vnf/control/kinds/kinds.h"

static const struct resource *either(const struct delta_entry *entry)
{
	return entry->after ? entry->after : entry->before;
}

struct merge {
	struct delta *merged;
	const struct resource **key; /* by entry */
	uint32_t *slot;		     /* entry + 1; 0: empty */
	size_t mask;
};

static void add(struct merge *merge, const struct delta_entry *entry)
{
	size_t at = resource_key_hash(either(entry)) & merge->mask;

	for (; merge->slot[at]; at = (at + 1) & merge->mask)
		if (resource_same_key(merge->key[merge->slot[at] - 1], either(entry))) {
			merge->merged->entry[merge->slot[at] - 1].after = entry->after;
			return;
		}
	merge->key[merge->merged->count] = either(entry);
	merge->merged->entry[merge->merged->count] = *entry;
	merge->slot[at] = (uint32_t)++merge->merged->count;
}

/* What was made and taken away again was never there. */
static void drop_nothings(struct delta *delta)
{
	size_t kept = 0;

	for (size_t i = 0; i < delta->count; i++)
		if (delta->entry[i].before || delta->entry[i].after)
			delta->entry[kept++] = delta->entry[i];
	delta->count = kept;
}

int merge_deltas(const struct commits *commits, struct delta *merged)
{
	struct merge merge = {.merged = merged};
	size_t most = 0, slots = 16;
	int error = -ENOMEM;

	for (size_t i = 0; i < commits->count; i++)
		most += commits->commit[i]->candidate.delta.count;
	while (slots < 2 * most)
		slots *= 2;
	merge.mask = slots - 1;
	merge.key = malloc(most * sizeof(*merge.key));
	merge.slot = calloc(slots, sizeof(*merge.slot));
	*merged = (struct delta){.entry = malloc(most * sizeof(*merged->entry))};
	if (!merge.key || !merge.slot || !merged->entry)
		goto out;
	for (size_t i = 0; i < commits->count; i++) {
		const struct delta *delta = &commits->commit[i]->candidate.delta;

		for (size_t j = 0; j < delta->count; j++)
			add(&merge, &delta->entry[j]);
	}
	drop_nothings(merged);
	error = 0;
out:
	free(merge.key);
	free(merge.slot);
	if (error) {
		free(merged->entry);
		*merged = (struct delta){0};
	}
	return error;
}
