/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds most of the tables of connections. */
#ifndef SLUICE_DATAPLANE_CONNECTIONS_HEAVIEST_H
#define SLUICE_DATAPLANE_CONNECTIONS_HEAVIEST_H

#include "vnf/dataplane/connections/connections.h"

#define HEAVIEST_SOURCES 4096 /* that are followed at a time */

/* A source is an IPv4 address, or the /64 of an IPv6 address, in a VRF. */
struct connection_source {
	struct ip_prefix source;
	uint16_t vrf;
	uint64_t entries, embryonic;
};

/*
 * The sources that began most of the connections that the filter selects, the heaviest first: up to `most`; how many,
 * or -ENOMEM. In memory of a fixed size and two passes over the tables: whoever began more than one in
 * HEAVIEST_SOURCES is found for certain, and the numbers are exact, but for what packets change meanwhile.
 */
int conntrack_heaviest(const struct connection_tables *tables, const struct conntracks *how,
		       const struct connection_filter *filter, struct connection_source *source, uint32_t most);

#endif
