/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resources as the daemon keeps them: parsed, compact, immutable once they are part of a published snapshot. Each
 * kind is a struct that begins with a struct resource, in the header of its feature (vnf/features).
 *
 * A `struct handle` stands for a resource's name for as long as anything refers to it, across revisions: references
 * point to handles, never to resources. A resource without a name has a struct vrf_key behind its struct resource, and
 * nothing can refer to it.
 */
#ifndef SLUICE_CONTROL_RESOURCE_H
#define SLUICE_CONTROL_RESOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

/* The numbers are those of sluice.v1.ResourceKind; vnf/features/features.c holds them together. */
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
	RESOURCE_NEIGHBOR,
	RESOURCE_ADDRESS_GROUP,
	RESOURCE_SECURITY_GROUP,
	RESOURCE_SECURITY_GROUP_RULE,
	RESOURCE_POLICY_RULE,
	RESOURCE_RATE_LIMITER,
	RESOURCE_QOS_POLICY,
	RESOURCE_DDOS_PROFILE,
	RESOURCE_CONNTRACK_PROFILE,
	RESOURCE_LOAD_BALANCER,
	RESOURCE_LISTENER,
	RESOURCE_POOL,
	RESOURCE_MEMBER,
	RESOURCE_HEALTH_MONITOR,
	RESOURCE_ROUTE_SOURCE,
	RESOURCE_SOURCE_ROUTE, /* learned: no client writes it */
	RESOURCE_PROTECTED_PREFIX,
	RESOURCE_TAP_SERVICE,
	RESOURCE_TAP_FLOW,
	RESOURCE_KINDS /* one past the last */
};

/* Why a resource is not programmed; the texts are in kinds.c. */
enum pending_reason {
	PENDING_NONE,	    /* programmed */
	PENDING_DEVICE,	    /* the interface's device does not exist in this namespace */
	PENDING_ATTACH,	    /* XDP could not be attached to the device: see the daemon's log */
	PENDING_ETHERNET,   /* the device is not an Ethernet device */
	PENDING_DOWN,	    /* the device is down */
	PENDING_INTERFACE,  /* the gateway's interface is not programmed */
	PENDING_NEIGHBOUR,  /* the gateway does not answer ARP or neighbour discovery */
	PENDING_NO_ROOM,    /* the kernel's neighbour table is full */
	PENDING_MEMBERS,    /* no member of the group is programmed */
	PENDING_YIELDS,	    /* nor of the route's, and packets take the less specific route */
	PENDING_UNHEALTHY,  /* its health monitor says that it is down */
	PENDING_NO_HEALTHY, /* no member that is programmed is up by the health monitor */
	PENDING_PORTS,	    /* a port of the pair is not programmed */
	PENDING_PAIRS,	    /* no pair of the group is programmed */
	PENDING_STAGES,	    /* a group of the chain has no pair that is */

	/* Of a tunnel endpoint, by what the underlay VRF says about its remote address. */
	PENDING_UNDERLAY_ROUTE,	  /* no route */
	PENDING_UNDERLAY_LOCAL,	  /* an address of the router's own */
	PENDING_UNDERLAY_HOST,	  /* a host on a link that does not answer */
	PENDING_UNDERLAY_MEMBERS, /* a route whose group has no gateway that is programmed */
	PENDING_UNDERLAY_TUNNEL,  /* a route that leads into a tunnel */
	PENDING_TUNNEL,		  /* the next hop's tunnel endpoint is not programmed */

	PENDING_VIP, /* the kernel has the load balancer's address */

	PENDING_TAP_STARTS,  /* it is begun behind the commit */
	PENDING_TAP_SERVICE, /* the flow's tap service is not programmed */
	PENDING_TAP_SOCKET,  /* its destination's socket could not be opened */
	PENDING_TAP_SESSION, /* all sessions of the observer are in use, or it has none */
};

struct resource;

/* Interned. Everything but `id`, `pending`, the kind and the text belongs to the control thread. */
struct handle {
	struct handle *chain;		 /* in the table of handles (handles.c) */
	const struct resource *resource; /* of the newest state, also while that is being built; NULL: none */
	uint32_t references;		 /* objects that point here */
	uint32_t users;			 /* references from resources of the newest state */
	uint32_t ipv6_users;		 /* those among the users that say that they are of IPv6, */
	uint32_t learned_users;		 /* and those that are learned */
	uint32_t routes;		 /* a VRF's, those that are learned, too */
	_Atomic uint32_t id; /* index in the dataplane's tables of this kind, from 1; 0 while no such resource exists */
	_Atomic uint32_t pending; /* enum pending_reason; readers read it at any time */
	enum resource_kind kind;
	char text[]; /* immutable */
};

/* Every resource starts with this. */
struct resource {
	enum resource_kind kind;
	uint32_t id;	   /* of a resource without a name, from 1; the others' handle has it */
	uint64_t revision; /* that made it what it is */
	struct handle *owner;
	struct handle *self; /* NULL: it has no name but a struct vrf_key */
};

/* The key of a resource without a name: a VRF, and a prefix or an address in it. */
struct vrf_key {
	struct handle *vrf;
	struct ip_prefix prefix; /* of an address all its bits */
};

/* Learned from a route source, which owns it: it is there only while the source says so, in the newest revision, and no
 * part of revisions, of the journal, or of what clients write and refer to. */
static inline bool resource_is_learned(const struct resource *resource)
{
	return resource->owner->kind == RESOURCE_ROUTE_SOURCE;
}

/* The id that the dataplane's tables and counters know the resource by; 0: it has none. Any thread. */
static inline uint32_t resource_id(const struct resource *resource)
{
	return resource->self ? atomic_load_explicit(&resource->self->id, memory_order_relaxed) : resource->id;
}

#endif
