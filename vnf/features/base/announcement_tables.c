/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the router's own addresses are announced to the hosts on a port: the gateway addresses of its VRF and of its
 * interface, and the VRF's VIPs, each when it is new, and all when the port is new, has come up, or has another MAC or
 * tag. The kernel announces its addresses by itself. Behind ports on which packets come back from a stage of a chain
 * are no hosts. These tables have no rows in a bank.
 */
#include <string.h>

#include "vnf/features/base/announcements.h"
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/reconcile/announcer.h"
#include "vnf/reconcile/local_routes.h"

/* A port with hosts, as they see it. Without holes: compared as bytes. */
struct announced_port {
	uint32_t ifindex; /* 0: nothing is announced there */
	uint16_t vrf, vlan_id, inner_vlan_id;
	uint8_t mac[6];
};

_Static_assert(sizeof(struct announced_port) == 16, "no holes");

static void open(void *state)
{
	*(struct id_array *)state = id_array_of(sizeof(struct announced_port)); /* by interface */
}

static void close(void *state)
{
	id_array_free(state);
}

static const struct announced_port *announced_port(const struct tables *tables, uint32_t interface)
{
	return id_array_get(tables_state(tables, TABLE_announced_ports), interface);
}

static struct announced_port port_now(const struct tables *tables, uint32_t interface)
{
	const struct interface_facts facts = interface_facts(tables, interface);
	struct announced_port port = {
		.ifindex = facts.ifindex,
		.vrf = facts.vrf,
		.vlan_id = facts.vlan_id,
		.inner_vlan_id = facts.inner_vlan_id,
	};

	if (!facts.ifindex || facts.pending != PENDING_NONE || port_is_of_stage(tables, interface))
		return (struct announced_port){0};
	memcpy(port.mac, facts.mac, sizeof(port.mac));
	return port;
}

static bool look(void *context, uint32_t interface, uint32_t vni, const struct ip_address *address,
		 struct announcement *announcement);

static struct announcer_place place_of(uint32_t interface)
{
	return (struct announcer_place){.look = look, .id = interface};
}

static const struct vrf *vrf_of(const struct tables *tables, const struct announced_port *port)
{
	return (const struct vrf *)tables_resource(tables, RESOURCE_VRF, port->vrf);
}

/* 0 or -ENOMEM. */
static int note_all(struct tables *tables, uint32_t interface, const struct gateway_address *gateway, size_t count)
{
	const struct announcer_place place = place_of(interface);
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = announcer_note(tables_announcer(tables), &place, &gateway[i].address);
	return error;
}

struct newcomer {
	struct announcer *announcer;
	struct announcer_place place; /* where VIPs are new */
	const struct ip_address *address;
	int error;
};

static void visit_balancer(const struct tables *tables, uint32_t balancer, void *context)
{
	const struct dp_load_balancer *row =
		bank_writer_row(tables_writer((struct tables *)tables), DP_TABLE_load_balancers, balancer);
	struct newcomer *newcomer = context;
	struct ip_address vip;

	ip_address_unmap(row->vip.byte, &vip);
	if (!newcomer->error && row->vrf)
		newcomer->error = announcer_note(newcomer->announcer, &newcomer->place, &vip);
}

/* The VRF's addresses and VIPs, on a port that is new. */
static int note_vrf(struct tables *tables, uint32_t interface, const struct vrf *vrf)
{
	struct newcomer newcomer = {.announcer = tables_announcer(tables), .place = place_of(interface)};

	newcomer.error = note_all(tables, interface, vrf->gateway, vrf->count);
	tables_each_user(tables, &vrf->resource, RESOURCE_LOAD_BALANCER, visit_balancer, &newcomer);
	return newcomer.error;
}

