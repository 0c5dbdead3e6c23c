/* SPDX-License-Identifier: Apache-2.0 */
/* vni_addresses: the router's own addresses in the segments of VNIs, local in the VRFs that these mean. */
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"
#include "vnf/reconcile/local_routes.h"
#include "vnf/reconcile/table.h"

static int row(struct tables *tables, struct table_row *row)
{
	struct local_routes *local_routes = tables_state(tables, TABLE_local_routes);
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)row->after;

	local_routes_begin(local_routes, local_routes_tunnel_holder(row->id));
	for (size_t i = 0; endpoint && i < endpoint->count; i++)
		gateway_addresses_hold(local_routes, tables_log(tables), endpoint->binding[i].vrf,
				       tunnel_endpoint_gateways(endpoint) + endpoint->binding[i].first,
				       endpoint->binding[i].count);
	local_routes_end(local_routes, tables_log(tables));
	return 0;
}

extern const struct table vni_addresses_table;
const struct table vni_addresses_table = {
	.name = "vni_addresses",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.row = row,
};
