/* SPDX-License-Identifier: Apache-2.0 */
/* What an owner has, within a scope. Control thread only. */
#ifndef SLUICE_CONTROL_OWNED_H
#define SLUICE_CONTROL_OWNED_H

#include "vnf/control/commit/changes.h"
#include "vnf/control/state/history.h"

struct scope {
	uint32_t kinds; /* a bit each */
	char **vrf;	/* names; resources that are of no VRF are out of the scope then */
	size_t vrfs;	/* 0: any */
};

bool scope_has(const struct scope *scope, const struct resource *resource);

/* Appends a deletion for each of the owner's resources in the scope that the changes do not name. 0 or -ENOMEM, some
 * of them appended. */
int owned_delete_others(struct changes *changes, const struct snapshot *snapshot, const struct handle *owner,
			const struct scope *scope);

#endif
