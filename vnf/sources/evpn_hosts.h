/* SPDX-License-Identifier: Apache-2.0 */
/* Which hosts behind VTEPs have come and gone since it was last asked. Internal to vnf/sources; one thread at a time.
 */
#ifndef SLUICE_SOURCES_EVPN_HOSTS_H
#define SLUICE_SOURCES_EVPN_HOSTS_H

#include <stddef.h>

#include "vnf/sources/evpn.h"

/* Where a route to the host would be: of that table, to the address alone, with the address as gateway on the bridge.
 */
struct host_place {
	uint32_t table, ifindex;
	struct ip_address address;
};

/* Zero-initialise. */
struct evpn_hosts {
	struct host_place *place; /* sorted */
	size_t places;
};

void evpn_hosts_end(struct evpn_hosts *hosts);

/* Calls `changed` for each host that has come or gone (`gone`) since the last time; where its hop leads is evpn_hop's
 * to say. 0; -ENOMEM: nothing was called, ask again. */
int evpn_hosts_update(struct evpn_hosts *hosts, const struct evpn *evpn,
		      void (*changed)(void *context, const struct host_place *place, bool gone), void *context);

#endif
