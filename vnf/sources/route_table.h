/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of a source and family: an open-addressed hash of 20 bytes an IPv4 route and 32 an IPv6 one, 65 to 85 %
 * full. A prefix may have several routes, of different metrics or one behind another; the first of them in the hash's
 * order is the prefix's head, which carries what concerns the prefix. Internal to vnf/sources.
 */
#ifndef SLUICE_SOURCES_ROUTE_TABLE_H
#define SLUICE_SOURCES_ROUTE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

enum route_flag {
	ROUTE_USED = 1,
	ROUTE_LIVE = 2,	      /* the kernel has it; not so: a head that was handed out and is not taken back yet */
	ROUTE_SEEN = 4,	      /* by the reading that is under way */
	ROUTE_MISSED = 8,     /* not by the reading before, which other changes have disturbed */
	ROUTE_REPLAYED = 128, /* a message that may be older than the reading has made it what it is */
	/* Of heads: */
	ROUTE_DIRTY = 16,   /* it may differ from what was handed out */
	ROUTE_OUT = 32,	    /* it is in the batch that is out */
	ROUTE_GUARDED = 64, /* it was handed out with a verdict of the guard's */
};

struct route {
	uint32_t metric; /* of a dead one: CLOCK_MONOTONIC when it died, in microseconds, the low bits */
	uint32_t path;	 /* of the live ones */
	uint32_t told;	 /* of heads: the group that was handed out; 0: none */
	uint8_t length, protocol;
	uint8_t rank;  /* of routes with one metric the lowest counts */
	uint8_t flags; /* enum route_flag; 0: the slot is free */
	uint8_t address[];
};

struct route_table {
	uint8_t family; /* 4 or 6 */
	size_t stride;	/* bytes of a slot */
	size_t size, used;
	uint8_t *slot;
};

void route_table_init(struct route_table *table, uint8_t family);
void route_table_end(struct route_table *table);

/* The slot; it may be free (flags are 0). */
static inline struct route *route_table_slot(const struct route_table *table, size_t index)
{
	return (void *)(table->slot + index * table->stride);
}

/* The first route of the prefix, its head; the next one. NULL: none. They are valid until one is added or removed. */
struct route *route_table_head(const struct route_table *table, const struct ip_prefix *prefix);
struct route *route_table_next(const struct route_table *table, const struct route *route);

/* Adds a route, zeroed but for the prefix and ROUTE_USED, behind the prefix's others. NULL: out of memory. */
struct route *route_table_add(struct route_table *table, const struct ip_prefix *prefix);
/* Others move up into its slot. The next of the prefix becomes its head where it was that. */
void route_table_remove(struct route_table *table, struct route *route);

struct ip_prefix route_prefix(const struct route_table *table, const struct route *route);

#endif
