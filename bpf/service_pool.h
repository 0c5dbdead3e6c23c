/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which member of a pool takes a flow that no connection knows. */
#ifndef SLUICE_BPF_SERVICE_POOL_H
#define SLUICE_BPF_SERVICE_POOL_H

#include "bpf/service_listener.h"

/* A table of a pool, and the list of members that it is about. */
struct pool_table {
	__u32 table, rows;
	__u32 list, members;
};

/* The member in the row of the table; 0: there is none. */
static __always_inline __u32 member_in_row(__u32 bank, const struct pool_table *table, __u32 row)
{
	const __u64 *word = service_word(bank, (__u64)table->table + row / 4);
	__u32 index;

	if (!word)
		return 0;
	index = *word >> row % 4 * 16 & 0xffff;
	if (index >= table->members)
		return 0;
	word = service_word(bank, (__u64)table->list + index / 2);
	return word ? *word >> index % 2 * 32 : 0;
}

/* Sets memory->member: NEXT, or a reason. */
__noinline int service_choose(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	struct pool_table table;
	const struct dp_pool *pool;

	if (!packet || !memory || pool_find(packet, memory))
		return ends(DP_REASON_inconsistent);
	pool = pool_row(packet->bank, memory->pool);
	if (!pool)
		return ends(DP_REASON_inconsistent);
	if (!pool->rows)
		return ends(DP_REASON_no_member);
	table = (struct pool_table){pool->table, pool->rows, pool->list, pool->members};
	memory->member = member_in_row(packet->bank, &table, dp_flow_row(memory->number, table.rows, 0));
	return memory->member ? NEXT : ends(DP_REASON_inconsistent);
}

#endif
