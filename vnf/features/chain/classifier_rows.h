/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a VRF in classifiers[], in match order. */
#ifndef SLUICE_FEATURES_CHAIN_CLASSIFIER_ROWS_H
#define SLUICE_FEATURES_CHAIN_CLASSIFIER_ROWS_H

#include "vnf/features/chain/chain.h"
#include "vnf/reconcile/table.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

struct classifier_entry {
	const struct flow_classifier *classifier;
	bool reverse, fail_closed;
	uint16_t stage;
};

struct classifier_rows {
	uint32_t count; /* more than DP_VRF_CLASSIFIERS: there are too many, and not all are here */
	struct classifier_entry row[DP_VRF_CLASSIFIERS];
};

void classifier_rows_collect(const struct tables *tables, uint32_t vrf, struct classifier_rows *rows);
struct dp_classifier classifier_row(const struct classifier_entry *entry);

#endif
