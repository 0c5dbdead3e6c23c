/* SPDX-License-Identifier: Apache-2.0 */
/* What tables of pools read of members. */
#ifndef SLUICE_FEATURES_SERVICE_MEMBER_TABLES_H
#define SLUICE_FEATURES_SERVICE_MEMBER_TABLES_H

#include "vnf/features/service/service.h"
#include "vnf/reconcile/table.h"

/* What becomes of flows to the member: by its admin_state and weight. A row of members[] has changed where this has. */
enum dp_member_state member_state(const struct tables *tables, const struct member *member);

#endif
