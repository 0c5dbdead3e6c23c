/* SPDX-License-Identifier: Apache-2.0 */
/* What VRFs reserve of the FIB, as a commit's changes lead to it. */
#ifndef SLUICE_RECONCILE_ROUTE_RESERVES_H
#define SLUICE_RECONCILE_ROUTE_RESERVES_H

#include "vnf/reconcile/route_changes.h"

/* Is the entry a VRF whose reserve changes? */
bool route_reserves_differ(const struct delta_entry *entry);
/* Tells the engine the reserves, behind all routes that are added. Has one grown? Then fib_reserves_fit says whether
 * there is room. */
bool route_reserves_set(const struct route_changes *changes, struct fib *fib);
void route_reserves_take_back(const struct route_changes *changes, struct fib *fib);
/* Fills *error: they do not fit. Returns -ENOSPC. */
int route_reserves_explain(const struct fib *fib, struct error *error);

#endif
