/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EVPN out of the kernel's model, as FRR writes it: a vxlan device says local address, VNI and port; the bridge that it
 * is in is what routes name; a neighbour on that bridge maps the next hop's address to a MAC, and the bridge's
 * forwarding database that MAC to a VTEP. So a route "via 10.0.0.2 dev br100 onlink" (type 5), or a host route by such
 * a bridge (type 2), becomes a hop into a tunnel. Fed by the mirror's thread with rtnetlink messages; internal to
 * vnf/sources.
 */
#ifndef SLUICE_SOURCES_EVPN_H
#define SLUICE_SOURCES_EVPN_H

#include <stdbool.h>
#include <stdint.h>

#include "vnf/core/address.h"
#include "vnf/sources/mirror.h"

struct evpn;
struct nlmsghdr;

struct evpn *evpn_new(void); /* NULL: out of memory */
void evpn_free(struct evpn *evpn);

/* The groups and dumps (RTM_GETLINK, RTM_GETNEIGH of AF_UNSPEC and AF_BRIDGE) that the mirror is to read for it are
 * EVPN_GROUPS and, in this order, evpn_dumps. */
#define EVPN_DUMPS 3
struct evpn_dump {
	uint16_t type;
	uint8_t family;
};
extern const struct evpn_dump evpn_dumps[EVPN_DUMPS];

/* Begins a whole reading: what no message confirms until evpn_read_end is gone then. */
void evpn_read_begin(struct evpn *evpn);
void evpn_read_end(struct evpn *evpn);

/* Takes in RTM_NEWLINK, DELLINK, NEWNEIGH, DELNEIGH; others are ignored. The message is not trusted: every attribute's
 * length is checked. True: hops may be others now. -ENOMEM is remembered: evpn_lost() says that a whole reading is
 * needed. */
bool evpn_take(struct evpn *evpn, const struct nlmsghdr *message);
bool evpn_lost(const struct evpn *evpn);

/* The hop of a route by this device and gateway (family 0: none, the prefix's own address then). 0; -ENOENT: the device
 * is no bridge with a vxlan device in it, or a vxlan device's; -EAGAIN: it is, but the neighbour, its MAC's VTEP or the
 * device's VNI is not known (yet). */
int evpn_hop(const struct evpn *evpn, uint32_t ifindex, const struct ip_address *gateway, struct source_hop *hop);

#endif
