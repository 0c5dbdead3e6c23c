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
/* Has it checked if the VRF may have too many: each may count twice. */
void check_classifiers_of(struct check *check, const struct handle *vrf);
/* Every classifier holds this one of its VRF: shared among them. */
extern const struct unique_rule classifier_vrf_rule;

#endif
