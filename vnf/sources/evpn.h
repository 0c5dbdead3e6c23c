/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EVPN out of the kernel's model, as FRR writes it: a vxlan device says local address, VNI and port; the bridge that it
 * is in is what routes name; a neighbour on that bridge maps the next hop's address to a MAC, and the device's
 * forwarding database that MAC to a VTEP. So a route "via 10.0.0.2 dev br100 onlink" (type 5, and type 2 with an
 * L3VNI), or a host that is a neighbour on such a bridge (type 2 without one), becomes a hop into a tunnel. Fed by the
 * mirror's thread with rtnetlink messages; internal to vnf/sources.
 *
 * Not followed: a device that carries many VNIs (`external`), MACs that lead to a group of VTEPs (multihoming), and
 * VLAN devices on a bridge with VLANs. What floods (type 3) is no way for a route.
 */
#ifndef SLUICE_SOURCES_EVPN_H
#define SLUICE_SOURCES_EVPN_H

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "vnf/core/address.h"
#include "vnf/sources/mirror.h"

struct evpn;
struct nlmsghdr;

struct evpn *evpn_new(void);	   /* NULL: out of memory */
void evpn_free(struct evpn *evpn); /* NULL is fine */

/* The groups and dumps that the mirror is to read for it; the dumps in this order. */
#define EVPN_GROUPS (RTMGRP_LINK | RTMGRP_NEIGH)
#define EVPN_DUMPS  3
struct evpn_dump {
	uint16_t type; /* RTM_GET* */
	uint8_t family;
};
extern const struct evpn_dump evpn_dumps[EVPN_DUMPS];

/* Begins a whole reading: what no message confirms until evpn_read_end is gone then. Messages of the groups may come in
 * between. A reading that was broken off is begun again. */
void evpn_read_begin(struct evpn *evpn);
void evpn_read_end(struct evpn *evpn);

/* Takes in RTM_NEWLINK, DELLINK, NEWNEIGH, DELNEIGH; others are ignored. The message lies whole in memory; else it is
 * not trusted: every attribute's length is checked. True: hops or hosts may be others now. -ENOMEM is remembered:
 * evpn_lost() says until the next evpn_read_begin that a whole reading is needed. */
bool evpn_take(struct evpn *evpn, const struct nlmsghdr *message);
bool evpn_lost(const struct evpn *evpn);
/* Another number than before whenever hops or hosts may be others than before; never 0. */
uint64_t evpn_version(const struct evpn *evpn);

/* The hop of a route by this device and gateway; of a host's route without a gateway, the host's own address. Sets all
 * of the hop but its weight. 0; -ENOENT: the device is no vxlan device and no bridge with one in it; -EAGAIN: it is,
 * but the neighbour, its MAC's VTEP or the device's VNI or local address is not known (yet), the device is down, or two
 * devices of the bridge know the MAC. */
int evpn_hop(const struct evpn *evpn, uint32_t ifindex, const struct ip_address *gateway, struct source_hop *hop);

/* Calls `visit` for each host behind a VTEP that FRR has learned by a type 2 route: a neighbour (NTF_EXT_LEARNED) on a
 * bridge with a vxlan device, whose MAC is in that device's forwarding database. `table`: of the VRF that the bridge is
 * in, 254 (main) without one. A VTEP's own entry on the bridge of an L3VNI is no host, nor are link-local addresses.
 * A route of the kernel's for the same address counts before. In no order; `visit` doesn't change `evpn`. */
struct evpn_host {
	uint32_t table;
	uint32_t ifindex; /* of the bridge */
	struct ip_address address;
	struct source_hop hop; /* its weight is 1 */
};
void evpn_each_host(const struct evpn *evpn, void (*visit)(void *context, const struct evpn_host *host), void *context);

#endif
