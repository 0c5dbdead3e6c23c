/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/route_reserves.h"

#include <errno.h>

#include "vnf/control/kinds/kinds.h"

static uint32_t reserved(const struct resource *vrf)
{
	return vrf ? kind_ops(RESOURCE_VRF)->parts.count(vrf) : 0;
}

bool route_reserves_differ(const struct delta_entry *entry)
{
	const struct resource *either = entry->after ? entry->after : entry->before;

	return either->kind == RESOURCE_VRF && reserved(entry->before) != reserved(entry->after);
}

/* Of all VRFs of the changes; back: to what they were. Returns whether one has grown. */
static bool set(const struct route_changes *changes, struct fib *fib, bool back)
{
	bool grows = false;

	for (size_t i = 0; changes->reserves && i < changes->delta.count; i++) {
		const struct delta_entry *entry = &changes->delta.entry[i];
		const struct resource *vrf = entry->after ? entry->after : entry->before;

		if (!route_reserves_differ(entry))
			continue;
		fib_reserve(fib, (uint16_t)resource_id(vrf), reserved(back ? entry->before : entry->after));
		grows |= reserved(entry->after) > reserved(entry->before);
	}
	return grows;
}

bool route_reserves_set(const struct route_changes *changes, struct fib *fib)
{
	return set(changes, fib, false);
}

void route_reserves_take_back(const struct route_changes *changes, struct fib *fib)
{
	set(changes, fib, true);
}

int route_reserves_explain(const struct fib *fib, struct error *error)
{
	struct fib_usage usage;

	fib_usage(fib, &usage);
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
		  "vrf.reserved_routes: %llu of the forwarding table's %llu words would be kept for routes to come, of "
		  "which one may need %d, and %llu are in use: lower it, delete routes first, or raise "
		  "limits.max_fib_words in sluiced.yaml, and restart sluiced",
		  (unsigned long long)fib_words_kept(fib), (unsigned long long)(usage.words_used + usage.words_free),
		  FIB_PREFIX_WORDS, (unsigned long long)usage.words_held);
	return -ENOSPC;
}
