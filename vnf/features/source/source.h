/* SPDX-License-Identifier: Apache-2.0 */
/* Route sources, the routes that they have learned, and prefixes that only some may route. */
#ifndef SLUICE_FEATURES_SOURCE_H
#define SLUICE_FEATURES_SOURCE_H

#include "vnf/control/kinds/resource.h"
#include "vnf/sources/mirror.h"

struct source_protocol {
	uint8_t protocol, preference; /* preference 0: the source's */
};

struct route_source {
	struct resource resource;
	struct handle *vrf, *underlay; /* underlay NULL: no EVPN */
	uint32_t table;
	uint32_t max_routes; /* 0: the router's limit */
	uint8_t preference;  /* never 0 */
	bool allow_bogons, acknowledge;
	uint8_t protocols;
	struct source_protocol protocol[SOURCE_PROTOCOLS]; /* by number */
	size_t ranges;
	struct source_range range[];
};

/* Of a route of this protocol. */
uint8_t route_source_preference(const struct route_source *source, uint8_t protocol);

struct source_route {
	struct resource resource;
	struct vrf_key key;
	struct handle *group; /* NULL: none of its next hops can be used */
	uint32_t metric;
	uint8_t preference, protocol;
	uint8_t guard;	       /* enum source_guard */
	int64_t since_unix_ms; /* it is learned as it is */
};

#define PROTECTED_OWNERS 16

struct protected_prefix {
	struct resource resource;
	struct vrf_key key;
	size_t count;
	struct handle *owner[PROTECTED_OWNERS]; /* of route sources, and of clients (HANDLE_OWNER) */
};

#endif
