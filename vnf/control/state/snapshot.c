/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/state/snapshot.h"

#include "vnf/control/state/history.h"
#include "vnf/control/kinds/kinds.h"

uint64_t snapshot_revision(const struct snapshot *snapshot)
{
	return snapshot->revision;
}

uint64_t snapshot_number(const struct snapshot *snapshot)
{
	return snapshot->number;
}

uint64_t snapshot_parts(const struct snapshot *snapshot, enum resource_kind kind)
{
	return snapshot->parts[kind];
}

size_t snapshot_count(const struct snapshot *snapshot, enum resource_kind kind)
{
	return snapshot->map[kind].count;
}

const struct resource *snapshot_find_key(const struct snapshot *snapshot, enum resource_kind kind,
					 const struct resource_key *key)
{
	return pmap_find(&snapshot->map[kind], resource_key_compare, key);
}

const struct resource *snapshot_find(const struct snapshot *snapshot, enum resource_kind kind, const char *name)
{
	return snapshot_find_key(snapshot, kind, &(struct resource_key){name, NULL, NULL});
}

const struct resource *snapshot_after(const struct snapshot *snapshot, enum resource_kind kind,
				      const struct resource_key *key)
{
	return pmap_next(&snapshot->map[kind], resource_key_compare, key);
}

const struct resource *snapshot_next(const struct snapshot *snapshot, enum resource_kind kind,
				     const struct resource *previous)
{
	struct resource_key key;

	if (!previous)
		return snapshot_after(snapshot, kind, NULL);
	key = resource_key(previous);
	return snapshot_after(snapshot, kind, &key);
}
