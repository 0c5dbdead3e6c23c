/* SPDX-License-Identifier: Apache-2.0 */
/* vrfs[]: a VRF's router MAC, and where its flow classifiers are. The FIB's trees are the FIB engine's. */
#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/base/base.h"

#include <string.h>

struct vrfs {
	struct id_array classifiers; /* struct vrf_classifiers by VRF */
};

static void open(void *state)
{
	((struct vrfs *)state)->classifiers = id_array_of(sizeof(struct vrf_classifiers));
}

static void close(void *state)
{
	id_array_free(&((struct vrfs *)state)->classifiers);
}

static struct vrfs *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_vrfs);
}

void vrf_router_mac(const struct vrf *vrf, uint8_t mac[6])
{
	static const uint8_t unset[6], standard[6] = {0x02, 0x53, 0x4c, 0x00, 0x00, 0x01};

	memcpy(mac, memcmp(vrf->router_mac, unset, 6) ? vrf->router_mac : standard, 6);
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

static int row(struct tables *tables, struct table_row *row)
{
	const struct vrf_classifiers classifiers = vrf_classifiers(tables, row->id);
	struct dp_vrf vrf = {.classifier_first = classifiers.first, .classifier_count = (uint16_t)classifiers.count};

	if (row->after)
		vrf_router_mac((const struct vrf *)row->after, vrf.router_mac);
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
