/* SPDX-License-Identifier: Apache-2.0 */
/* Gives the MACs of static neighbours to the next hops' table. */
#include "vnf/features/base/next_hop_tables.h"
#include "vnf/features/neighbor/neighbor.h"

static int row(struct tables *tables, struct table_row *row)
{
	const struct neighbor *neighbor = (const struct neighbor *)row->after;

	if (neighbor && !neighbor->has_mac)
		neighbor = NULL;
	next_hops_set_neighbour(tables, row->id, neighbor ? &neighbor->key : NULL, neighbor ? neighbor->mac : NULL);
	return 0;
}

extern const struct table neighbors_table;
const struct table neighbors_table = {
	.name = "neighbors",
	.kind = RESOURCE_NEIGHBOR,
	.row = row,
};
