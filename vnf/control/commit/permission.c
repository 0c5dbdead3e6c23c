/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/permission.h"

#include <stdio.h>

#include "vnf/access/access.h"
#include "vnf/control/kinds/kinds.h"

int permission_for_owner(const char *owner, const char *field, struct error *error)
{
	return access_check_owner(access_current(), owner, field, error);
}

static void add_vrf(struct access_change *change, const struct handle *vrf)
{
	if (vrf && change->vrfs < ACCESS_VRFS)
		change->vrf[change->vrfs++] = vrf->text;
}

static void add_reference(const struct reference *reference, void *context)
{
	const struct resource *resource = reference->handle->resource;

	if (reference->handle->kind == RESOURCE_VRF)
		add_vrf(context, reference->handle);
	else if ((reference->handle->kind == RESOURCE_INTERFACE ||
		  reference->handle->kind == RESOURCE_SECURITY_GROUP) &&
		 resource)
		add_vrf(context, kind_ops(reference->handle->kind)->vrf(resource));
}

static void touch(struct access_change *change, const struct resource *resource)
{
	const struct kind_ops *ops = kind_ops(resource->kind);
	const struct vrf_key *key = resource_vrf_key(resource);

	if (resource->kind == RESOURCE_VRF)
		add_vrf(change, resource->self);
	if (ops->references)
		ops->references(resource, add_reference, change);
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
		touch(&change, before);
	if (after)
		touch(&change, after);
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
