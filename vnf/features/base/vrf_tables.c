/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vrfs[]: a VRF's router MAC, where its flow classifiers are, whether the MSS of its connections may have to be
 * lowered, and whether the kernel's routes are asked. The FIB's trees are the FIB engine's.
 */
#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/interface_facts.h"

#include <string.h>

struct vrfs {
	struct id_array classifiers; /* struct vrf_classifiers by VRF */
	struct id_array underlay;    /* bool by VRF: it has tunnel endpoints */
	struct id_array bound;	     /* bool by VRF: VNIs are bound to it */
	struct id_array proxy;	     /* bool by VRF: it answers for neighbours with its own MAC */
	struct id_array policy;	     /* bool by VRF: it has rules of a policy */
	struct id_array ddos;	     /* bool by VRF: it has a DDoS profile */
	struct id_array service;     /* bool by VRF: it has pools whose members' answers get the VIP back */
	struct id_array features;    /* uint8_t by VRF: those of its row */
};

static void open(void *state)
{
	struct vrfs *vrfs = state;

	vrfs->classifiers = id_array_of(sizeof(struct vrf_classifiers));
	vrfs->underlay = id_array_of(sizeof(bool));
	vrfs->bound = id_array_of(sizeof(bool));
	vrfs->proxy = id_array_of(sizeof(bool));
	vrfs->policy = id_array_of(sizeof(bool));
	vrfs->ddos = id_array_of(sizeof(bool));
	vrfs->service = id_array_of(sizeof(bool));
	vrfs->features = id_array_of(sizeof(uint8_t));
}

static void close(void *state)
{
	struct vrfs *vrfs = state;

	id_array_free(&vrfs->classifiers);
	id_array_free(&vrfs->underlay);
	id_array_free(&vrfs->bound);
	id_array_free(&vrfs->proxy);
	id_array_free(&vrfs->policy);
	id_array_free(&vrfs->ddos);
	id_array_free(&vrfs->service);
	id_array_free(&vrfs->features);
}

static struct vrfs *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_vrfs);
}

void vrf_set_classifiers(struct tables *tables, uint32_t vrf, const struct vrf_classifiers *classifiers)
{
	if (id_array_set(&state_of(tables)->classifiers, tables_log(tables), vrf, classifiers))
		tables_mark(tables, TABLE_vrfs, vrf);
}

struct vrf_classifiers vrf_classifiers(const struct tables *tables, uint32_t vrf)
{
	return *(const struct vrf_classifiers *)id_array_get(&state_of(tables)->classifiers, vrf);
}

void vrf_set_underlay(struct tables *tables, uint32_t vrf, bool is_underlay)
{
	if (id_array_set(&state_of(tables)->underlay, tables_log(tables), vrf, &is_underlay))
		tables_mark(tables, TABLE_vrfs, vrf);
}

void vrf_set_bound(struct tables *tables, uint32_t vrf, bool is_bound)
{
	if (id_array_set(&state_of(tables)->bound, tables_log(tables), vrf, &is_bound))
		tables_mark(tables, TABLE_vrfs, vrf);
}

void vrf_set_proxy(struct tables *tables, uint32_t vrf, bool is_proxy)
{
	if (id_array_set(&state_of(tables)->proxy, tables_log(tables), vrf, &is_proxy))
		tables_mark(tables, TABLE_vrfs, vrf);
}

void vrf_set_policy(struct tables *tables, uint32_t vrf, bool has_policy)
{
	if (id_array_set(&state_of(tables)->policy, tables_log(tables), vrf, &has_policy))
		tables_mark(tables, TABLE_vrfs, vrf);
}

void vrf_set_ddos(struct tables *tables, uint32_t vrf, bool is_protected)
{
	if (id_array_set(&state_of(tables)->ddos, tables_log(tables), vrf, &is_protected))
		tables_mark(tables, TABLE_vrfs, vrf);
}

void vrf_set_service(struct tables *tables, uint32_t vrf, bool has_service)
{
	if (id_array_set(&state_of(tables)->service, tables_log(tables), vrf, &has_service))
		tables_mark(tables, TABLE_vrfs, vrf);
}

uint8_t vrf_features(const struct tables *tables, uint32_t vrf)
{
	return *(const uint8_t *)id_array_get(&state_of(tables)->features, vrf);
}

/* Of the interfaces that have a device; 0: none has. */
struct mtus {
	uint16_t least, most;
};

static void visit_interface(const struct tables *tables, uint32_t interface, void *context)
{
	const uint16_t mtu = interface_facts(tables, interface).mtu;
	struct mtus *mtus = context;

	if (!mtu)
		return;
	if (!mtus->least || mtu < mtus->least)
		mtus->least = mtu;
	if (mtu > mtus->most)
		mtus->most = mtu;
}

/* dp_vrf.mss_clamp. Where all ways have the same room, hosts know it from their own links. */
static uint16_t mss_clamp(const struct tables *tables, const struct vrf *vrf)
{
	struct mtus mtus = {0};

	if (!vrf->mss_clamp)
		return 0;
	if (vrf->mss_clamp_most)
		return vrf->mss_clamp_most;
	if (*(const bool *)id_array_get(&state_of(tables)->bound, resource_id(&vrf->resource)))
		return DP_MSS_MOST;
	tables_each_user(tables, &vrf->resource, RESOURCE_INTERFACE, visit_interface, &mtus);
	return mtus.least != mtus.most ? DP_MSS_MOST : 0;
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct vrf_classifiers classifiers = vrf_classifiers(tables, row->id);
	struct dp_vrf vrf = {.classifier_first = classifiers.first, .classifier_count = (uint16_t)classifiers.count};

	if (classifiers.count)
		vrf.features |= DP_FEATURE_CLASSIFY;
	if (*(const bool *)id_array_get(&state_of(tables)->underlay, row->id))
		vrf.features |= DP_FEATURE_DECAP;
	if (*(const bool *)id_array_get(&state_of(tables)->proxy, row->id))
		vrf.features |= DP_FEATURE_PROXY;
	if (*(const bool *)id_array_get(&state_of(tables)->policy, row->id))
		vrf.features |= DP_FEATURE_POLICY;
	if (*(const bool *)id_array_get(&state_of(tables)->ddos, row->id))
		vrf.features |= DP_FEATURE_DDOS;
	if (*(const bool *)id_array_get(&state_of(tables)->service, row->id))
		vrf.features |= DP_FEATURE_SERVICE;
	row->changed = id_array_set(&state_of(tables)->features, tables_log(tables), row->id, &vrf.features);
	if (row->after) {
		const struct vrf *after = (const struct vrf *)row->after;

		memcpy(vrf.router_mac, after->router_mac, sizeof(vrf.router_mac));
		vrf.mss_clamp = mss_clamp(tables, after);
		vrf.fallback = after->fallback;
		vrf.fallback_table = after->fallback_table;
	}
	bank_write(tables_writer(tables), DP_TABLE_vrfs, row->id, &vrf);
	return 0;
}

static void mark_vrf(struct tables *tables, const struct interface *interface)
{
	if (interface && interface->vrf->id)
		tables_mark(tables, TABLE_vrfs, interface->vrf->id);
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_vrf(tables, (const struct interface *)before);
	if (!before || !after || ((const struct interface *)before)->vrf != ((const struct interface *)after)->vrf)
		mark_vrf(tables, (const struct interface *)after);
}

const struct table vrfs_table = {
	.name = "vrfs",
	.kind = RESOURCE_VRF,
	.tables = {{TABLE_interfaces, follow_interface}},
	.state_size = sizeof(struct vrfs),
	.open = open,
	.close = close,
	.row = row,
};
