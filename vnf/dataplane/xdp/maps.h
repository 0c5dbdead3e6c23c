/* SPDX-License-Identifier: Apache-2.0 */
/* The maps that the programs use and the daemon holds: what each is called, and what size a router's limits give it. */
#ifndef SLUICE_DATAPLANE_MAPS_H
#define SLUICE_DATAPLANE_MAPS_H

#include <stddef.h>
#include <stdint.h>

#include "api/dp/bank.h"

#define MAPS	  (DP_TABLE_COUNT + 16)
#define MAPS_NAME 16 /* bytes of the longest name and its end */

struct map_size {
	const char *name; /* static: the table's, or of what is in no bank, "generation" for one */
	uint32_t value_size, entries;
};

/* Every map of a router with these limits on so many CPUs. All are arrays that can be mapped into memory. */
void maps_sizes(const struct dp_limits *limits, uint32_t cpus, struct map_size size[MAPS]);

/* Sets of the tables of connections, powers of two: of IPv4, and of IPv6, for which there is room for half as many. */
uint32_t maps_sets4(const struct dp_limits *limits);
uint32_t maps_sets6(const struct dp_limits *limits);

/* Counters of one CPU's block. */
uint32_t maps_counters(const struct dp_limits *limits);

/* Sets of buckets by interface and by source: a power of two. */
uint32_t maps_limiter_sets(const struct dp_limits *limits);

#endif
