/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_FEATURES_BASE_VRF_TABLES_H
#define SLUICE_FEATURES_BASE_VRF_TABLES_H

#include "vnf/reconcile/table.h"
#include "vnf/features/base/base.h"

/* Where the VRF's flow classifiers are in classifiers[]. */
struct vrf_classifiers {
	uint32_t first, count;
};

/* For tables before vrfs[]: changes the VRF's row. */
void vrf_set_classifiers(struct tables *tables, uint32_t vrf, const struct vrf_classifiers *classifiers);
struct vrf_classifiers vrf_classifiers(const struct tables *tables, uint32_t vrf);

/* For tables before vrfs[]: the VRF has tunnel endpoints, whose tunnels end in it. */
void vrf_set_underlay(struct tables *tables, uint32_t vrf, bool is_underlay);
/* The same: packets of the VRF go through tunnels. */
void vrf_set_bound(struct tables *tables, uint32_t vrf, bool is_bound);
/* The same: the router answers with its own MAC for neighbours there. */
void vrf_set_proxy(struct tables *tables, uint32_t vrf, bool is_proxy);
/* The same: its hosts are protected against floods. */
void vrf_set_ddos(struct tables *tables, uint32_t vrf, bool is_protected);

/* The same: it has members of pools whose answers get the VIP back. */
void vrf_set_service(struct tables *tables, uint32_t vrf, bool has_service);

/* The same: it has rules of a policy. */
void vrf_set_policy(struct tables *tables, uint32_t vrf, bool has_policy);

/* DP_FEATURE_*: the stages that packets of the VRF need. */
uint8_t vrf_features(const struct tables *tables, uint32_t vrf);

#endif
