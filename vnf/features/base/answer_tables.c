/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_addresses, port_answers[] and vrf_answers[]: which addresses are the router's own besides the kernel's, and
 * from which one Sluice answers what comes by a port or is in a VRF.
 */
#include <string.h>

#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/reconcile/local_routes.h"

#define SECOND 1000000000U /* in nanoseconds */

static int gateway_row(struct tables *tables, struct table_row *row)
{
	struct local_routes *local_routes = tables_state(tables, TABLE_local_routes);
	const struct vrf *vrf = (const struct vrf *)row->after;

	local_routes_begin(local_routes, local_routes_vrf_holder(row->id));
	if (vrf)
		gateway_addresses_hold(local_routes, tables_log(tables), vrf->resource.self, vrf->gateway, vrf->count);
	local_routes_end(local_routes, tables_log(tables));
	return 0;
}

const struct table gateway_addresses_table = {
	.name = "gateway_addresses",
	.kind = RESOURCE_VRF,
	.row = gateway_row,
};

static bool is_link_local(const struct ip_address *address)
{
	return address->family == 6 && address->byte[0] == 0xfe && (address->byte[1] & 0xc0) == 0x80;
}

/* Takes the address, unless there is one of its family or it is good for one link only. */
static void offer(struct dp_answer_source *source, const struct ip_address *address)
{
	if (address->family == 4 && !source->ipv4)
		memcpy(&source->ipv4, address->byte, sizeof(source->ipv4));
	else if (address->family == 6 && !source->ipv6.half[0] && !is_link_local(address))
		memcpy(source->ipv6.byte, address->byte, sizeof(source->ipv6.byte));
}

static void open_ports(void *state)
{
	*(struct id_array *)state = id_array_of(sizeof(struct dp_answer_source)); /* by interface */
}

static void close_ports(void *state)
{
	id_array_free(state);
}

static int port_row(struct tables *tables, struct table_row *row)
{
	const struct interface *interface = (const struct interface *)row->after;
	const uint32_t ifindex = interface_facts(tables, row->id).ip_ifindex;
	const struct netlink_address *address = NULL;
	struct dp_port_answer answer = {0};

	for (size_t i = 0; interface && i < interface->gateways; i++)
		offer(&answer.source, &interface->gateway[i].address);
	if (interface && ifindex)
		address = netlink_addresses(tables_netlink(tables), ifindex);
	for (; address; address = address->next)
		offer(&answer.source, &address->address);
	if (interface)
		memcpy(answer.mac, interface->additional_mac, sizeof(answer.mac));
	row->changed =
		id_array_set(tables_state(tables, TABLE_port_answers), tables_log(tables), row->id, &answer.source) ||
		(row->before && row->after &&
		 ((const struct interface *)row->before)->vrf != ((const struct interface *)row->after)->vrf);
	bank_write(tables_writer(tables), DP_TABLE_port_answers, row->id, &answer);
	return 0;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark(tables, TABLE_port_answers, (after ? after : before)->self->id);
}

static void follow_link_or_address(struct tables *tables, const struct fact *fact)
{
	interfaces_mark_ip_device(tables, TABLE_port_answers, fact->ifindex);
}

const struct table port_answers_table = {
	.name = "port_answers",
	.kind = RESOURCE_INTERFACE,
	.tables = {{TABLE_interfaces, follow_interface}},
	.facts = {{FACT_ADDRESS, follow_link_or_address}, {FACT_LINK, follow_link_or_address}},
	.state_size = sizeof(struct id_array),
	.open = open_ports,
	.close = close_ports,
	.row = port_row,
};

/* The interfaces of the lowest ids that have an address of a family. */
struct lenders {
	uint32_t ipv4, ipv6; /* ids; 0: none */
};

static struct dp_answer_source lent(const struct tables *tables, uint32_t interface)
{
	return *(const struct dp_answer_source *)id_array_get(tables_state(tables, TABLE_port_answers), interface);
}

static void visit_interface(const struct tables *tables, uint32_t interface, void *context)
{
	const struct dp_answer_source source = lent(tables, interface);
	struct lenders *lenders = context;

	if (source.ipv4 && (!lenders->ipv4 || interface < lenders->ipv4))
		lenders->ipv4 = interface;
	if (source.ipv6.half[0] && (!lenders->ipv6 || interface < lenders->ipv6))
		lenders->ipv6 = interface;
}

static int vrf_row(struct tables *tables, struct table_row *row)
{
	const struct vrf *vrf = (const struct vrf *)row->after;
	struct dp_vrf_answer answer = {0};
	struct lenders lenders = {0};

	if (vrf) {
		answer.error_interval = SECOND / vrf->icmp_error_rate;
		answer.kernel = vrf->kernel;
		for (size_t i = 0; i < vrf->count; i++)
			offer(&answer.source, &vrf->gateway[i].address);
		if (!answer.source.ipv4 || !answer.source.ipv6.half[0])
			tables_each_user(tables, row->after, RESOURCE_INTERFACE, visit_interface, &lenders);
		if (!answer.source.ipv4)
			answer.source.ipv4 = lent(tables, lenders.ipv4).ipv4;
		if (!answer.source.ipv6.half[0])
			answer.source.ipv6 = lent(tables, lenders.ipv6).ipv6;
	}
	bank_write(tables_writer(tables), DP_TABLE_vrf_answers, row->id, &answer);
	return 0;
}

static void mark_vrf(struct tables *tables, const struct interface *interface)
{
	if (interface && interface->vrf->id)
		tables_mark(tables, TABLE_vrf_answers, interface->vrf->id);
}

static void follow_port(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_vrf(tables, (const struct interface *)before);
	mark_vrf(tables, (const struct interface *)after);
}

const struct table vrf_answers_table = {
	.name = "vrf_answers",
	.kind = RESOURCE_VRF,
	.tables = {{TABLE_port_answers, follow_port}},
	.row = vrf_row,
};
