/* SPDX-License-Identifier: Apache-2.0 */
/* tunnels[] and tunnel_ports[]: how to reach a remote VTEP, and on which UDP ports a VTEP of ours listens. */
#include <arpa/inet.h>

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

struct tunnel_ports {
	struct id_array uses; /* uint32_t by UDP port: endpoints that have it */
};

static void open(void *state)
{
	((struct tunnel_ports *)state)->uses = id_array_of(sizeof(uint32_t));
}

static void close(void *state)
{
	id_array_free(&((struct tunnel_ports *)state)->uses);
}

static void count(struct tables *tables, uint16_t port, int step)
{
	struct tunnel_ports *tunnel_ports = tables_state(tables, TABLE_tunnel_ports);
	struct bank_writer *writer = tables_writer(tables);
	uint32_t uses = *(const uint32_t *)id_array_get(&tunnel_ports->uses, port) + (uint32_t)step;
	__u64 word = *(const __u64 *)bank_writer_row(writer, DP_TABLE_tunnel_ports, port / 64);
	__u64 bit = 1ULL << (port % 64);

	id_array_set(&tunnel_ports->uses, tables_log(tables), port, &uses);
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
		count(tables, after->udp_port, 1);
	if (before)
		count(tables, before->udp_port, -1);
	return 0;
}

const struct table tunnels_table = {
	.name = "tunnels",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.row = tunnel_row,
};

const struct table tunnel_ports_table = {
	.name = "tunnel_ports",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.state_size = sizeof(struct tunnel_ports),
	.open = open,
	.close = close,
	.row = port_row,
};
