/* SPDX-License-Identifier: Apache-2.0 */
/* Static neighbours: the MAC of an address in a VRF (RFC 826, RFC 4861), and who answers for it (RFC 9161, RFC 1027).
 */
#ifndef SLUICE_FEATURES_NEIGHBOR_H
#define SLUICE_FEATURES_NEIGHBOR_H

#include <stdbool.h>

#include "vnf/control/kinds/resource.h"

struct neighbor {
	struct resource resource;
	struct vrf_key key;
	bool has_mac;
	uint8_t mac[6]; /* zeros: it has none */
	uint8_t proxy;	/* Sluice__V1__NeighborProxy but for UNSPECIFIED */
};

/* NULL is fine. Does Sluice answer for it; with its own MAC? */
bool neighbor_is_answered(const struct neighbor *neighbor);
bool neighbor_is_proxied(const struct neighbor *neighbor);

#endif
