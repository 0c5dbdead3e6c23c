/* SPDX-License-Identifier: Apache-2.0 */
/* underlays, tunnels[] and tunnel_ports[]: which VRFs tunnels end in, how to reach a remote VTEP, and on which UDP
 * ports a VTEP of ours listens. */
#include <arpa/inet.h>

#include "vnf/features/base/vrf_tables.h"
#include "vnf/reconcile/table.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

static int tunnel_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)row->after;
	struct dp_tunnel tunnel = {0};

	if (endpoint) {
		tunnel.underlay_vrf = (uint16_t)endpoint->underlay_vrf->id;
		tunnel.udp_port = htons(endpoint->udp_port);
		tunnel.kind = endpoint->kind;
		tunnel.ipv6 = endpoint->local.family == 6;
		ip_address_map(&endpoint->local, tunnel.local.byte);
		ip_address_map(&endpoint->remote, tunnel.remote.byte);
	}
	bank_write(tables_writer(tables), DP_TABLE_tunnels, row->id, &tunnel);
	return 0;
}

struct users {
	struct id_array count; /* uint32_t: tunnel endpoints that have it; by UDP port, by VRF */
};

static void open(void *state)
{
	((struct users *)state)->count = id_array_of(sizeof(uint32_t));
}

static void close(void *state)
{
	id_array_free(&((struct users *)state)->count);
}

/* How many there are with one more or less. */
static uint32_t count(struct tables *tables, enum table_id table, uint32_t id, int step)
{
	struct users *users = tables_state(tables, table);
	uint32_t now = *(const uint32_t *)id_array_get(&users->count, id) + (uint32_t)step;

	id_array_set(&users->count, tables_log(tables), id, &now);
	return now;
}

static void count_underlay(struct tables *tables, uint32_t vrf, int step)
{
	vrf_set_underlay(tables, vrf, count(tables, TABLE_underlays, vrf, step) > 0);
}

static int underlay_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *after = (const struct tunnel_endpoint *)row->after;

	if (before && after && before->underlay_vrf == after->underlay_vrf)
		return 0;
	if (after)
		count_underlay(tables, after->underlay_vrf->id, 1);
	if (before)
		count_underlay(tables, before->underlay_vrf->id, -1);
	return 0;
}

static void count_port(struct tables *tables, uint16_t port, int step)
{
	struct bank_writer *writer = tables_writer(tables);
	uint32_t uses = count(tables, TABLE_tunnel_ports, port, step);
	__u64 word = *(const __u64 *)bank_writer_row(writer, DP_TABLE_tunnel_ports, port / 64);
	__u64 bit = 1ULL << (port % 64);

	word = uses ? word | bit : word & ~bit;
	bank_write(writer, DP_TABLE_tunnel_ports, port / 64, &word);
}

static int port_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *after = (const struct tunnel_endpoint *)row->after;

	if (before && after && before->udp_port == after->udp_port)
		return 0;
	if (after)
		count_port(tables, after->udp_port, 1);
	if (before)
		count_port(tables, before->udp_port, -1);
	return 0;
}

const struct table underlays_table = {
	.name = "underlays",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.state_size = sizeof(struct users),
	.open = open,
	.close = close,
	.row = underlay_row,
};

const struct table tunnels_table = {
	.name = "tunnels",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.row = tunnel_row,
};

const struct table tunnel_ports_table = {
	.name = "tunnel_ports",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.state_size = sizeof(struct users),
	.open = open,
	.close = close,
	.row = port_row,
};
