/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says about the interfaces' devices; the packet programs are wanted on every one that there is. */
#include <errno.h>
#include <string.h>

#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/reconcile/devices.h"
#include "vnf/features/base/base.h"

struct interfaces {
	struct id_array facts; /* struct interface_facts */
	struct id_index by_name, by_link, by_vlan, by_ip;
};

static void open(void *state)
{
	struct interfaces *interfaces = state;

	interfaces->facts = id_array_of(sizeof(struct interface_facts));
	interfaces->by_name = id_index_new();
	interfaces->by_link = id_index_new();
	interfaces->by_vlan = id_index_new();
	interfaces->by_ip = id_index_new();
}

static void close(void *state)
{
	struct interfaces *interfaces = state;

	id_array_free(&interfaces->facts);
	id_index_free(&interfaces->by_name);
	id_index_free(&interfaces->by_link);
	id_index_free(&interfaces->by_vlan);
	id_index_free(&interfaces->by_ip);
}

static struct interfaces *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_interfaces);
}

struct interface_facts interface_facts(const struct tables *tables, uint32_t id)
{
	return *(const struct interface_facts *)id_array_get(&state_of(tables)->facts, id);
}

static uint32_t name_hash(const char *device)
{
	return id_hash(ID_HASH_START, device, strlen(device));
}

static uint32_t number_hash(uint32_t ifindex)
{
	return id_hash(ID_HASH_START, &ifindex, sizeof(ifindex));
}

static uint32_t vlan_hash(uint32_t ifindex, uint16_t vlan_id)
{
	return id_hash(number_hash(ifindex), &vlan_id, sizeof(vlan_id));
}

/* The kernel device whose addresses and neighbours are the interface's: for a VLAN the VLAN device, if there is one. */
static uint32_t ip_device(struct netlink *netlink, uint32_t ifindex, const struct interface *interface)
{
	const struct netlink_link *link;

	if (!interface->vlan_id)
		return ifindex;
	link = netlink_vlan_device(netlink, ifindex, interface->vlan_id);
	if (link && interface->inner_vlan_id)
		link = netlink_vlan_device(netlink, link->ifindex, interface->inner_vlan_id);
	return link ? link->ifindex : 0;
}

/* 0 or -ENOMEM. */
static int find_facts(struct tables *tables, const struct interface *interface, struct interface_facts *facts)
{
	struct netlink *netlink = tables_netlink(tables);
	const struct netlink_link *link = netlink_link_by_name(netlink, interface->device);
	int error;

	facts->vrf = (uint16_t)interface->vrf->id;
	facts->vlan_id = interface->vlan_id;
	facts->inner_vlan_id = interface->inner_vlan_id;
	facts->pending = PENDING_DEVICE;
	if (!link)
		return 0;
	facts->link_ifindex = link->ifindex;
	facts->pending = PENDING_ETHERNET;
	if (!link->ethernet)
		return 0;
	error = devices_want(tables_devices(tables), link->ifindex);
	if (error == -ENOMEM)
		return error;
	facts->pending = PENDING_ATTACH;
	if (error)
		return 0;
	facts->ifindex = link->ifindex;
	facts->tc_only = !devices_transmit_xdp(tables_devices(tables), link->ifindex);
	facts->ip_ifindex = ip_device(netlink, link->ifindex, interface);
	facts->mtu = link->mtu < UINT16_MAX ? (uint16_t)link->mtu : UINT16_MAX;
	memcpy(facts->mac, link->mac, sizeof(facts->mac));
	facts->pending = link->up ? PENDING_NONE : PENDING_DOWN;
	return 0;
}

static void move(struct tables *tables, struct id_index *index, uint32_t id, bool was, uint32_t before, bool is,
		 uint32_t after)
{
	if (was == is && before == after)
		return;
	if (was)
		id_index_remove(index, tables_log(tables), before, id);
	if (is)
		id_index_add(index, tables_log(tables), after, id);
}

