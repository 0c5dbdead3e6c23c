/* SPDX-License-Identifier: Apache-2.0 */
/* Service function chains in networking-sfc's terms: port pairs, their groups, flow classifiers, port chains. */
#ifndef SLUICE_FEATURES_CHAIN_H
#define SLUICE_FEATURES_CHAIN_H

#include "vnf/control/kinds/resource.h"

struct check;

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

/* Checks that no VRF has more classifiers than a packet may be compared with. */
void check_classifiers(struct check *check);

#endif
