/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flows of services, in the tables of connections (api/dp/connection.h). Of a pool with DIRECT only the client's
 * side is seen: its acknowledgement says that the handshake is over. There are no sequence numbers, so a reset closes a
 * flow that goes on if the client has more to say. What is over does not count among a member's connections; the
 * daemon's sweeper corrects what is forgotten otherwise.
 */
#ifndef SLUICE_BPF_SERVICE_CONNECTION_H
#define SLUICE_BPF_SERVICE_CONNECTION_H

#include "bpf/service_memory.h"

#define NOTE_ID_MASK   0xfffff
#define NOTE_BEHIND_ID 20

/* The low half of the packet's generation, whose lowest bit is its bank. */
static __always_inline __u32 generation_of(const struct packet *packet)
{
	__u32 now = *(const volatile __u64 *)&now_row.generation;

	return now - ((now ^ packet->bank) & 1);
}

static __always_inline __u32 note_id(const struct tracked *entry)
{
	return entry->note & NOTE_ID_MASK;
}

/* What a new entry says. */
static __always_inline void entry_note(struct tracked *entry, __u32 id, __u32 more)
{
	entry->note = id | (__u64)more << NOTE_BEHIND_ID;
	entry->rule = (__u16)id; /* the note's lowest bits, as connection_insert() has them */
}

static __always_inline void member_count(__u32 member, __s64 connections, __u64 opened)
{
	struct dp_member_load *load = member_load_row(member);

	if (!load || explains)
		return;
	__sync_fetch_and_add(&load->connections, connections);
	if (opened)
		__sync_fetch_and_add(&load->opened, opened);
}

/* The TCP flags of the packet itself. */
static __always_inline __u8 service_tcp_flags(struct ctx_buff *ctx, const struct packet *packet)
{
	const struct tcp *tcp;

	if (packet->protocol != IPPROTO_TCP || packet->fragment == FRAGMENT_LATER)
		return 0;
	tcp = packet_at(ctx, packet->l4, sizeof(*tcp));
	return tcp ? tcp->flags : 0;
}

/* Does the segment begin a connection? */
static __always_inline bool is_first(__u8 flags)
{
	return (flags & (TCP_FLAG_SYN | TCP_FLAG_ACK | TCP_FLAG_RST)) == TCP_FLAG_SYN;
}

/* The state in which the packet begins a flow; EMPTY: it is the last one of some, and nothing is to be remembered. */
static __always_inline __u8 service_begins(const struct flow *flow, __u8 flags)
{
	if (flow->quoted)
		return DP_CONNECTION_EMPTY;
	if (flow->protocol != IPPROTO_TCP)
		return DP_CONNECTION_NEW;
	if (flags & (TCP_FLAG_RST | TCP_FLAG_FIN))
		return DP_CONNECTION_EMPTY;
	return is_first(flags) ? DP_CONNECTION_SYN_SENT : DP_CONNECTION_NEW;
}

/* Who has finished, behind a segment with FIN from one end. */
static __always_inline __u32 finished(__u32 state, bool reply)
{
	__u32 own = reply ? DP_CONNECTION_FIN_BY_RESPONDER : DP_CONNECTION_FIN_BY_INITIATOR;
	__u32 other = reply ? DP_CONNECTION_FIN_BY_INITIATOR : DP_CONNECTION_FIN_BY_RESPONDER;

	return state == other || state == DP_CONNECTION_TIME_WAIT ? DP_CONNECTION_TIME_WAIT : own;
}

/* The state behind a client's segment. */
static __always_inline __u32 behind_client(__u32 state, __u8 flags, bool direct)
{
	if (flags & TCP_FLAG_RST)
		return DP_CONNECTION_CLOSED;
	if (flags & TCP_FLAG_SYN)
		return state;
	if (flags & TCP_FLAG_FIN)
		return finished(state, false);
	if (state == DP_CONNECTION_SYN_RECEIVED || state == DP_CONNECTION_CLOSED)
		return DP_CONNECTION_ESTABLISHED;
	return direct && dp_connection_embryonic(state) ? DP_CONNECTION_ESTABLISHED : state;
}

/* And behind a member's. */
static __always_inline __u32 behind_member(__u32 state, __u8 flags)
{
	if (flags & TCP_FLAG_RST)
		return DP_CONNECTION_CLOSED;
	if (flags & TCP_FLAG_FIN)
		return finished(state, true);
	if (state == DP_CONNECTION_SYN_SENT)
		return DP_CONNECTION_SYN_RECEIVED;
	return state == DP_CONNECTION_NEW ? DP_CONNECTION_ESTABLISHED : state;
}

/* Notes the state, and that there was a packet. */
static __always_inline void entry_advance(struct tracked *entry, const struct flow *flow, __u32 state)
{
	connection_advance(entry, flow->family, state, entry->note);
}

/* The flow of the entry goes on at its member, by the client's packet, whose direction has been seen. */
static __always_inline void entry_follow(struct service_memory *memory, bool direct)
{
	struct tracked *entry = &memory->entry;
	__u32 state = dp_connection_state(entry->life), next = state;
	__u32 age = dp_connection_age(entry->life, connection_now());

	if (memory->tcp_flags)
		next = behind_client(state, memory->tcp_flags, direct);
	else if (age && direct && state == DP_CONNECTION_NEW && memory->flow.protocol != IPPROTO_TCP)
		next = DP_CONNECTION_ESTABLISHED;
	memory->state = next;
	if (next == state && !age)
		return;
	memory->moved = 1;
	entry_advance(entry, &memory->flow, next);
	if (dp_connection_over(next) != dp_connection_over(state))
		member_count(memory->member, dp_connection_over(next) ? -1 : 1, 0);
}

/* Is it a flow's no more: forgotten, or over and begun anew? */
static __always_inline bool entry_is_past(const struct packet *packet, const struct tracked *entry, __u8 protocol,
					  __u8 flags)
{
	__u32 state = dp_connection_state(entry->life), age = dp_connection_age(entry->life, connection_now());
	const struct dp_conntrack *how;

	if (is_first(flags) && dp_connection_over(state))
		return true;
	if (!age)
		return false;
	how = conntrack_row(packet->bank, packet->vrf);
	return !how || age > dp_connection_timeout(how, state, protocol);
}

/* The entry of a flow and its key's ports; `kind` is whose it is. */
static __always_inline void entry_begin(struct tracked *entry, const struct flow *flow, __u8 kind)
{
	*entry = (struct tracked){
		.place = CONNECTION_NOWHERE, .src_port = flow->src_port, .dst_port = flow->dst_port, .kind = kind};
}

#endif
