/* SPDX-License-Identifier: Apache-2.0 */
/* One resource as the state service shows it: desired state, programmed state, counters, the kernel's facts. */
#ifndef SLUICE_CONTROL_RESOURCE_STATE_H
#define SLUICE_CONTROL_RESOURCE_STATE_H

#include "sluice/v1/state_service.pb-c.h"
#include "vnf/control/kinds/resource.h"

struct reader;
struct snapshot;

/* NULL: out of memory. Any thread that has the snapshot pinned. */
Sluice__V1__ResourceState *resource_state(struct reader *reader, const struct snapshot *snapshot,
					  const struct resource *resource);
/* Likewise, but for what takes a walk over many others: RouteSourceStatus.suppressed does not have those of protected
 * prefixes. */
Sluice__V1__ResourceState *resource_state_brief(struct reader *reader, const struct snapshot *snapshot,
						const struct resource *resource);

#endif
