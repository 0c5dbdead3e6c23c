/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A flow's entry says its member while the row of that in the packet's own bank has the same incarnation, and a state
 * in which its flows may stay. Else the pool says what becomes of them (on_down).
 */
#ifndef SLUICE_BPF_SERVICE_KNOWN_H
#define SLUICE_BPF_SERVICE_KNOWN_H

#include "bpf/service_pool.h"

/* Does the listener have one pool, whose flows nobody remembers? */
static __always_inline bool is_forgetful(const struct packet *packet, const struct dp_listener *listener)
{
	const struct dp_pool *pool = pool_row(packet->bank, listener->pool[0]);

	return listener->pools == 1 && pool && pool->flags & DP_POOL_STATELESS;
}

/* The flow of a member that is gone, or where it may not stay: SERVICE_CHOOSE, or member_down. */
static __always_inline int flow_is_left(struct service_memory *memory, __u8 on_down)
{
	if (on_down != DP_ON_DOWN_RESET || is_first(memory->tcp_flags))
		return SERVICE_CHOOSE;
	if (!dp_connection_over(dp_connection_state(memory->entry.life)) && !memory->flow.quoted) {
		entry_advance(&memory->entry, &memory->flow, DP_CONNECTION_CLOSED);
		member_count(note_id(&memory->entry), -1, 0);
	}
	return ends(DP_REASON_member_down);
}

/* The member of the entry that has been found: NEXT, SERVICE_CHOOSE, or a reason. */
static __always_inline int entry_member(struct packet *packet, struct service_memory *memory,
					const struct dp_listener *listener)
{
	__u32 id = note_id(&memory->entry);
	const struct dp_member *member = member_row(packet->bank, id);
	const struct dp_pool *pool;

	if (!member || member->incarnation != (__u32)memory->entry.life) {
		pool = pool_row(packet->bank, listener->pool[0]); /* its own is not known any more */
		return pool ? flow_is_left(memory, pool->on_down) : ends(DP_REASON_inconsistent);
	}
	pool = pool_row(packet->bank, member->pool);
	if (!pool)
		return ends(DP_REASON_inconsistent);
	if (!member_keeps(member, pool))
		return flow_is_left(memory, pool->on_down);
	if (pool->flags & DP_POOL_QUIC) { /* wherever its packets come from */
		__u32 said = member_by_id(packet->bank, member->pool, memory);

		if (said && said != id)
			return SERVICE_CHOOSE;
	}
	memory->member = id;
	if (!memory->flow.quoted)
		entry_follow(memory, pool->flags & DP_POOL_DIRECT);
	return NEXT;
}

/* Looks the flow up: NEXT, with its member, SERVICE_CHOOSE, or a reason. */
static __always_inline int service_known(struct packet *packet, struct service_memory *memory)
{
	const struct dp_listener *listener = listener_row(packet->bank, memory->listener);
	struct tracked *entry = &memory->entry;

	if (!listener)
		return ends(DP_REASON_inconsistent);
	memory->begins = memory->moved = memory->keeps_source = 0;
	entry_begin(entry, &memory->flow, DP_CONNECTION_SERVICE);
	if (is_forgetful(packet, listener))
		return SERVICE_CHOOSE;
	connection_find(packet, &memory->flow, entry);
	if (entry->place == CONNECTION_NOWHERE ||
	    entry_is_past(packet, entry, memory->flow.protocol, memory->tcp_flags))
		return SERVICE_CHOOSE;
	return entry_member(packet, memory, listener);
}

#endif
