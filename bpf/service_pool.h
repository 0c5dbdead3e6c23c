/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which member of a pool takes a flow that no connection knows: that of its connection ID or source (service_source.h),
 * of TCP in mid-flow that of its row before the table last changed, else that of its row. Where this one has as many
 * connections as it may, others are tried, and then the pool's overflow pool.
 */
#ifndef SLUICE_BPF_SERVICE_POOL_H
#define SLUICE_BPF_SERVICE_POOL_H

#include "bpf/service_connection.h"
#include "bpf/service_listener.h"
#include "bpf/service_source.h"

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

/* May the flows that the member has stay there? */
static __always_inline bool member_keeps(const struct dp_member *member, const struct dp_pool *pool)
{
	return member->state == DP_MEMBER_ACTIVE || member->state == DP_MEMBER_DRAINING ||
	       (member->state != DP_MEMBER_NONE && pool->on_down == DP_ON_DOWN_KEEP);
}

/* Of a TCP packet in mid-flow; 0: the row said none, or one that is no more. */
static __always_inline __u32 member_before(__u32 bank, const struct dp_pool *pool, __u64 number)
{
	struct pool_table table = {pool->previous, pool->previous_rows, pool->previous_list, pool->previous_members};
	const struct dp_member *member;
	__u32 id;

	if (!table.rows)
		return 0;
	id = member_in_row(bank, &table, dp_flow_row(number, table.rows, 0));
	member = member_row(bank, id);
	return id && member && member_keeps(member, pool) ? id : 0;
}

static __always_inline bool member_is_full(__u32 id, __u32 limit)
{
	const struct dp_member_load *load = limit ? member_load_row(id) : NULL;

	/* It may be below 0 until the sweeper mends it. */
	return load && *(const volatile __s64 *)&load->connections >= (__s64)limit;
}

/* A row's member that may take one more; 0: the rows that are tried have none. */
__noinline int member_by_row(__u32 bank, __u32 pool_id, __u64 number)
{
	const struct dp_pool *pool = pool_row(bank, pool_id);
	struct pool_table table;

	if (!pool || !pool->rows)
		return 0;
	table = (struct pool_table){pool->table, pool->rows, pool->list, pool->members};
	for (__u32 try = 0; try < DP_POOL_TRIES; try++) {
		__u32 id = member_in_row(bank, &table, dp_flow_row(number, table.rows, try));

		if (id && !member_is_full(id, pool->limit))
			return id;
	}
	return 0;
}

/* Why no member takes the flow. */
static __always_inline int pool_refuses(const struct dp_pool *pool)
{
	return ends(pool->rows && pool->limit ? DP_REASON_pool_full : DP_REASON_no_member);
}

static __always_inline bool is_in_midflow(const struct service_memory *memory)
{
	return memory->flow.protocol == IPPROTO_TCP && !is_first(memory->tcp_flags);
}

/* Sets memory->member, where it is not known yet: NEXT, or a reason. */
static __always_inline int member_find(struct packet *packet, struct service_memory *memory)
{
	const struct dp_pool *pool = pool_row(packet->bank, memory->pool);

	if (!pool)
		return ends(DP_REASON_inconsistent);
	memory->member = pool->flags & DP_POOL_QUIC ? member_by_id(packet->bank, memory->pool, memory) : 0;
	if (!memory->member && service_source(packet))
		return NEXT;
	if (!memory->member && is_in_midflow(memory) && !(pool->flags & DP_POOL_STATELESS))
		memory->member = member_before(packet->bank, pool, memory->number);
	if (!memory->member)
		memory->member = member_by_row(packet->bank, memory->pool, memory->number);
	if (!memory->member && pool->overflow)
		memory->member = member_by_row(packet->bank, pool->overflow, memory->number);
	return memory->member ? NEXT : pool_refuses(pool);
}

/* Chooses a member for a flow that has none, and says whether it is to be remembered: NEXT, or a reason. */
__noinline int service_choose(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	const struct dp_pool *pool;
	int reason;

	if (!packet || !memory || pool_find(packet, memory))
		return ends(DP_REASON_inconsistent);
	pool = pool_row(packet->bank, memory->pool);
	if (!pool)
		return ends(DP_REASON_inconsistent);
	reason = member_find(packet, memory);
	if (reason == NEXT)
		memory->begins = service_begins(&memory->flow, memory->tcp_flags);
	return reason;
}

#endif
