/* SPDX-License-Identifier: Apache-2.0 */
/* How the connections of a VRF are followed. */
#ifndef SLUICE_FEATURES_CONNECTION_H
#define SLUICE_FEATURES_CONNECTION_H

#include "vnf/control/kinds/resource.h"

struct conntrack_profile {
	struct resource resource;
	struct handle *vrf;
	uint32_t tcp_established, tcp_transitory, udp, icmp; /* seconds; 0: the default */
	bool tcp_pickup;
	uint8_t on_full; /* Sluice__V1__OnFull but for UNSPECIFIED */
};

#endif
