/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of the router's own in messages: of a VRF, an interface, a VNI. */
#ifndef SLUICE_FEATURES_BASE_GATEWAY_ADDRESS_H
#define SLUICE_FEATURES_BASE_GATEWAY_ADDRESS_H

#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"

struct local_routes;
struct undo_log;

/* Returns how many there are: the field's, or 0 with a fault added where these are more than `most`. */
size_t gateway_addresses_count(struct decoder *decoder, size_t count, size_t most);
/* Decodes the field gateway_addresses at the decoder's path. */
void gateway_addresses_decode(struct decoder *decoder, Sluice__V1__GatewayAddress *const *from, size_t count,
			      struct gateway_address *to);
/* 0 or -ENOMEM. */
int gateway_addresses_encode(Sluice__V1__GatewayAddress ***to, size_t *to_count, const struct gateway_address *gateway,
			     size_t count);
bool gateway_addresses_equal(const struct gateway_address *a, size_t count_a, const struct gateway_address *b,
			     size_t count_b);
/* Is the address one of them? */
bool gateway_addresses_have(const struct gateway_address *gateway, size_t count, const struct ip_address *address);
/* Adds them to what the holder has (local_routes_begin). */
void gateway_addresses_hold(struct local_routes *local_routes, struct undo_log *log, struct handle *vrf,
			    const struct gateway_address *gateway, size_t count);

#endif
