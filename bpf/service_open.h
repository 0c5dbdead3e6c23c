/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The entries of a new flow, and of one that goes on where its packets' answers are known by another entry: that lives
 * as long as the flow's own. Without it nobody could answer, so where there is no room for it the packet is dropped;
 * without its own entry a flow goes on by its row, if the VRF lets what is untracked pass.
 */
#ifndef SLUICE_BPF_SERVICE_OPEN_H
#define SLUICE_BPF_SERVICE_OPEN_H

#include "bpf/service_source.h"

#define ANSWER_NOTE_MASK ((1ULL << (NOTE_BEHIND_ID + 16)) - 1)

/* Has the client's address and port reached the member by another VIP, or by another port of this? */
static __always_inline bool answer_is_others(const struct tracked *answer, const struct service_memory *memory)
{
	__u64 own = memory->listener | (__u64)memory->flow.dst_port << NOTE_BEHIND_ID;

	return (answer->note & ANSWER_NOTE_MASK) != own;
}

/* An entry that is there, and no flow's of the past: NEXT, service_clash, or SERVICE_OPEN: it may be replaced. */
static __always_inline int answer_keep(struct packet *packet, struct service_memory *memory, __u32 incarnation,
				       __u32 state)
{
	struct tracked *answer = &memory->answer;
	__u32 was = dp_connection_state(answer->life);
	const struct dp_listener *other;

	if (answer_is_others(answer, memory)) {
		other = listener_row(packet->bank, note_id(answer));
		if (dp_connection_over(was) || !other || other->incarnation != (__u32)answer->life)
			return SERVICE_OPEN;
		return ends(DP_REASON_service_clash);
	}
	if ((__u32)answer->life != incarnation)
		return SERVICE_OPEN;
	entry_advance(answer, &memory->member_flow, state ? state : was);
	return NEXT;
}

/* The entry by which answers of the member, whose address is in struct packet, are known: NEXT, or a reason. */
__noinline int answer_open(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	const struct dp_listener *listener;
	struct tracked *answer;
	__u32 state;
	int reason;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	listener = listener_row(packet->bank, memory->listener);
	if (!listener)
		return ends(DP_REASON_inconsistent);
	answer = &memory->answer;
	state = memory->moved ? memory->state : memory->begins;
	memory->member_flow = memory->flow;
	memory->member_flow.dst = packet->dst;
	memory->member_flow.dst_port = packet->dst_port;
	entry_begin(answer, &memory->member_flow, DP_CONNECTION_ANSWER);
	connection_find(packet, &memory->member_flow, answer);
	if (answer->place != CONNECTION_NOWHERE &&
	    !entry_is_past(packet, answer, memory->flow.protocol, memory->tcp_flags)) {
		reason = answer_keep(packet, memory, listener->incarnation, memory->moved ? state : 0);
		if (reason != SERVICE_OPEN)
			return reason;
	}
	if (!state || dp_connection_over(state)) /* nothing to answer */
		return NEXT;
	answer->begins = state;
	answer->epoch = listener->incarnation;
	entry_note(answer, memory->listener, memory->flow.dst_port);
	return SERVICE_OPEN;
}

/* The flow's own entry is to be made: its member has one connection more, and that of the entry that it replaces one
 * less. */
__noinline int entry_open(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	const struct dp_member *member;
	struct tracked *entry;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	member = member_row(packet->bank, memory->member);
	if (!member)
		return ends(DP_REASON_inconsistent);
	entry = &memory->entry;
	if (entry->place != CONNECTION_NOWHERE && !dp_connection_over(dp_connection_state(entry->life)))
		member_count(note_id(entry), -1, 0);
	entry->found = 0;
	entry->begins = memory->begins;
	entry->epoch = member->incarnation;
	entry_note(entry, memory->member, generation_of(packet));
	return NEXT;
}

/* Behind connection_open(): was there room? */
static __always_inline int answer_is_open(const struct service_memory *memory, int reason)
{
	if (reason != NEXT || !memory->answer.found)
		return ends(DP_REASON_connection_table_full);
	return answer_is_others(&memory->answer, memory) ? ends(DP_REASON_service_clash) : NEXT;
}

/* Are flows to the member remembered? */
static __always_inline bool is_remembered(const struct packet *packet, const struct service_memory *memory)
{
	const struct dp_member *member = member_row(packet->bank, memory->member);
	const struct dp_pool *pool = member ? pool_row(packet->bank, member->pool) : NULL;

	return memory->begins && pool && !(pool->flags & DP_POOL_STATELESS);
}

/* NEXT, or a reason. The calls are made one behind the other, from the router's frame. */
static __always_inline int service_open(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	int reason = NEXT;

	if (!memory)
		return ends(DP_REASON_inconsistent);
	if (packet->service & SERVICE_DESTINATION)
		reason = answer_open(packet);
	if (reason == SERVICE_OPEN) {
		reason = connection_open(packet, &memory->member_flow, &memory->answer);
		reason = answer_is_open(memory, reason);
	}
	if (reason == NEXT && memory->keeps_source && source_open(packet) == NEXT)
		connection_open(packet, &memory->source_flow, &memory->source);
	if (reason != NEXT || !is_remembered(packet, memory))
		return reason;
	reason = entry_open(packet);
	if (reason == NEXT)
		reason = connection_open(packet, &memory->flow, &memory->entry);
	if (reason == NEXT && memory->entry.found)
		member_count(memory->member, 1, 1);
	return reason;
}

#endif
