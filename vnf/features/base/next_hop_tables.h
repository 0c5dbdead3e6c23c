/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_FEATURES_BASE_NEXT_HOP_TABLES_H
#define SLUICE_FEATURES_BASE_NEXT_HOP_TABLES_H

#include "vnf/features/base/base.h"
#include "vnf/reconcile/table.h"
#include "vnf/features/base/base.h"

enum pending_reason next_hop_pending(const struct tables *tables, uint32_t id);

/* Fills the buckets with member numbers. `live` has a bit per member; without any, every bucket is -1. */
void group_buckets(const struct next_hop_group *group, uint64_t live, int bucket[DP_GROUP_BUCKETS]);

#endif
