/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnel endpoints in order of their underlay VRF and remote address: finds those that a route concerns, and looks at
 * no others. Internal to the table of tunnels.
 */
#ifndef SLUICE_FEATURES_TUNNEL_REMOTES_H
#define SLUICE_FEATURES_TUNNEL_REMOTES_H

#include "vnf/control/state/pmap.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

struct remotes {
	struct pmap now, before; /* struct tunnel_endpoint; `before`: the run, where it edits */
	struct pmap_edit edit;
	uint64_t runs; /* that edited */
	bool editing;
};

void remotes_close(struct remotes *remotes); /* one that is all zeros is empty */

/* Puts an endpoint where another version of it was; NULL: there was none, there is none any more. false: no memory. */
bool remotes_replace(struct remotes *remotes, const struct tunnel_endpoint *before,
		     const struct tunnel_endpoint *after);
/* The run is over; `undone`: and was undone. */
void remotes_finish(struct remotes *remotes, bool undone);

/* The first endpoint, after `previous` unless that is NULL, whose remote address in the VRF the prefix covers; NULL:
 * there is none. */
const struct tunnel_endpoint *remotes_next(const struct remotes *remotes, const struct handle *vrf,
					   const struct ip_prefix *prefix, const struct tunnel_endpoint *previous);

#endif
