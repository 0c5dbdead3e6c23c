/* SPDX-License-Identifier: Apache-2.0 */
/* Brings a list of hops into the one form that every equal list has. Internal to vnf/sources. */
#ifndef SLUICE_SOURCES_HOP_LIST_H
#define SLUICE_SOURCES_HOP_LIST_H

#include "vnf/sources/mirror.h"

#define HOP_LIST 1024

/* Zero-initialised hops: equal ones have equal bytes. */
struct weighted_hop {
	struct source_hop hop; /* its weight is 0 until hop_list_write */
	uint32_t weight;       /* from 1 */
};

struct hop_list {
	size_t hops;
	bool cut; /* there were more */
	struct weighted_hop hop[HOP_LIST];
};

/* A zeroed hop at the end of the list for the caller to fill in; NULL: it is full, which `cut` says now. */
struct weighted_hop *hop_list_add(struct hop_list *list);

/* Sorts the list, makes equal hops one of both weights, leaves those beyond SOURCE_HOPS out, and scales the weights to
 * 1 to 100 where one is above 100. Returns how many it has written. */
size_t hop_list_write(struct hop_list *list, struct source_hop hop[SOURCE_HOPS]);

#endif
