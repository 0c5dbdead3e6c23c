/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_FEATURES_SERVICE_MONITOR_STATUS_H
#define SLUICE_FEATURES_SERVICE_MONITOR_STATUS_H

#include "vnf/control/kinds/kinds.h"

/* As kind_ops.status. */
int health_monitor_status(const struct resource *resource, const struct snapshot *snapshot,
			  struct reconciler *reconciler, Sluice__V1__ResourceState *state);

#endif
