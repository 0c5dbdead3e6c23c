/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections that packets follow (api/dp/connection.h), read and forgotten while packets change them. Any thread.
 */
#ifndef SLUICE_DATAPLANE_CONNECTIONS_H
#define SLUICE_DATAPLANE_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dp/connection.h"
#include "api/dp/service.h"
#include "vnf/core/address.h"

/* Borrowed, in memory that packets write. */
struct connection_tables {
	struct dp_connection_set4 *set4;
	struct dp_connection_set6 *set6;
	uint32_t sets4, sets6; /* how many */
	struct dp_connection_head *head;
	struct dp_member_load *load; /* by member */
	uint32_t loads;		     /* how many */
};

/* How connections of VRFs are followed now, and the services that there are. */
struct conntracks {
	const struct dp_conntrack *row; /* by VRF */
	uint32_t count;			/* of rows */
	const struct dp_member *member; /* by id, as the next ones */
	const struct dp_pool *pool;
	const struct dp_listener *listener;
	const struct dp_load_balancer *balancer;
	const struct dp_listener_port *port;		      /* hash table */
	uint32_t members, pools, listeners, balancers, ports; /* rows */
	uint64_t generation;				      /* of all of them */
	bool incomplete;	 /* what is not among them may be added yet: nothing is taken for gone */
	const struct vips *vips; /* NULL: it is not known which listener a flow is to */
};

struct connection {
	uint8_t family, protocol;
	bool pinned;
	enum dp_connection_state state;
	uint16_t vrf;
	struct ip_address source, destination;	/* who began it, and with whom */
	uint16_t source_port, destination_port; /* of an ICMP echo 0 and its identifier */
	uint32_t rule, epoch; /* of a service: 0, and the incarnation of its member or, with ANSWER, listener */
	enum dp_connection_kind kind;
	uint32_t member;     /* of SERVICE and AFFINITY */
	uint32_t generation; /* likewise: the low half of the one in which it began */
	uint32_t listener;   /* of ANSWER and AFFINITY; of SERVICE where the VIPs are known, by what it is to */
	uint16_t seen_port;  /* of ANSWER: the listener's, as the client sees it */
	uint64_t idle_ms, timeout_ms;
};

/* What is 0 selects all. */
struct connection_filter {
	uint16_t vrf;
	struct ip_prefix prefix; /* of either end */
	uint8_t protocol;
	uint16_t port; /* of either end */
	uint32_t rule;
	uint32_t member;
	uint32_t listener, balancer; /* ids; these two need to know the VIPs */
};

/* The time in ticks. */
uint32_t conntrack_now(void);

/* The next from *place on that the filter selects, and *place behind it; false: there are no more. Places begin with 0.
 * What has been forgotten by its time is not there. */
bool conntrack_next(const struct connection_tables *tables, const struct conntracks *how,
		    const struct connection_filter *filter, uint64_t *place, struct connection *connection);

/* Forgets those that the filter selects; how many. */
uint64_t conntrack_delete(const struct connection_tables *tables, const struct conntracks *how,
			  const struct connection_filter *filter);

struct connection_counts {
	uint64_t embryonic, established, over;
	uint64_t ipv6; /* of all of them */
};
struct connection_counts conntrack_count(const struct connection_tables *tables);

struct member_counts;

/*
 * Ages: looks at so many entries from *place on, and puts *place behind the last, or to 0 behind the end of the tables.
 * Forgets what is over its time, and embryonic ones that are there twice, which packets that came to two CPUs at once
 * have made: look-ups find the first. Of services also what refers to members or listeners that are gone; a flow of a
 * member that is gone is closed, and soon forgotten: until then its packets meet what the pool says of such members.
 * `counts` (NULL is fine) hears of the connections of members.
 */
void conntrack_sweep(const struct connection_tables *tables, const struct conntracks *how, uint64_t *place,
		     uint32_t entries, struct member_counts *counts);
uint64_t conntrack_places(const struct connection_tables *tables); /* entries of both tables */

#endif
