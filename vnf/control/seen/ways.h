/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where sampled packets went, in words of the resources: the gateway, the tunnel, the VLAN, the prefix. It looks at one
 * revision until it is told to take the newest; an id that has changed hands meanwhile is looked up as it was.
 */
#ifndef SLUICE_CONTROL_SEEN_WAYS_H
#define SLUICE_CONTROL_SEEN_WAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "api/dp/observe.h"
#include "vnf/core/address.h"

struct dp_limits;
struct history;
struct seen_ways;

/* Fields are zeros where there is nothing of the kind, or it is not known. */
struct seen_way {
	struct ip_address next_hop; /* the gateway, or the tunnel's remote */
	uint16_t vlan_id;	    /* that it leaves with */
	uint8_t prefix_length;	    /* of the route, in the packet's family */
	bool tunnelled;
	uint8_t tunnel_kind; /* enum dp_tunnel_kind */
	uint16_t udp_port;
	uint32_t vni;
	struct ip_address local, remote;
};

/* Borrows both. NULL: out of memory. */
struct seen_ways *seen_ways_new(struct history *history, const struct dp_limits *limits);
void seen_ways_free(struct seen_ways *ways); /* NULL is fine */

/* Takes the newest revision, and makes ready what it is asked for. Any thread that is known to RCU. */
void seen_ways_refresh(struct seen_ways *ways);
/* Any thread; it waits for nothing that takes time. */
void seen_ways_find(struct seen_ways *ways, const struct dp_observation *head, struct seen_way *way);

#endif
