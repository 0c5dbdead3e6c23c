/* SPDX-License-Identifier: Apache-2.0 */
/* Static neighbours: the MAC of an address in a VRF (RFC 826, RFC 4861). */
#ifndef SLUICE_FEATURES_NEIGHBOR_H
#define SLUICE_FEATURES_NEIGHBOR_H

#include "vnf/control/kinds/resource.h"

struct neighbor {
	struct resource resource;
	struct vrf_key key;
	uint8_t mac[6];
};

#endif
