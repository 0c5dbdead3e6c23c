/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resources as the daemon keeps them: parsed, compact, immutable once they are part of a published snapshot. One
 * file a kind (vrf.c, route.c, ...) turns a message into one and back and says what it refers to; kinds.c lists them.
 *
 * A `struct handle` stands for a resource's key for as long as anything refers to it, across revisions: references
 * point to handles, never to resources. Routes have no name: their key is (vrf, prefix).
 */
#ifndef SLUICE_CONTROL_RESOURCE_H
#define SLUICE_CONTROL_RESOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

/* Numbers of sluice.v1.ResourceKind. */
enum resource_kind {
	RESOURCE_VRF = 1,
	RESOURCE_INTERFACE,
	RESOURCE_TUNNEL_ENDPOINT,
	RESOURCE_NEXT_HOP,
	RESOURCE_NEXT_HOP_GROUP,
	RESOURCE_ROUTE,
	RESOURCE_PORT_PAIR,
	RESOURCE_PORT_PAIR_GROUP,
	RESOURCE_FLOW_CLASSIFIER,
	RESOURCE_PORT_CHAIN,
	RESOURCE_KINDS /* one past the last */
};

/* Why a resource is not programmed; the texts are in kinds.c. */
enum pending_reason {
	PENDING_NONE,	   /* programmed */
	PENDING_DEVICE,	   /* the interface's device does not exist in this namespace */
	PENDING_ATTACH,	   /* XDP could not be attached to the device: see the daemon's log */
	PENDING_DOWN,	   /* the device is down */
	PENDING_INTERFACE, /* the gateway's interface is not programmed */
	PENDING_NEIGHBOUR, /* the gateway does not answer ARP or neighbour discovery */
	PENDING_MEMBERS,   /* no member of the group is programmed */
	PENDING_PORTS,	   /* a port of the pair is not programmed */
	PENDING_PAIRS,	   /* no pair of the group is programmed */
	PENDING_STAGES,	   /* a group of the chain has no pair that is */
};

struct resource;

/* Interned. Everything but `id`, `pending`, the kind and the text belongs to the control thread. */
struct handle {
	struct handle *chain;		 /* in the table of handles (handles.c) */
	const struct resource *resource; /* of the newest state, also while that is being built; NULL: none */
	uint32_t references;		 /* objects that point here */
	uint32_t users;			 /* references from resources of the newest state */
	uint32_t ipv6_users;		 /* of a next-hop group: those among the users that are IPv6 routes */
	_Atomic uint32_t id; /* index in the dataplane's tables of this kind, from 1; 0 while no such resource exists */
	_Atomic uint32_t pending; /* enum pending_reason; readers read it at any time */
	enum resource_kind kind;
	char text[]; /* immutable */
};

/* Every resource starts with this. */
struct resource {
	enum resource_kind kind;
	uint32_t route_id; /* routes: counter id, from 1 */
	uint64_t revision; /* that made it what it is */
	struct handle *owner;
	struct handle *self; /* NULL for routes */
};

struct vrf {
	struct resource resource;
	uint8_t router_mac[6];
};

struct interface {
	struct resource resource;
	struct handle *vrf;
	uint16_t vlan_id, inner_vlan_id;
	char device[16];
};

struct vni_binding {
	uint32_t vni;
	struct handle *vrf;
};

struct tunnel_endpoint {
	struct resource resource;
	uint8_t kind;	   /* enum dp_tunnel_kind */
	uint16_t udp_port; /* host order, never 0 */
	struct ip_address local, remote;
	struct handle *underlay_vrf;
	size_t count;
	struct vni_binding binding[];
};

enum next_hop_target { NEXT_HOP_GATEWAY = 1, NEXT_HOP_TUNNEL, NEXT_HOP_DISCARD };

struct next_hop {
	struct resource resource;
	enum next_hop_target target;
	struct handle *via;	   /* interface or tunnel endpoint; NULL for discard */
	struct ip_address address; /* gateway */
	uint32_t vni;		   /* tunnel */
	bool has_mac;		   /* gateway: static; tunnel: always */
	uint8_t mac[6];
};

struct next_hop_member {
	struct handle *next_hop;
	uint8_t weight; /* 1..100 */
};

struct next_hop_group {
	struct resource resource;
	size_t count;
	struct next_hop_member member[];
};

struct route {
	struct resource resource;
	struct handle *vrf;
	struct handle *group;
	struct ip_prefix prefix;
};

struct port_pair {
	struct resource resource;
	struct handle *ingress, *egress;
};

struct port_pair_group {
	struct resource resource;
	bool fail_open;
	size_t count;
	struct handle *port_pair[];
};

struct flow_classifier {
	struct resource resource;
	struct handle *vrf;
	uint16_t priority;
	uint8_t protocol;							 /* 0: any */
	struct ip_prefix source, destination;					 /* family 0: any */
	uint16_t source_first, source_last, destination_first, destination_last; /* 0..65535: any */
};

struct port_chain {
	struct resource resource;
	bool symmetric;
	size_t classifier_count, group_count;
	struct handle **classifier; /* into `handles` */
	struct handle **group;	    /* into `handles` */
	struct handle *handles[];
};

#endif
