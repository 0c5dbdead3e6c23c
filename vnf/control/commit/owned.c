/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/owned.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"

bool scope_has(const struct scope *scope, const struct resource *resource)
{
	const struct kind_ops *ops = kind_ops(resource->kind);
	const struct handle *vrf;

	if (!(scope->kinds & 1U << resource->kind))
		return false;
	if (!scope->vrfs)
		return true;
	vrf = ops->vrf ? ops->vrf(resource) : NULL;
	for (size_t i = 0; vrf && i < scope->vrfs; i++)
		if (strcmp(vrf->text, scope->vrf[i]) == 0)
			return true;
	return false;
}

/* The keys that the changes name. */
struct named {
	const struct changes *changes;
	uint32_t *slot; /* index of the change + 1; 0: empty */
	size_t mask;
};

static uint32_t *find(const struct named *named, const struct resource *resource)
{
	size_t at = resource_key_hash(resource) & named->mask;

	while (named->slot[at] && !resource_same_key(named->changes->resource[named->slot[at] - 1], resource))
		at = (at + 1) & named->mask;
	return &named->slot[at];
}

static int name_all(struct named *named, const struct changes *changes)
{
	size_t slots = 16;

	while (slots < changes->count + changes->count / 2)
		slots *= 2;
	*named = (struct named){changes, calloc(slots, sizeof(*named->slot)), slots - 1};
	if (!named->slot)
		return -ENOMEM;
	for (size_t i = 0; i < changes->count; i++)
		*find(named, changes->resource[i]) = (uint32_t)i + 1;
	return 0;
}

struct visit {
	struct changes *changes;
	const struct named *named;
	const struct handle *owner;
	const struct scope *scope;
	int error;
};

static bool visit_resource(void *object, void *context)
{
	const struct resource *resource = object;
	struct visit *visit = context;

	if (resource->owner == visit->owner && scope_has(visit->scope, resource) && !*find(visit->named, resource))
		visit->error = changes_add_delete(visit->changes, resource);
	return !visit->error;
}

int owned_delete_others(struct changes *changes, const struct snapshot *snapshot, const struct handle *owner,
			const struct scope *scope)
{
	struct named named;
	struct visit visit = {changes, &named, owner, scope, 0};

	if (name_all(&named, changes))
		return -ENOMEM;
	changes->follow = true;
	changes->own = changes->count;
	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS && !visit.error; kind++)
		if (scope->kinds & 1U << kind)
			pmap_walk(&snapshot->map[kind], visit_resource, &visit);
	free(named.slot);
	return visit.error;
}
