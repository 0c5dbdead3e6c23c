/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_FEATURES_BASE_VRF_TABLES_H
#define SLUICE_FEATURES_BASE_VRF_TABLES_H

#include "vnf/features/base/base.h"
#include "vnf/reconcile/table.h"

/* Where the VRF's flow classifiers are in classifiers[]. */
struct vrf_classifiers {
	uint32_t first, count;
};

/* For tables before vrfs[], as the next: changes the VRF's row. */
void vrf_set_classifiers(struct tables *tables, uint32_t vrf, const struct vrf_classifiers *classifiers);
struct vrf_classifiers vrf_classifiers(const struct tables *tables, uint32_t vrf);

/* Counts a tunnel endpoint that has the VRF for its underlay, or with -1 one that had. */
void vrf_count_tunnels(struct tables *tables, uint32_t vrf, int step);

/* DP_FEATURE_*: which stages the VRF's packets need. */
uint8_t vrf_features(const struct tables *tables, uint32_t vrf);

#endif