static void move_name(struct tables *tables, const struct table_row *row)
{
	const struct interface *before = (const struct interface *)row->before;
	const struct interface *after = (const struct interface *)row->after;

	if (before == after)
		return;
	move(tables, &state_of(tables)->by_name, row->id, before, before ? name_hash(before->device) : 0, after,
	     after ? name_hash(after->device) : 0);
}

static void move_links(struct tables *tables, uint32_t id, const struct interface_facts *before,
		       const struct interface_facts *after)
{
	struct interfaces *interfaces = state_of(tables);

	move(tables, &interfaces->by_link, id, before->link_ifindex, number_hash(before->link_ifindex),
	     after->link_ifindex, number_hash(after->link_ifindex));
	move(tables, &interfaces->by_vlan, id, before->link_ifindex && before->vlan_id,
	     vlan_hash(before->link_ifindex, before->vlan_id), after->link_ifindex && after->vlan_id,
	     vlan_hash(after->link_ifindex, after->vlan_id));
	move(tables, &interfaces->by_ip, id, before->ip_ifindex, number_hash(before->ip_ifindex), after->ip_ifindex,
	     number_hash(after->ip_ifindex));
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct interface_facts before = interface_facts(tables, row->id);
	struct interface_facts after = {0};
	int error = 0;

	if (row->after)
		error = find_facts(tables, (const struct interface *)row->after, &after);
	/* Looked at when the run is over: it may be undone. */
	devices_loosen(tables_devices(tables), before.link_ifindex);
	devices_loosen(tables_devices(tables), after.link_ifindex);
	if (error)
		return error;
	move_name(tables, row);
	move_links(tables, row->id, &before, &after);
	row->changed = id_array_set(&state_of(tables)->facts, tables_log(tables), row->id, &after);
	if (row->after)
		tables_set_pending(tables, row->after->self, (enum pending_reason)after.pending);
	return 0;
}

static bool in_use(void *context, uint32_t ifindex)
{
	const struct tables *tables = context;
	const struct id_index *index = &state_of(tables)->by_link;

	for (uint32_t id = id_index_first(index, number_hash(ifindex)); id; id = id_index_next(index, id))
		if (interface_facts(tables, id).link_ifindex == ifindex)
			return true;
	return false;
}

/* Detaches XDP from the devices that no interface has any more. */
static void settle(struct tables *tables)
{
	devices_sweep(tables_devices(tables), in_use, tables);
}

static void mark_list(struct tables *tables, enum table_id table, const struct id_index *index, uint32_t hash)
{
	for (uint32_t id = id_index_first(index, hash); id; id = id_index_next(index, id))
		tables_mark(tables, table, id);
}

void interfaces_mark_ip_device(struct tables *tables, enum table_id table, uint32_t ifindex)
{
	mark_list(tables, table, &state_of(tables)->by_ip, number_hash(ifindex));
}

/* Those that had the link, those that have its name now, and those whose VLAN it may be. */
static void follow_link(struct tables *tables, const struct fact *fact)
{
	const struct interfaces *interfaces = state_of(tables);
	const struct netlink *netlink = tables_netlink(tables);
	const struct netlink_link *link = netlink_link_by_index(netlink, fact->ifindex);

	mark_list(tables, TABLE_interfaces, &interfaces->by_link, number_hash(fact->ifindex));
	interfaces_mark_ip_device(tables, TABLE_interfaces, fact->ifindex);
	if (link)
		mark_list(tables, TABLE_interfaces, &interfaces->by_name, name_hash(link->name));
	while (link && link->lower) {
		mark_list(tables, TABLE_interfaces, &interfaces->by_vlan, vlan_hash(link->lower, link->vlan_id));
		link = netlink_link_by_index(netlink, link->lower);
	}
}

const struct table interfaces_table = {
	.name = "interfaces",
	.kind = RESOURCE_INTERFACE,
	.facts = {{FACT_LINK, follow_link}},
	.state_size = sizeof(struct interfaces),
	.open = open,
	.close = close,
	.row = row,
	.settle = settle,
};
