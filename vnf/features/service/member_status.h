/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_FEATURES_SERVICE_MEMBER_STATUS_H
#define SLUICE_FEATURES_SERVICE_MEMBER_STATUS_H

#include "vnf/control/kinds/kinds.h"

/* kind_ops.status of members. */
int member_status(const struct resource *resource, const struct snapshot *snapshot, struct reconciler *reconciler,
		  Sluice__V1__ResourceState *state);

#endif
