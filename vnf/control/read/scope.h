/* SPDX-License-Identifier: Apache-2.0 */
/* What a caller sees of a snapshot. Any thread. */
#ifndef SLUICE_CONTROL_SCOPE_H
#define SLUICE_CONTROL_SCOPE_H

#include "vnf/access/access.h"
#include "vnf/control/kinds/resource.h"

struct snapshot;

bool scope_shows(const struct access_view *view, const struct snapshot *snapshot, const struct resource *resource);

#endif
