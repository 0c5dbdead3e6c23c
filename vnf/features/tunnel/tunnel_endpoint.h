/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnel endpoints: a pair of VTEPs and the VNIs that they exchange. */
#ifndef SLUICE_FEATURES_TUNNEL_ENDPOINT_H
#define SLUICE_FEATURES_TUNNEL_ENDPOINT_H

#include "vnf/control/kinds/resource.h"

struct check;

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

/* Checks that no VRF needs a tunnel whose underlay needs that VRF. */
void check_underlay_cycles(struct check *check);

#endif
