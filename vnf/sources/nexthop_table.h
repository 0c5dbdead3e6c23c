/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's nexthop objects (ip-nexthop(8)): single ones, and groups of these with weights. Routes may name one by
 * its id in place of hops of their own. The messages are not trusted. Internal to vnf/sources.
 */
#ifndef SLUICE_SOURCES_NEXTHOP_TABLE_H
#define SLUICE_SOURCES_NEXTHOP_TABLE_H

#include "vnf/sources/kernel_hop.h"

struct nlmsghdr;

struct nexthop_member {
	uint32_t id;
	uint32_t weight; /* from 1 */
};

struct nexthop {
	struct nexthop *next; /* in its bucket */
	uint32_t id;
	bool seen;	       /* by the reading that is under way */
	struct kernel_hop hop; /* of a single one */
	size_t members;	       /* of a group */
	struct nexthop_member member[];
};

/* Zero-initialise. */
struct nexthop_table {
	struct nexthop **bucket;
	size_t buckets, used;
	uint64_t version; /* counts changes */
};

void nexthop_table_end(struct nexthop_table *table);

/* Takes in RTM_NEWNEXTHOP and RTM_DELNEXTHOP; others and malformed ones are passed over. *id: of the object; 0: none.
 * 1: it is another now, or is gone; 0: as before; -ENOMEM. */
int nexthop_table_take(struct nexthop_table *table, const struct nlmsghdr *header, uint32_t *id);

const struct nexthop *nexthop_table_find(const struct nexthop_table *table, uint32_t id); /* NULL: none */

/* A whole reading: objects that no message has confirmed until its end are gone. True: there were some. */
void nexthop_table_read_begin(struct nexthop_table *table);
bool nexthop_table_read_end(struct nexthop_table *table);

#endif
