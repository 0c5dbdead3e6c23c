/* SPDX-License-Identifier: Apache-2.0 */
/* The steps by which a message changes what a source knows of a prefix. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_SOURCE_CHANGE_H
#define SLUICE_SOURCES_SOURCE_CHANGE_H

#include "vnf/sources/source.h"

#define FIRST_RANK 64
#define LAST_RANK  255

/* The prefix of a message: its routes of the message's metric, by what the message may do to them. Those whose nexthop
 * object is gone are gone, too, if not from here yet. */
struct found {
	struct route_table *table;
	struct route *head;
	struct route *exact;   /* of the same path and protocol */
	struct route *first;   /* the one that counts */
	struct route *sibling; /* IPv6: the one that further hops are added to */
	struct route *stale;   /* one that the reading hasn't seen */
	size_t same, seen;     /* all of the metric; those that the reading has seen */
	uint8_t least, most;   /* ranks */
	bool live;	       /* the prefix has a route of any metric */
};

/* Does the source follow routes of this protocol and kind? */
bool change_follows(const struct source *source, const struct route_message *message);

/* `path`: the message's; 0: none, and `exact` is NULL. */
struct found change_find(struct source *source, const struct route_message *message, uint32_t path);

/* The table is to be read: what the kernel has now does not follow from its message. */
void change_doubt(struct source *source);

/* The kernel has the route as it is here. */
void change_confirm(struct route *route);

/* The route becomes the message's. The reference to the path becomes the route's. */
void change_set_path(struct source *source, struct found *found, struct route *route,
		     const struct route_message *message, uint32_t path, uint64_t now_ns);

/* One more route; the reference to the path becomes its. Nothing, where the source has as many as it may. 0 or
 * -ENOMEM. */
int change_add(struct source *source, struct found *found, const struct route_message *message, uint32_t path,
	       uint8_t rank, uint64_t now_ns);

/* A live one goes. As the prefix's last it stays, dead, while the receiver has it. */
void change_drop(struct source *source, struct route_table *table, struct route *route, uint64_t now_ns);

#endif