static int port_row(struct tables *tables, struct table_row *row)
{
	const struct interface *before = (const struct interface *)row->before;
	const struct interface *after = (const struct interface *)row->after;
	const struct announced_port port = port_now(tables, row->id);
	const struct vrf *vrf = vrf_of(tables, &port);
	int error = 0;

	if (id_array_set(tables_state(tables, TABLE_announced_ports), tables_log(tables), row->id, &port)) {
		if (!after || !port.ifindex)
			return 0;
		if (vrf)
			error = note_vrf(tables, row->id, vrf);
		return error ? error : note_all(tables, row->id, after->gateway, after->gateways);
	}
	for (size_t i = 0; port.ifindex && after && i < after->gateways && !error; i++)
		if (!before || !gateway_addresses_have(before->gateway, before->gateways, &after->gateway[i].address))
			error = note_all(tables, row->id, &after->gateway[i], 1);
	return error;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark(tables, TABLE_announced_ports, (after ? after : before)->self->id);
}

const struct table announced_ports_table = {
	.name = "announced_ports",
	.kind = RESOURCE_INTERFACE,
	.tables = {{TABLE_interfaces, follow_interface}},
	.state_size = sizeof(struct id_array),
	.open = open,
	.close = close,
	.row = port_row,
};

static void visit_port(const struct tables *tables, uint32_t interface, void *context)
{
	const struct announcer_place place = place_of(interface);
	struct newcomer *newcomer = context;

	if (!newcomer->error && announced_port(tables, interface)->ifindex)
		newcomer->error = announcer_note(newcomer->announcer, &place, newcomer->address);
}

int announce_on_ports(struct tables *tables, const struct resource *vrf, const struct ip_address *address)
{
	struct newcomer newcomer = {.announcer = tables_announcer(tables), .address = address};

	tables_each_user(tables, vrf, RESOURCE_INTERFACE, visit_port, &newcomer);
	return newcomer.error;
}

static int vrf_row(struct tables *tables, struct table_row *row)
{
	const struct vrf *before = (const struct vrf *)row->before, *after = (const struct vrf *)row->after;
	int error = 0;

	for (size_t i = 0; after && i < after->count && !error; i++)
		if (!before || !gateway_addresses_have(before->gateway, before->count, &after->gateway[i].address))
			error = announce_on_ports(tables, row->after, &after->gateway[i].address);
	return error;
}

/* One of the VRF's gateway addresses, or a VIP that the kernel has not for itself. */
static bool is_own(const struct tables *tables, const struct vrf *vrf, const struct ip_address *address)
{
	const struct local_route route = {
		.vrf = vrf->resource.self,
		.prefix = {.address = *address, .length = address->family == 4 ? 32 : 128},
	};

	return gateway_addresses_have(vrf->gateway, vrf->count, address) ||
	       local_routes_find(tables_state(tables, TABLE_local_routes), &route).group == DP_GROUP_VIP;
}

static bool look(void *context, uint32_t interface, uint32_t vni, const struct ip_address *address,
		 struct announcement *announcement)
{
	const struct tables *tables = context;
	const struct announced_port *port = announced_port(tables, interface);
	const struct interface *resource =
		(const struct interface *)tables_resource(tables, RESOURCE_INTERFACE, interface);
	const struct vrf *vrf = vrf_of(tables, port);

	(void)vni;
	if (!port->ifindex || !resource ||
	    (!gateway_addresses_have(resource->gateway, resource->gateways, address) &&
	     (!vrf || !is_own(tables, vrf, address))))
		return false;
	announcement->ifindex = port->ifindex;
	announcement->vlan_id = port->vlan_id;
	announcement->inner_vlan_id = port->inner_vlan_id;
	memcpy(announcement->mac, port->mac, sizeof(announcement->mac));
	return true;
}

static void finish(struct tables *tables, bool undone)
{
	announcer_finish(tables_announcer(tables), undone, tables);
}

const struct table announced_vrfs_table = {
	.name = "announced_vrfs",
	.kind = RESOURCE_VRF,
	.row = vrf_row,
	.finish = finish,
};
