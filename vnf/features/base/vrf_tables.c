/* SPDX-License-Identifier: Apache-2.0 */
/* vrfs[]: a VRF's router MAC, where its flow classifiers are, and which stages its packets need. The FIB's trees are
 * the FIB engine's. */
#include "vnf/features/base/vrf_tables.h"

#include <string.h>

struct vrfs {
	struct id_array classifiers; /* struct vrf_classifiers by VRF */
	struct id_array tunnels;     /* uint32_t by VRF: endpoints whose underlay it is */
	struct id_array features;    /* uint8_t by VRF: as its row has them */
};

static void open(void *state)
{
	struct vrfs *vrfs = state;

	vrfs->classifiers = id_array_of(sizeof(struct vrf_classifiers));
	vrfs->tunnels = id_array_of(sizeof(uint32_t));
	vrfs->features = id_array_of(sizeof(uint8_t));
}

static void close(void *state)
{
	struct vrfs *vrfs = state;

	id_array_free(&vrfs->classifiers);
	id_array_free(&vrfs->tunnels);
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

void vrf_count_tunnels(struct tables *tables, uint32_t vrf, int step)
{
	struct id_array *array = &state_of(tables)->tunnels;
	uint32_t tunnels = *(const uint32_t *)id_array_get(array, vrf) + (uint32_t)step;

	id_array_set(array, tables_log(tables), vrf, &tunnels);
	tables_mark(tables, TABLE_vrfs, vrf);
}

uint8_t vrf_features(const struct tables *tables, uint32_t vrf)
{
	return *(const uint8_t *)id_array_get(&state_of(tables)->features, vrf);
}

static uint8_t features_of(const struct tables *tables, uint32_t vrf)
{
	uint8_t features = vrf_classifiers(tables, vrf).count ? DP_FEATURE_CLASSIFY : 0;

	if (*(const uint32_t *)id_array_get(&state_of(tables)->tunnels, vrf))
		features |= DP_FEATURE_DECAP;
	return features;
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct vrf_classifiers classifiers = vrf_classifiers(tables, row->id);
	struct dp_vrf vrf = {.classifier_first = classifiers.first, .classifier_count = (uint16_t)classifiers.count};

	if (row->after)
		memcpy(vrf.router_mac, ((const struct vrf *)row->after)->router_mac, sizeof(vrf.router_mac));
	if (row->after)
		vrf.features = features_of(tables, row->id);
	row->changed = id_array_set(&state_of(tables)->features, tables_log(tables), row->id, &vrf.features);
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
