/* SPDX-License-Identifier: Apache-2.0 */
/* links[]: how to send onto the link of an interface, and which prefixes its device's addresses say are there. */
#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/link_tables.h"

#include <string.h>

#include "vnf/features/base/base.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/reconcile/local_routes.h"
#include "vnf/reconcile/shown_links.h"

static bool is_of_link(const struct ip_address *address)
{
	if (address->family == 4)
		return address->byte[0] == 127 || (address->byte[0] == 169 && address->byte[1] == 254);
	return address->byte[0] == 0xfe && (address->byte[1] & 0xc0) == 0x80;
}

bool link_prefix(const struct netlink_address *address, struct ip_prefix *prefix)
{
	if (!address->prefix_length || address->prefix_length >= (address->address.family == 4 ? 32 : 128) ||
	    is_of_link(&address->address))
		return false;
	*prefix = ip_prefix_of(&address->address, address->prefix_length);
	return true;
}

bool link_is_connected(const struct tables *tables, const struct interface *interface, uint32_t id)
{
	const struct interface_facts facts = interface_facts(tables, id);

	return interface && interface->connected && facts.pending == PENDING_NONE && facts.ip_ifindex;
}

/* Stages and plain layer 2 need no addresses: nothing is lacking there. */
static enum link_lack lack_of(const struct interface *interface, const struct interface_facts *facts,
			      const struct netlink_address *address)
{
	struct ip_prefix prefix;

	if (!interface || !interface->connected || facts->pending != PENDING_NONE)
		return LINK_LACKS_NOTHING;
	if (!facts->ip_ifindex)
		return LINK_LACKS_VLAN_DEVICE;
	for (; address; address = address->next)
		if (link_prefix(address, &prefix))
			return LINK_LACKS_NOTHING;
	return interface->gateways ? LINK_LACKS_ADDRESS : LINK_LACKS_NOTHING;
}

static int row(struct tables *tables, struct table_row *row)
{
	struct local_routes *local_routes = tables_state(tables, TABLE_local_routes);
	const struct interface *interface = (const struct interface *)row->after;
	const struct interface_facts facts = interface_facts(tables, row->id);
	const struct netlink_address *address = NULL;
	struct dp_egress link = {0};

	if (link_is_connected(tables, interface, row->id)) {
		address = netlink_addresses(tables_netlink(tables), facts.ip_ifindex);
		link = (struct dp_egress){.ifindex = facts.ip_ifindex & 0x3fffffff,
					  .resolve = 1,
					  .tc_only = 1,
					  .mtu = facts.mtu,
					  .interface = (uint16_t)row->id};
		memcpy(link.src_mac, facts.mac, sizeof(link.src_mac));
	}
	shown_link_set_lack(tables_shown_links(tables), row->id, lack_of(interface, &facts, address));
	local_routes_begin(local_routes, local_routes_link_holder(row->id));
	for (; address; address = address->next) {
		struct local_route prefix = {.vrf = interface->vrf};

		if (link_prefix(address, &prefix.prefix))
			local_routes_add(local_routes, tables_log(tables), &prefix,
					 (struct dp_fib_leaf){.group = DP_GROUP_CONNECTED, .route = row->id}, row->id);
	}
	local_routes_end(local_routes, tables_log(tables));
	bank_write(tables_writer(tables), DP_TABLE_links, row->id, &link);
	return 0;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark(tables, TABLE_links, (after ? after : before)->self->id);
}

static void follow_link_or_address(struct tables *tables, const struct fact *fact)
{
	interfaces_mark_ip_device(tables, TABLE_links, fact->ifindex);
}

const struct table links_table = {
	.name = "links",
	.kind = RESOURCE_INTERFACE,
	.tables = {{TABLE_interfaces, follow_interface}},
	.facts = {{FACT_ADDRESS, follow_link_or_address}, {FACT_LINK, follow_link_or_address}},
	.row = row,
};
