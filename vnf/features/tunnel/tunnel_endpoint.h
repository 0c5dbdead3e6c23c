/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnel endpoints: a pair of VTEPs and the VNIs that they exchange. */
#ifndef SLUICE_FEATURES_TUNNEL_ENDPOINT_H
#define SLUICE_FEATURES_TUNNEL_ENDPOINT_H

#include "api/dp/fib.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/features/base/base.h"

struct check;
struct tables;

#define BINDING_GATEWAYS 8

struct vni_binding {
	uint32_t vni;
	uint32_t first; /* of its gateway addresses, in tunnel_endpoint_gateways(), */
	uint32_t count; /* and how many it has */
	struct handle *vrf;
};

struct tunnel_endpoint {
	struct resource resource;
	uint8_t kind;	   /* enum dp_tunnel_kind */
	uint8_t checksum;  /* Sluice__V1__UdpChecksum, as it was asked for */
	uint16_t udp_port; /* host order; 0: of a kind without UDP */
	struct ip_address local, remote;
	struct handle *underlay_vrf;
	size_t count;
	struct vni_binding binding[];
};

/* Do its packets say a VNI, and are they frames? Else the one binding says the VRF, its VNI being 0. */
bool tunnel_endpoint_has_vni(const struct tunnel_endpoint *endpoint);
/* Are outer UDP checksums computed? */
bool tunnel_endpoint_has_checksum(const struct tunnel_endpoint *endpoint);

/* The gateway addresses of all bindings, which lie behind them. */
static inline struct gateway_address *tunnel_endpoint_gateways(const struct tunnel_endpoint *endpoint)
{
	return (struct gateway_address *)(endpoint->binding + endpoint->count);
}

/* For tables behind tunnels[]: is the underlay's way to the remote there? */
bool tunnel_is_up(const struct tables *tables, uint32_t id);
struct dp_fib_leaf tunnel_leaf(const struct tables *tables, uint32_t id); /* of the route to the remote */
/* Are both there, and not between the same ends? What was found out about a path counts for the same ends only. */
bool tunnel_is_another(const struct tunnel_endpoint *before, const struct tunnel_endpoint *after);

/* The next endpoint between the same ends, after `previous` unless that is NULL, which may be as it was before the run;
 * NULL: there is none. Only what is learned may have others beside it: each source has endpoints of its own. */
const struct tunnel_endpoint *tunnel_beside(const struct tables *tables, const struct tunnel_endpoint *endpoint,
					    const struct tunnel_endpoint *previous);

/* Checks that no VRF needs a tunnel whose underlay needs that VRF. */
void check_underlay_cycles(struct check *check);

#endif
