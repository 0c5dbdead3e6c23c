/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The router's own addresses: what the kernel has on the devices of interfaces, and the interfaces' own, in the VRFs of
 * these interfaces. With an address comes what its link has besides: the broadcast address, to which nothing is sent
 * (RFC 2644), or the anycast address of all routers there (RFC 4291 2.6.1), which is one of our own.
 */
#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/reconcile/local_routes.h"

#define HOST_BITS(address) ((address)->family == 4 ? 32 : 128)

static void hold(struct local_routes *local_routes, struct undo_log *log, struct handle *vrf,
		 const struct ip_address *address, uint32_t group, uint32_t interface)
{
	const struct local_route route = {.vrf = vrf, .prefix = {.address = *address, .length = HOST_BITS(address)}};

	local_routes_add(local_routes, log, &route, (struct dp_fib_leaf){.group = group}, interface);
}

/* The kernel answers for what is of a link only (fe80::). */
static bool is_link_local(const struct ip_address *address)
{
	return address->byte[0] == 0xfe && (address->byte[1] & 0xc0) == 0x80;
}

/* The address, and what comes with its prefix; links of two (RFC 3021, RFC 6164) have nothing. */
static void hold_all(struct local_routes *local_routes, struct undo_log *log, struct handle *vrf,
		     const struct ip_address *address, uint8_t length, uint32_t interface)
{
	struct ip_address other = ip_prefix_of(address, length).address;
	uint32_t group = address->family == 4 ? DP_GROUP_BROADCAST : DP_GROUP_ANYCAST;

	hold(local_routes, log, vrf, address, DP_GROUP_LOCAL, interface);
	if (!length || length >= HOST_BITS(address) - 1 || (group == DP_GROUP_ANYCAST && is_link_local(address)))
		return;
	for (unsigned int bit = length; group == DP_GROUP_BROADCAST && bit < 32; bit++)
		other.byte[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	if (ip_address_compare(&other, address) != 0)
		hold(local_routes, log, vrf, &other, group, interface);
}

void gateway_addresses_hold(struct local_routes *local_routes, struct undo_log *log, struct handle *vrf,
			    const struct gateway_address *gateway, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hold_all(local_routes, log, vrf, &gateway[i].address, gateway[i].length, 0);
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
	const size_t touched = local_routes_touched(local_routes);
	const struct interface_facts facts = interface_facts(tables, row->id);
	const struct interface *interface = (const struct interface *)row->after;
	const struct netlink_address *address = NULL;

	if (facts.ip_ifindex)
		address = netlink_addresses(tables_netlink(tables), facts.ip_ifindex);
	local_routes_begin(local_routes, row->id);
	for (; address; address = address->next)
		hold_all(local_routes, tables_log(tables), interface->vrf, &address->address, address->prefix_length,
			 row->id);
	if (interface)
		gateway_addresses_hold(local_routes, tables_log(tables), interface->vrf, interface->gateway,
				       interface->gateways);
	local_routes_end(local_routes, tables_log(tables));
	row->changed = local_routes_touched(local_routes) > touched;
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
