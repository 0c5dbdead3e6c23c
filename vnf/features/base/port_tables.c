/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ports[]: what arrives on a device and VLAN belongs to which VRF, or comes back from which stage of a chain. An
 * interface with a VLAN has a second row, by which the kernel's device of that VLAN is known as its own.
 */
#include <errno.h>
#include <string.h>

#include "vnf/core/error.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/vrf_tables.h"

enum port_row { ROW_PORT, ROW_VLAN_DEVICE, PORT_ROWS };

struct ports {
	struct id_array key[PORT_ROWS]; /* uint64_t by interface: its entries'; 0: none */
	struct id_array place;		/* struct port_place by interface */
};

static void open(void *state)
{
	struct ports *ports = state;

	for (int which = 0; which < PORT_ROWS; which++)
		ports->key[which] = id_array_of(sizeof(uint64_t));
	ports->place = id_array_of(sizeof(struct port_place));
}

static void close(void *state)
{
	struct ports *ports = state;

	for (int which = 0; which < PORT_ROWS; which++)
		id_array_free(&ports->key[which]);
	id_array_free(&ports->place);
}

static struct ports *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_ports);
}

void port_set_place(struct tables *tables, uint32_t interface, const struct port_place *place)
{
	if (!id_array_set(&state_of(tables)->place, tables_log(tables), interface, place))
		return;
	tables_mark(tables, TABLE_ports, interface);
	tables_mark(tables, TABLE_announced_ports, interface);
}

bool port_is_of_stage(const struct tables *tables, uint32_t interface)
{
	return ((const struct port_place *)id_array_get(&state_of(tables)->place, interface))->from_stage;
}

/* All zeros where the interface has no entry. */
static struct dp_port port_of(const struct tables *tables, uint32_t id, enum port_row which)
{
	const struct port_place *place = id_array_get(&state_of(tables)->place, id);
	const struct interface_facts facts = interface_facts(tables, id);
	struct dp_port port = {
		.ifindex = facts.ifindex,
		.vlan_id = facts.vlan_id,
		.inner_vlan_id = facts.inner_vlan_id,
		.vrf = place->vrf ? place->vrf : facts.vrf,
		.interface = (uint16_t)id,
		.stage = place->stage,
		.from_stage = place->from_stage,
		.mtu = facts.mtu,
		.tc_only = facts.tc_only,
	};

	if (!facts.ifindex || (which == ROW_VLAN_DEVICE && (!facts.vlan_id || !facts.ip_ifindex)))
		return (struct dp_port){0};
	/* Packets that come back from a stage are neither classified nor decapsulated. */
	if (!port.from_stage)
		port.features = vrf_features(tables, port.vrf);
	memcpy(port.mac, facts.mac, sizeof(port.mac));
	if (which == ROW_VLAN_DEVICE) {
		port.ifindex = facts.ip_ifindex;
		port.vlan_id = DP_PORT_VLAN_DEVICE;
		port.inner_vlan_id = 0;
		port.tc_only = 1;
	}
	return port;
}

static uint64_t key_of(const struct dp_port *port)
{
	uint64_t key;

	memcpy(&key, port, sizeof(key));
	return key;
}

static void clear_one(struct tables *tables, uint32_t id, enum port_row which)
{
	struct bank_writer *writer = tables_writer(tables);
	const struct dp_port port = port_of(tables, id, which);
	struct id_array *keys = &state_of(tables)->key[which];
	uint64_t held = *(const uint64_t *)id_array_get(keys, id), none = 0;
	int64_t at;

	if (!held || held == key_of(&port))
		return;
	at = bank_hash_find(writer, DP_TABLE_ports, &held);
	if (at >= 0 && ((const struct dp_port *)bank_writer_row(writer, DP_TABLE_ports, (uint32_t)at))->interface == id)
		bank_clear(writer, DP_TABLE_ports, (uint32_t)at);
	id_array_set(keys, tables_log(tables), id, &none);
}

static void clear(struct tables *tables, const struct table_row *row)
{
	for (int which = 0; which < PORT_ROWS; which++)
		clear_one(tables, row->id, which);
}

static int write_one(struct tables *tables, const struct table_row *row, enum port_row which)
{
	const struct dp_port port = port_of(tables, row->id, which);
	const uint64_t key = key_of(&port);

	if (!port.ifindex)
		return 0;
	if (bank_hash_put(tables_writer(tables), DP_TABLE_ports, &port) < 0) {
		error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
			  "interface \"%s\": the dataplane's table of ports has no room for it",
			  row->after->self->text);
		return -ENOSPC;
	}
	id_array_set(&state_of(tables)->key[which], tables_log(tables), row->id, &key);
	return 0;
}

static int row(struct tables *tables, struct table_row *row)
{
	int error = 0;

	for (int which = 0; which < PORT_ROWS && !error; which++)
		error = write_one(tables, row, which);
	return error;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark(tables, TABLE_ports, (after ? after : before)->self->id);
}

static void follow_vrf(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_ports, after ? after : before, RESOURCE_INTERFACE);
}

const struct table ports_table = {
	.name = "ports",
	.kind = RESOURCE_INTERFACE,
	.tables = {{TABLE_interfaces, follow_interface}, {TABLE_vrfs, follow_vrf}},
	.state_size = sizeof(struct ports),
	.open = open,
	.close = close,
	.clear = clear,
	.row = row,
};
