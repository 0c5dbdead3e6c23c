/* SPDX-License-Identifier: Apache-2.0 */
/* Whose an address is in a VRF: a load balancer's alone, or of others, who may share it. */
#ifndef SLUICE_FEATURES_BASE_VRF_ADDRESS_H
#define SLUICE_FEATURES_BASE_VRF_ADDRESS_H

#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"

/* The key, by which check functions look a load balancer up. */
struct unique_key vrf_address_key(const struct handle *vrf, const struct ip_address *address);
/* NULL: it is no VIP in the VRF. */
const struct handle *vrf_address_balancer(const struct unique_keys *unique_keys, const struct handle *vrf,
					  const struct ip_address *address);

/* For unique_keys: the address is the load balancer's, */
void visit_vip(const struct handle *balancer, const struct handle *vrf, const struct ip_address *address,
	       holding_visit visit, void *context);
/* or the router's own or a neighbor's; the fields are those of a struct holding. */
void visit_vrf_address(const struct handle *vrf, const struct ip_address *address, const char *field, long index,
		       const char *member, holding_visit visit, void *context);
/* The same of "gateway_addresses". */
void visit_gateway_addresses(const struct handle *vrf, const struct gateway_address *gateway, size_t count,
			     holding_visit visit, void *context);

#endif
