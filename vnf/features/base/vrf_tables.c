/* SPDX-License-Identifier: Apache-2.0 */
/* vrfs[]: a VRF's router MAC, and where its flow classifiers are. The FIB's trees are the FIB engine's. */
#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/base/base.h"

#include <string.h>

struct vrfs {
	struct id_array classifiers; /* struct vrf_classifiers by VRF */
	struct id_array underlay;    /* bool by VRF: it has tunnel endpoints */
	struct id_array features;    /* uint8_t by VRF: those of its row */
};

static void open(void *state)
{
	struct vrfs *vrfs = state;

	vrfs->classifiers = id_array_of(sizeof(struct vrf_classifiers));
	vrfs->underlay = id_array_of(sizeof(bool));
	vrfs->features = id_array_of(sizeof(uint8_t));
}

static void close(void *state)
{
	struct vrfs *vrfs = state;

	id_array_free(&vrfs->classifiers);
	id_array_free(&vrfs->underlay);
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

uint8_t vrf_features(const struct tables *tables, uint32_t vrf)
{
	return *(const uint8_t *)id_array_get(&state_of(tables)->features, vrf);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct vrf_classifiers classifiers = vrf_classifiers(tables, row->id);
	struct dp_vrf vrf = {.classifier_first = classifiers.first, .classifier_count = (uint16_t)classifiers.count};

	if (classifiers.count)
		vrf.features |= DP_FEATURE_CLASSIFY;
	if (*(const bool *)id_array_get(&state_of(tables)->underlay, row->id))
		vrf.features |= DP_FEATURE_DECAP;
	row->changed = id_array_set(&state_of(tables)->features, tables_log(tables), row->id, &vrf.features);
	if (row->after)
		memcpy(vrf.router_mac, ((const struct vrf *)row->after)->router_mac, sizeof(vrf.router_mac));
	bank_write(tables_writer(tables), DP_TABLE_vrfs, row->id, &vrf);
	return 0;
}

const struct table vrfs_table = {
	.name = "vrfs",
	.kind = RESOURCE_VRF,
	.state_size = sizeof(struct vrfs),
	.open = open,
	.close = close,
	.row = row,
};
