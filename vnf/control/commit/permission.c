/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/permission.h"

#include <stdio.h>

#include "vnf/access/access.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/state/snapshot.h"

int permission_for_owner(const char *owner, const char *field, struct error *error)
{
	return access_check_owner(access_current(), owner, field, error);
}

static void add_vrf(struct access_change *change, const struct handle *vrf)
{
	if (vrf && change->vrfs < ACCESS_VRFS)
		change->vrf[change->vrfs++] = vrf->text;
}

struct touching {
	struct access_change *change;
	const struct snapshot *snapshot;
};

/* Those of which it counts in what VRF they are. */
static void add_reference(const struct reference *reference, void *context)
{
	const struct handle *handle = reference->handle;
	const struct touching *touching = context;
	const struct resource *resource;

	if (handle->kind == RESOURCE_VRF)
		add_vrf(touching->change, handle);
	if (handle->kind != RESOURCE_INTERFACE && handle->kind != RESOURCE_SECURITY_GROUP)
		return;
	resource =
		touching->snapshot ? snapshot_find(touching->snapshot, handle->kind, handle->text) : handle->resource;
	if (resource)
		add_vrf(touching->change, kind_ops(handle->kind)->vrf(resource));
}

void permission_touch(struct access_change *change, const struct snapshot *snapshot, const struct resource *resource)
{
	struct touching touching = {change, snapshot};
	const struct kind_ops *ops = kind_ops(resource->kind);
	const struct vrf_key *key = resource_vrf_key(resource);

	if (resource->kind == RESOURCE_VRF)
		add_vrf(change, resource->self);
	if (ops->references)
		ops->references(resource, add_reference, &touching);
	else if (ops->vrf)
		add_vrf(change, ops->vrf(resource));
	if (key) {
		change->prefix = &key->prefix;
		add_vrf(change, key->vrf);
	}
}

static int check_entry(struct access_caller *caller, const struct candidate *candidate, size_t entry,
		       struct error *error)
{
	const struct resource *before = candidate->delta.entry[entry].before;
	const struct resource *after = candidate->delta.entry[entry].after;
	struct access_change change;
	char field[64];

	change.owner = (after ? after : before)->owner->text;
	change.vrfs = 0;
	change.prefix = NULL;
	if (before)
		permission_touch(&change, NULL, before);
	if (after)
		permission_touch(&change, NULL, after);
	snprintf(field, sizeof(field), "changes[%zu].resource", candidate_change(candidate, entry));
	return access_check_change(caller, &change, field, error);
}

int permission_for_candidate(struct access_caller *caller, const struct candidate *candidate, struct error *error)
{
	int status = 0;

	if (!candidate->next || !access_is_scoped(caller))
		return 0;
	for (size_t i = 0; i < candidate->own && error->count < ERROR_FAULTS; i++)
		if (check_entry(caller, candidate, i, error))
			status = -1;
	return status;
}
