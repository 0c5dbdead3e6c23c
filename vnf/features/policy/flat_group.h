/* SPDX-License-Identifier: Apache-2.0 */
/* All that is in an address group, by however many others. */
#ifndef SLUICE_FEATURES_POLICY_FLAT_GROUP_H
#define SLUICE_FEATURES_POLICY_FLAT_GROUP_H

#include "vnf/core/address.h"
#include "vnf/reconcile/table.h"

struct flat_group {
	struct flat_group *next; /* for whoever has it */
	size_t count;
	struct ip_prefix member[]; /* sorted, each once */
};

/* NULL: out of memory. */
struct flat_group *flat_group_new(const struct tables *tables, uint32_t group);

/* Marks the rows of address sets of the group and of all groups that it is in, and notes the run in `changed`
 * (uint32_t by group), by which it knows them. 0 or -ENOMEM. */
int flat_group_mark(struct tables *tables, uint32_t group, struct id_array *changed, uint32_t run);

#endif
