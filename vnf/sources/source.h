/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the mirror knows of a table of the kernel's: its routes, and what of them was handed out. Of the mirror's thread
 * alone, but for the facts. Internal to vnf/sources.
 */
#ifndef SLUICE_SOURCES_SOURCE_H
#define SLUICE_SOURCES_SOURCE_H

#include "vnf/sources/mirror.h"
#include "vnf/sources/path_set.h"
#include "vnf/sources/route_table.h"

struct acknowledgement;
struct batch;

struct source {
	struct source *next;
	struct source_config config;
	struct route_table routes[2]; /* IPv4, IPv6 */
	struct group_set groups;
	struct path_set paths;
	const struct evpn *evpn; /* for sources that want it */

	/* Prefixes that may differ from what was handed out: all whose head is ROUTE_DIRTY. */
	size_t dirty;
	struct ip_prefix *listed; /* those, in the order in which they became so, unless `scan` */
	size_t listed_used, listed_room;
	bool scan;	     /* the list has not all of them: look at all routes */
	uint64_t changed_ns; /* CLOCK_MONOTONIC: when the first of them was read */
	struct batch *out;
	bool offered;	 /* a batch was handed out, once at least */
	bool handed_out; /* and was taken in */
	bool read;	 /* whole, once at least */
	uint64_t retry_ms;

	struct acknowledgement *acknowledgements; /* in order; of what packets meet */

	/* Why the table is to be read again, NULL: it isn't; and when, of CLOCK_MONOTONIC. */
	const char *resync;
	uint64_t resync_ms;
	uint64_t rested_ms;	 /* not sooner than this, so that readings leave time for all else */
	bool replaying;		 /* messages come that may be older than what was read */
	bool missed;		 /* a reading has left routes of which it isn't sure */
	_Atomic uint64_t logged; /* when a failure was last logged */
	int failed;		 /* the last reading: 0 or -errno */

	size_t live;	    /* prefixes with a route */
	size_t guarded;	    /* of those handed out */
	size_t beyond;	    /* messages about prefixes that were not taken in */
	bool frozen;	    /* the table has more than max_routes */
	uint64_t frozen_ms; /* when that was found out */
	uint64_t updates, resyncs, acknowledged;
	const char *last_resync; /* why; NULL: only at the start */
	uint64_t last_resync_ms;
	struct source_facts facts; /* under the mirror's lock */
};

/* Takes over config->range, also where it fails. NULL: out of memory. Borrows the others. */
struct source *source_new(const struct source_config *config, const struct nexthop_table *nexthops,
			  const struct evpn *evpn, struct hop_list *list);
void source_free(struct source *source); /* NULL is fine */

/* Takes over what `config` has instead, and its ranges: all is to be read and handed out again where that matters. */
void source_configure(struct source *source, struct source_config *config);

/* A message about a route that the kernel has now, or no more; now_ns: when it was read. 0 or -ENOMEM. */
int source_take(struct source *source, const struct route_message *message, uint64_t now_ns);

/* A whole reading: begin, each route, and end for each family. What it lacks is gone, but for IPv6's, which the kernel
 * may have left out if others changed meanwhile: these go with source_drop_missed, or with the next reading that lacks
 * them, too. */
void source_read_begin(struct source *source);
int source_read(struct source *source, const struct route_message *message, uint64_t now_ns);
void source_read_end(struct source *source, uint8_t family, uint64_t now_ns);
void source_drop_missed(struct source *source, uint64_t now_ns);

/* A nexthop object is gone; the kernel takes its routes with it, IPv4's without a message. */
void source_lose_nexthop(struct source *source, uint32_t id);
/* Takes in what nexthop objects have become since. 0 or -ENOMEM. */
int source_settle(struct source *source, uint64_t now_ns);

/* Marks all routes as ones that may differ from what was handed out. */
void source_touch_all(struct source *source, uint64_t now_ns);
/* All that lie at or below the prefix. */
void source_touch_below(struct source *source, const struct ip_prefix *below, uint64_t now_ns);
/* The same of a prefix that has a head. */
void source_touch(struct source *source, struct route *head, uint64_t now_ns);
/* Takes a head out that is dead, and that the receiver doesn't have. */
void source_remove_head(struct source *source, struct route_table *table, struct route *head);
/* What it has is to be read again in so many milliseconds, if nothing sooner is planned. */
void source_plan_resync(struct source *source, const char *why, uint64_t when_ms);

static inline struct route_table *source_table(struct source *source, uint8_t family)
{
	return &source->routes[family == 6];
}

/* The prefix's route that counts; NULL: the head is a dead one. */
struct route *source_best(const struct route_table *table, struct route *head);

#endif
