/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink messages made by hand, as the kernel writes them, and what they make of vnf/sources/evpn.h. */
#ifndef SLUICE_TESTS_UNIT_SOURCES_EVPN_FIXTURE_H
#define SLUICE_TESTS_UNIT_SOURCES_EVPN_FIXTURE_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"
#include "vnf/sources/evpn.h"

struct message {
	union {
		struct nlmsghdr header;
		char bytes[512];
	};
};

struct ip_address address(const char *text);

struct message link_message(uint16_t type, uint32_t ifindex, const char *kind, uint32_t master);
/* `local` NULL: it has none. */
struct message vxlan_message(uint32_t ifindex, uint32_t master, uint32_t vni, const char *local, uint16_t udp_port);
struct message vrf_message(uint32_t ifindex, uint32_t table);

/* Learned by a routing daemon; NULL: no MAC, and its state is NUD_FAILED. */
struct message neighbour_message(uint16_t type, uint32_t ifindex, const char *ip, const char *mac);
struct message mac_message(uint16_t type, uint32_t ifindex, const char *mac, const char *remote);
/* The bridge's own entry for the same MAC. */
struct message bridged_message(uint16_t type, uint32_t ifindex, uint32_t bridge, const char *mac);

#define ROUTER "02:00:00:00:50:02"
#define HOST   "02:00:00:00:00:aa"

enum { BRIDGE = 7, VXLAN, OTHER_VXLAN, TENANT_BRIDGE, TENANT_VXLAN, VRF };

bool take(struct evpn *evpn, struct message message);
struct evpn *new_evpn(void);

/* A type 5 route's objects, links first: br5000 with VNI 5000, the VTEP 172.16.0.2 and its router MAC. */
#define OBJECTS 4
struct message object(size_t i);
struct evpn *with_objects(void);

/* evpn_hop's answer. */
int ask(const struct evpn *evpn, uint32_t ifindex, const char *gateway, struct source_hop *hop);
int result(const struct evpn *evpn, uint32_t ifindex, const char *gateway);
void is_tunnel(const struct source_hop *hop, const char *local, const char *remote, uint32_t vni, uint16_t port,
	       const char *mac);
void leads_to(const struct evpn *evpn, const char *remote); /* the objects' route, by this VTEP */

#endif
