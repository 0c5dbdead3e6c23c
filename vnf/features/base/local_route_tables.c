/* SPDX-License-Identifier: Apache-2.0 */
/* The router's own addresses: what the kernel has on the devices of interfaces, and the interfaces' own, in the VRFs of
 * these interfaces. */
#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/reconcile/local_routes.h"

void gateway_addresses_hold(struct local_routes *local_routes, struct undo_log *log, struct handle *vrf,
			    const struct gateway_address *gateway, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ip_address *address = &gateway[i].address;
		const struct local_route route = {
			.vrf = vrf, .prefix = {.address = *address, .length = address->family == 4 ? 32 : 128}};

		local_routes_add(local_routes, log, &route, (struct dp_fib_leaf){.group = DP_GROUP_LOCAL}, 0);
	}
}

static void open(void *state)
{
	local_routes_open(state);
}

static void close(void *state)
{
	local_routes_close(state);
}

static int row(struct tables *tables, struct table_row *row)
{
	struct local_routes *local_routes = tables_state(tables, TABLE_local_routes);
	const struct interface_facts facts = interface_facts(tables, row->id);
	const struct interface *interface = (const struct interface *)row->after;
	const struct netlink_address *address = NULL;

	if (facts.ip_ifindex)
		address = netlink_addresses(tables_netlink(tables), facts.ip_ifindex);
	local_routes_begin(local_routes, row->id);
	for (; address; address = address->next)
		local_routes_add(local_routes, tables_log(tables),
				 &(struct local_route){
					 .vrf = interface->vrf,
					 .prefix = {.address = address->address,
						    .length = address->address.family == 4 ? 32 : 128},
				 },
				 (struct dp_fib_leaf){.group = DP_GROUP_LOCAL}, row->id);
	if (interface)
		gateway_addresses_hold(local_routes, tables_log(tables), interface->vrf, interface->gateway,
				       interface->gateways);
	local_routes_end(local_routes, tables_log(tables));
	return 0;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark(tables, TABLE_local_routes, (after ? after : before)->self->id);
}

/* A link that went and came again looks as before and has lost its addresses. */
static void follow_link_or_address(struct tables *tables, const struct fact *fact)
{
	interfaces_mark_ip_device(tables, TABLE_local_routes, fact->ifindex);
}

static void finish(struct tables *tables, bool undone)
{
	local_routes_finish(tables_state(tables, TABLE_local_routes), undone);
}

const struct table local_routes_table = {
	.name = "local_routes",
	.kind = RESOURCE_INTERFACE,
	.tables = {{TABLE_interfaces, follow_interface}},
	.facts = {{FACT_ADDRESS, follow_link_or_address}, {FACT_LINK, follow_link_or_address}},
	.state_size = sizeof(struct local_routes),
	.open = open,
	.close = close,
	.row = row,
	.finish = finish,
};
