/* SPDX-License-Identifier: Apache-2.0 */
/* How packets meet an interface: what other tables read of it, and what features add to its row in ports[]. */
#ifndef SLUICE_FEATURES_BASE_INTERFACE_FACTS_H
#define SLUICE_FEATURES_BASE_INTERFACE_FACTS_H

#include "vnf/reconcile/table.h"
#include "vnf/features/base/base.h"

/* Without holes: facts are compared as bytes. */
struct interface_facts {
	uint32_t ifindex;      /* 0: no such device, or no XDP on it */
	uint32_t ip_ifindex;   /* kernel device that has its addresses and neighbours; 0: none */
	uint32_t link_ifindex; /* of its device, even without XDP; 0: none */
	uint16_t mtu, vrf, vlan_id, inner_vlan_id;
	uint8_t mac[6];
	uint8_t pending; /* enum pending_reason */
	uint8_t tc_only; /* the device can't transmit for XDP */
};

_Static_assert(sizeof(struct interface_facts) == 28, "no holes");

struct interface_facts interface_facts(const struct tables *tables, uint32_t id);

/* Marks the rows of the interfaces whose addresses and neighbours are on the kernel's device. */
void interfaces_mark_ip_device(struct tables *tables, enum table_id table, uint32_t ifindex);

/* Of a port on which packets come back from somewhere: they are not classified again, and go on from there. */
struct port_place {
	uint8_t from_stage; /* 1: it is such a port, and the rest counts */
	uint8_t pad;
	uint16_t vrf;	/* 0: the interface's */
	uint16_t stage; /* 0: on by the FIB */
};

/* Do packets come back from somewhere on this port? For tables behind ports[]. */
bool port_is_of_stage(const struct tables *tables, uint32_t interface);

/* For tables before ports[]: changes its row, and that of announced_ports. */
void port_set_place(struct tables *tables, uint32_t interface, const struct port_place *place);

#endif
