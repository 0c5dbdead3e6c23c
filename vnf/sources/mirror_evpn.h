/* SPDX-License-Identifier: Apache-2.0 */
/* EVPN's part of the mirror: links, neighbours and VTEPs are followed while a source wants it, and hosts behind VTEPs
 * become routes of their table. Of the mirror's thread. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_MIRROR_EVPN_H
#define SLUICE_SOURCES_MIRROR_EVPN_H

#include "vnf/sources/evpn_hosts.h"

struct mirror;
struct nlmsghdr;
struct source;

/* Of a host's route: any of the kernel's counts before it. */
#define EVPN_HOST_METRIC UINT32_MAX

struct mirror_evpn {
	struct evpn *evpn; /* never NULL */
	struct evpn_hosts hosts;
	uint64_t hosts_version; /* of `evpn`, when hosts were as they are here */
	bool following;		/* a source wants it */
	bool read;		/* whole, and no message was lost since */
};

/* The sources that are followed, or what they want, may be others now. */
void mirror_evpn_follow(struct mirror *mirror);
void mirror_evpn_take(struct mirror *mirror, const struct nlmsghdr *message);
/* Announcements were lost. */
void mirror_evpn_lose(struct mirror *mirror);
/* Reads what there is whole, unless it is known. 0 or -errno. */
int mirror_evpn_read(struct mirror *mirror);
/* Hosts that have come or gone change the sources' routes. */
void mirror_evpn_settle(struct mirror *mirror);
/* In the whole reading of a source: its hosts of this family (4 or 6). 0 or -errno. */
int mirror_evpn_read_hosts(struct mirror *mirror, struct source *source, uint8_t family);

#endif
