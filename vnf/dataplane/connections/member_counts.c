/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/connections/member_counts.h"

#include <stdlib.h>

struct count {
	uint64_t seen;	     /* by this sweep */
	int64_t connections; /* that packets had counted when it began, */
	uint64_t opened;     /* and that had ever been opened */
};

struct member_counts {
	bool begun;
	uint32_t members;
	struct count count[];
};

struct member_counts *member_counts_new(uint32_t members)
{
	struct member_counts *counts = calloc(1, sizeof(*counts) + members * sizeof(*counts->count));

	if (counts)
		counts->members = members;
	return counts;
}

void member_counts_free(struct member_counts *counts)
{
	free(counts);
}

static uint64_t load(const __u64 *number)
{
	return __atomic_load_n(number, __ATOMIC_RELAXED);
}

void member_load_add(const struct connection_tables *tables, uint32_t member, int64_t connections)
{
	uint64_t old, new;

	if (member >= tables->loads)
		return;
	old = load(&tables->load[member].connections);
	do
		new = (int64_t)old + connections > 0 ? old + (uint64_t)connections : 0;
	while (!__atomic_compare_exchange_n(&tables->load[member].connections, &old, new, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED));
}

void member_counts_begin(struct member_counts *counts, const struct connection_tables *tables)
{
	for (uint32_t i = 0; i < counts->members && i < tables->loads; i++)
		counts->count[i] = (struct count){.connections = (int64_t)load(&tables->load[i].connections),
						  .opened = load(&tables->load[i].opened)};
	counts->begun = true;
}

void member_counts_add(struct member_counts *counts, uint32_t member)
{
	if (member < counts->members)
		counts->count[member].seen++;
}

/* By how much the load is too high for certain. The sweep may have seen all that was opened meanwhile and nothing of
 * what ended, or the other way round. */
static int64_t excess(const struct count *count, const struct dp_member_load *now)
{
	int64_t connections = (int64_t)load(&now->connections);
	int64_t opened = (int64_t)(load(&now->opened) - count->opened);
	int64_t ended = opened - (connections - count->connections);
	int64_t much = count->connections - (int64_t)count->seen;

	if (opened < 0) /* the id has become another member's */
		return 0;
	if (much - (ended > 0 ? ended : 0) > 0)
		return much - (ended > 0 ? ended : 0);
	return much + opened < 0 ? much + opened : 0;
}

void member_counts_end(struct member_counts *counts, const struct connection_tables *tables)
{
	for (uint32_t i = 0; i < counts->members && i < tables->loads && counts->begun; i++) {
		int64_t much = excess(&counts->count[i], &tables->load[i]);

		if (much)
			member_load_add(tables, i, -much);
	}
	counts->begun = false;
}
