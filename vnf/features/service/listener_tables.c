/* SPDX-License-Identifier: Apache-2.0 */
/* listener_ports[] and listeners[]: which listener takes a packet to a VIP, and how it shares flows among pools. */
#include <errno.h>

#include "vnf/core/error.h"
#include "vnf/features/service/service_rows.h"
#include "vnf/reconcile/table.h"

/* All zeros where it has more ports, or there is none. */
static struct dp_listener_port port_of(const struct listener *listener)
{
	if (!listener || listener_is_range(listener))
		return (struct dp_listener_port){0};
	return (struct dp_listener_port){.load_balancer = listener->load_balancer->id,
					 .port = listener->first_port,
					 .protocol = listener->protocol,
					 .listener = listener->resource.self->id};
}

static void clear(struct tables *tables, const struct table_row *row)
{
	const struct dp_listener_port before = port_of((const struct listener *)row->before);
	int64_t at;

	if (!before.load_balancer || row->before == row->after)
		return;
	at = bank_hash_find(tables_writer(tables), DP_TABLE_listener_ports, &before);
	if (at >= 0)
		bank_clear(tables_writer(tables), DP_TABLE_listener_ports, (uint32_t)at);
}

static int port_row(struct tables *tables, struct table_row *row)
{
	const struct dp_listener_port port = port_of((const struct listener *)row->after);

	if (!port.load_balancer || bank_hash_put(tables_writer(tables), DP_TABLE_listener_ports, &port) >= 0)
		return 0;
	error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
		  "listener \"%s\": the dataplane's table of listeners' ports has no room for it",
		  row->after->self->text);
	return -ENOSPC;
}

extern const struct table listener_ports_table;
const struct table listener_ports_table = {
	.name = "listener_ports",
	.kind = RESOURCE_LISTENER,
	.clear = clear,
	.row = port_row,
};

static int row(struct tables *tables, struct table_row *row)
{
	const struct listener *listener = (const struct listener *)row->after;
	const struct load_balancer *balancer;
	struct dp_listener entry = {0};
	uint16_t until = 0;

	if (listener) {
		balancer = (const struct load_balancer *)tables_resource(tables, RESOURCE_LOAD_BALANCER,
									 listener->load_balancer->id);
		entry.load_balancer = listener->load_balancer->id;
		entry.incarnation = listener_incarnation(listener, &balancer->vip);
		entry.pools = (uint8_t)listener->count;
		for (size_t i = 0; i < listener->count; i++) {
			until = (uint16_t)(until + listener->share[i].per_mille);
			entry.pool[i] = listener->share[i].pool->id;
			entry.until[i] = until;
		}
	}
	bank_write(tables_writer(tables), DP_TABLE_listeners, row->id, &entry);
	return 0;
}

static void follow_balancer(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_listeners, after ? after : before, RESOURCE_LISTENER);
}

extern const struct table listeners_table;
const struct table listeners_table = {
	.name = "listeners",
	.kind = RESOURCE_LISTENER,
	.kinds = {{RESOURCE_LOAD_BALANCER, follow_balancer}},
	.row = row,
};
