/* SPDX-License-Identifier: Apache-2.0 */
/* neighbors[]: for which neighbours Sluice answers who asks for their MACs, and in which VRFs it does so with its own.
 */
#include <errno.h>
#include <string.h>

#include "vnf/core/error.h"
#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/neighbor/neighbor.h"

struct answered {
	struct id_array proxied; /* uint32_t by VRF: neighbours that are answered for with the router's MAC */
};

static void open(void *state)
{
	((struct answered *)state)->proxied = id_array_of(sizeof(uint32_t));
}

static void close(void *state)
{
	id_array_free(&((struct answered *)state)->proxied);
}

static struct dp_neighbor entry_of(const struct neighbor *neighbor)
{
	struct dp_neighbor entry = {.vrf = (uint16_t)neighbor->key.vrf->id, .router = neighbor_is_proxied(neighbor)};

	ip_address_map(&neighbor->key.prefix.address, entry.address.byte);
	memcpy(entry.mac, neighbor->mac, sizeof(entry.mac));
	return entry;
}

static void count(struct tables *tables, const struct neighbor *neighbor, int step)
{
	struct answered *answered = tables_state(tables, TABLE_answered_neighbors);
	uint32_t vrf, now;

	if (!neighbor_is_proxied(neighbor))
		return;
	vrf = neighbor->key.vrf->id;
	now = *(const uint32_t *)id_array_get(&answered->proxied, vrf) + (uint32_t)step;
	id_array_set(&answered->proxied, tables_log(tables), vrf, &now);
	vrf_set_proxy(tables, vrf, now > 0);
}

static void clear(struct tables *tables, const struct table_row *row)
{
	const struct neighbor *before = (const struct neighbor *)row->before;
	struct dp_neighbor entry;
	int64_t at;

	if (!neighbor_is_answered(before) || row->before == row->after)
		return;
	entry = entry_of(before);
	at = bank_hash_find(tables_writer(tables), DP_TABLE_neighbors, &entry);
	if (at >= 0)
		bank_clear(tables_writer(tables), DP_TABLE_neighbors, (uint32_t)at);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct neighbor *before = (const struct neighbor *)row->before;
	const struct neighbor *after = (const struct neighbor *)row->after;
	char text[IP_ADDRESS_TEXT];
	struct dp_neighbor entry;

	if (before != after) {
		count(tables, after, 1);
		count(tables, before, -1);
	}
	if (!neighbor_is_answered(after))
		return 0;
	entry = entry_of(after);
	if (bank_hash_put(tables_writer(tables), DP_TABLE_neighbors, &entry) >= 0)
		return 0;
	error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
		  "neighbor \"%s/%s\": the dataplane's table of neighbors has no room for it", after->key.vrf->text,
		  ip_address_format(&after->key.prefix.address, text));
	return -ENOSPC;
}

extern const struct table answered_neighbors_table;
const struct table answered_neighbors_table = {
	.name = "answered_neighbors",
	.kind = RESOURCE_NEIGHBOR,
	.state_size = sizeof(struct answered),
	.open = open,
	.close = close,
	.clear = clear,
	.row = row,
};
