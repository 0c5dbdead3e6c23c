/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VNIs that a tunnel endpoint binds to VRFs, and the next hops that use them. Of a kind without VNIs there is at
 * most one binding, whose VNI is 0 and whose VRF is that of all inner packets.
 */
#ifndef SLUICE_FEATURES_TUNNEL_VNI_BINDINGS_H
#define SLUICE_FEATURES_TUNNEL_VNI_BINDINGS_H

#include "sluice/v1/tunnel.pb-c.h"

struct check;
struct decoder;
struct tunnel_endpoint;
struct tunnel_ops;

/* Into endpoint->binding, for which there is room; `tunnel` may be NULL, the kind being a wrong one. */
void vni_bindings_decode(struct decoder *decoder, const Sluice__V1__TunnelEndpoint *from,
			 const struct tunnel_ops *tunnel, struct tunnel_endpoint *endpoint);
/* 0 or -ENOMEM. */
int vni_bindings_encode(const struct tunnel_endpoint *endpoint, Sluice__V1__TunnelEndpoint *to);
/* Next hops that are there go on fitting the endpoint; before and after may be NULL. */
void vni_bindings_check(struct check *check, const struct tunnel_endpoint *before, const struct tunnel_endpoint *after);

#endif
