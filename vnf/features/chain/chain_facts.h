/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of port chains know of each other. */
#ifndef SLUICE_FEATURES_CHAIN_CHAIN_FACTS_H
#define SLUICE_FEATURES_CHAIN_CHAIN_FACTS_H

#include "vnf/features/chain/chain.h"
#include "vnf/reconcile/table.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

/* Without holes: facts are compared as bytes. */
struct chain_layout {
	uint16_t vrf;
	uint8_t stages;
	uint8_t symmetric;
	uint8_t fail_closed; /* 1: one of its stages does */
	uint8_t pad;
	uint8_t skip[DP_MAX_CHAIN_STAGES]; /* 1: the stage fails open and no pair is live */
};

/* Does its health monitor say so, or has it none? */
bool port_pair_is_up(const struct tables *tables, const struct port_pair *pair);
/* Both interfaces are programmed, and it is up. */
bool port_pair_is_live(const struct tables *tables, uint32_t id);
/* One of its pairs is live. */
bool port_pair_group_is_live(const struct tables *tables, const struct port_pair_group *group);

struct chain_layout chain_layout(const struct tables *tables, uint32_t chain);
/* Id of the first stage from `index` on (step 1: forward, -1: reverse) that is not skipped; 0: none, on by the FIB. */
uint16_t chain_stage(const struct tables *tables, uint32_t chain, int index, int step);

/* A classifier of a chain that is in the VRF, and the next one; 0: none is left. */
uint32_t flow_classifiers_first(const struct tables *tables, uint32_t vrf);
uint32_t flow_classifiers_next(const struct tables *tables, uint32_t vrf, uint32_t id);

#endif
