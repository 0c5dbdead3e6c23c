/* SPDX-License-Identifier: Apache-2.0 */
/* What tables of pools read of members. */
#ifndef SLUICE_FEATURES_SERVICE_MEMBER_TABLES_H
#define SLUICE_FEATURES_SERVICE_MEMBER_TABLES_H

#include "vnf/features/service/service.h"
#include "vnf/reconcile/table.h"

/* By its pool's health monitor; without one it is up, with the whole weight, as in a pool without latency_weights. */
bool member_is_up(const struct tables *tables, const struct member *member);
uint16_t member_weight_factor(const struct tables *tables, const struct member *member); /* 0 to HEALTH_FACTOR_ALL */
/* What becomes of flows to the member: by its admin_state, health and weight. A row of members[] has changed where this
 * or the factor has. */
enum dp_member_state member_state(const struct tables *tables, const struct member *member);

/* Its weight in effect: only those of one pool compare. */
uint64_t member_weight(const struct tables *tables, const struct member *member);

#endif
