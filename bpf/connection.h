/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections, for the stage that lets packets pass by rules. It finds the packet's flow (flow_indirect.h), and then
 *
 *   connection_track    finds the flow's connection, which follows the packet's part in it
 *   connection_open     makes one of a packet that was let in by a stateful rule, and is of none
 *   connection_relabel  it goes on by another rule, or the same under other rules
 *   connection_end      it does not go on
 *
 * A connection is found in both directions, from either end, for the flow that an ICMP error is about as well. Such an
 * error changes nothing of it.
 */
#ifndef SLUICE_BPF_CONNECTION_H
#define SLUICE_BPF_CONNECTION_H

#include "bpf/connection_room.h"
#include "bpf/connection_tcp.h"
#include "bpf/icmp.h"

#define CONNECTION_TRIES 3 /* where other CPUs change the same entry */

/* Offset of the ICMP header in what an ICMP error quotes; 0: it is not there. */
static __always_inline __u32 quoted_icmp(struct ctx_buff *ctx, const struct packet *packet)
{
	__u32 offset = packet->l4 + ICMP_ERROR_SIZE;
	const __u8 *ip = packet_at(ctx, offset, sizeof(struct iphdr));

	if (!ip)
		return 0;
	if (packet->family == 4)
		return offset + (ip[0] & 15) * 4U;
	return ip[offsetof(struct ipv6hdr, nexthdr)] == IPPROTO_ICMPV6 ? offset + sizeof(struct ipv6hdr) : 0;
}

/* The key's ports of ICMP: who asks for an echo has the identifier. Fragments have none: those of one pair of hosts are
 * one connection. */
static __always_inline void echo_ports(struct ctx_buff *ctx, const struct packet *packet, const struct flow *flow,
				       struct tracked *tracked)
{
	__u32 offset = flow->quoted ? quoted_icmp(ctx, packet) : packet->l4;
	const struct icmp_header *icmp;
	__u16 identifier;

	if (packet->fragment || !offset || offset + sizeof(*icmp) > packet->l3 + packet->ip_length)
		return;
	icmp = packet_at(ctx, offset, sizeof(*icmp));
	if (!icmp)
		return;
	identifier = bpf_ntohs((__u16)icmp->rest); /* the first two bytes, RFC 792 */
	if (icmp->type == (flow->family == 4 ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST)) {
		tracked->src_port = flow->quoted ? 0 : identifier;
		tracked->dst_port = flow->quoted ? identifier : 0;
	} else if (icmp->type == (flow->family == 4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY)) {
		tracked->src_port = flow->quoted ? identifier : 0;
		tracked->dst_port = flow->quoted ? 0 : identifier;
	}
}

static __always_inline void tracked_begin(struct ctx_buff *ctx, const struct packet *packet, const struct flow *flow,
					  struct tracked *tracked)
{
	*tracked = (struct tracked){.place = CONNECTION_NOWHERE, .state = CONNECTION_INVALID};
	if (protocol_is_icmp(flow->protocol)) {
		echo_ports(ctx, packet, flow, tracked);
		return;
	}
	tracked->src_port = flow->src_port;
	tracked->dst_port = flow->dst_port;
}

/* The packet neither belongs to a connection nor can begin one. */
static __always_inline void tracked_invalid(struct tracked *tracked)
{
	tracked->found = 0;
	tracked->place = CONNECTION_NOWHERE;
	tracked->state = CONNECTION_INVALID;
}

/* In which state a connection begins that this packet is the first of; EMPTY: it can't be. */
static __always_inline __u32 state_to_begin(const struct packet *packet, const struct flow *flow,
					    const struct dp_conntrack *how, const struct segment *segment)
{
	__u8 type = packet->icmp_type;

	if (flow->protocol == IPPROTO_TCP) {
		if (!segment)
			return how->pickup ? DP_CONNECTION_NEW : DP_CONNECTION_EMPTY;
		if (segment->flags & TCP_FLAG_RST)
			return DP_CONNECTION_EMPTY;
		if (segment->flags & TCP_FLAG_SYN)
			return segment->flags & (TCP_FLAG_ACK | TCP_FLAG_FIN) ? DP_CONNECTION_EMPTY
									      : DP_CONNECTION_SYN_SENT;
		return how->pickup && segment->flags & TCP_FLAG_ACK ? DP_CONNECTION_NEW : DP_CONNECTION_EMPTY;
	}
	if (!protocol_is_icmp(flow->protocol) || packet->fragment)
		return DP_CONNECTION_NEW;
	if (type == (flow->family == 4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY) || icmp_is_error(flow->protocol, type))
		return DP_CONNECTION_EMPTY;
	return DP_CONNECTION_NEW;
}

static __always_inline void tracked_new(const struct packet *packet, const struct flow *flow, struct tracked *tracked,
					const struct dp_conntrack *how, const struct segment *segment)
{
	tracked->begins = state_to_begin(packet, flow, how, segment);
	tracked->state = tracked->begins ? CONNECTION_NEW : CONNECTION_INVALID;
	tracked->note = note_set_next(0, tracked->high, segment ? segment->next : 0);
	if (!tracked->begins)
		tracked->place = CONNECTION_NOWHERE;
}

/* Notes when the packet came and to what state it has led, and a note that it has changed. What another packet has done
 * meanwhile stays. */
__noinline int connection_advance(struct tracked *tracked, __u32 family, __u32 state, __u64 note)
{
	__u64 all_but_time = ~((__u64)DP_CONNECTION_TIME << 40), life;
	struct dp_connection *connection;
	__u32 now = connection_now();

	if (!tracked)
		return 0;
	connection = connection_at(family, tracked->place);
	life = tracked->life;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		__u64 next = dp_connection_life(now, state, dp_connection_flags(life), life);

		if (next == life || life_change(connection, life, next)) {
			tracked->life = next;
			break;
		}
		next = life_of(connection);
		if ((next ^ life) & all_but_time)
			return 0;
		life = next;
	}
	if (!explains && note != tracked->note)
		__sync_val_compare_and_swap(&connection->note, tracked->note, note);
	return 0;
}

static __always_inline __u64 note_behind(__u64 note, bool high, __u32 state, const struct segment *segment)
{
	return note_set_next(note, high, follow_next(state, segment, note_next(note, high)));
}

/* The connection, which is alive, follows the packet. */
static __always_inline void connection_follow(const struct flow *flow, struct tracked *tracked,
					      const struct segment *segment)
{
	__u32 state = dp_connection_state(tracked->life), next_state = state;
	bool high = tracked->high;
	__u64 note = tracked->note;

	tracked->found = 1;
	tracked->reply = high != (dp_connection_flags(tracked->life) & DP_CONNECTION_BY_HIGH);
	tracked->pinned = !!(dp_connection_flags(tracked->life) & DP_CONNECTION_PINNED);
	tracked->epoch = tracked->life;
	tracked->rule = note & 0xffff;
	if (flow->quoted) {
		tracked->state = CONNECTION_RELATED;
		return;
	}
	if (segment) {
		next_state = follow_tcp(state, segment, tracked->reply, note_next(note, high), note_next(note, !high));
		note = note_behind(note, high, state, segment);
	} else if (state == DP_CONNECTION_NEW && tracked->reply) {
		next_state = DP_CONNECTION_ESTABLISHED;
	}
	if (!next_state) {
		tracked_invalid(tracked);
		return;
	}
	if (next_state != state || note != tracked->note || dp_connection_age(tracked->life, connection_now()))
		connection_advance(tracked, flow->family, next_state, note);
	tracked->state = tracked->reply || (next_state != DP_CONNECTION_NEW && next_state != DP_CONNECTION_SYN_SENT)
				 ? CONNECTION_ESTABLISHED
				 : CONNECTION_NEW;
}

/* Is the connection that was found forgotten, or over and begun anew by the segment? */
static __always_inline bool connection_begins_anew(const struct tracked *tracked, const struct flow *flow,
						   const struct dp_conntrack *how, const struct segment *segment)
{
	__u32 state = dp_connection_state(tracked->life);

	if (dp_connection_age(tracked->life, connection_now()) > dp_connection_timeout(how, state, flow->protocol))
		return true;
	return segment && dp_connection_over(state) &&
	       (segment->flags & (TCP_FLAG_SYN | TCP_FLAG_ACK | TCP_FLAG_RST)) == TCP_FLAG_SYN;
}

__noinline int connection_find(struct packet *packet, struct flow *flow, struct tracked *tracked)
{
	if (!packet || !flow || !tracked)
		return ends(DP_REASON_inconsistent);
	tracked->high = source_is_high(flow, tracked);
	if (flow->family == 4)
		find4(flow, tracked, packet->vrf);
	else
		find6(flow, tracked, packet->vrf);
	return NEXT;
}

/* Fills in *tracked. NEXT, or a reason to drop the packet. */
__noinline int connection_track(struct ctx_buff *ctx, struct packet *packet, struct flow *flow, struct tracked *tracked)
{
	const struct dp_conntrack *how;
	struct segment segment = {};
	bool tcp;

	if (!packet || !flow || !tracked)
		return ends(DP_REASON_inconsistent);
	how = conntrack_row(packet->bank, packet->vrf);
	if (!how)
		return ends(DP_REASON_inconsistent);
	tracked_begin(ctx, packet, flow, tracked);
	if ((flow->known & (FLOW_PROTOCOL | FLOW_PORTS)) != (FLOW_PROTOCOL | FLOW_PORTS)) {
		if (flow->protocol != IPPROTO_TCP && !flow->quoted)
			tracked->state = CONNECTION_NEW; /* which nobody can follow */
		return NEXT;
	}
	tcp = flow->protocol == IPPROTO_TCP && packet->fragment != FRAGMENT_LATER && !flow->quoted;
	if (tcp && !segment_read(ctx, packet, &segment))
		return NEXT;
	connection_find(packet, flow, tracked);
	if (tracked->place == CONNECTION_NOWHERE || connection_begins_anew(tracked, flow, how, tcp ? &segment : NULL)) {
		if (flow->quoted)
			tracked_invalid(tracked);
		else
			tracked_new(packet, flow, tracked, how, tcp ? &segment : NULL);
	} else {
		connection_follow(flow, tracked, tcp ? &segment : NULL);
	}
	return NEXT;
}

/* The entry whose life this packet has seen has that life still, but for the time: its life. 0: it does not. */
static __always_inline __u64 life_still(const struct dp_connection *connection, const struct tracked *tracked)
{
	__u64 life = life_of(connection);
	__u64 same = 0xffffffffULL | 15ULL << 32; /* epoch and flags: who changes the state judges nothing */

	return life_is_there(life) && !((life ^ tracked->life) & same) ? life : 0;
}

__noinline int connection_relabel(struct packet *packet, struct tracked *tracked)
{
	struct dp_connection *connection;
	__u64 note, flags;

	if (!packet || !tracked || tracked->place == CONNECTION_NOWHERE)
		return 0;
	connection = connection_at(packet->family, tracked->place);
	flags = (dp_connection_flags(tracked->life) & DP_CONNECTION_BY_HIGH) |
		(tracked->pinned ? DP_CONNECTION_PINNED : 0);
#pragma unroll
	for (int i = 0; i < CONNECTION_TRIES; i++) { /* the rule first: an epoch is never that of an older rule */
		note = note_of(connection);
		if (explains || __sync_val_compare_and_swap(&connection->note, note,
							    (note & ~0xffffULL) | (__u16)tracked->rule) == note)
			break;
	}
#pragma unroll
	for (int i = 0; i < CONNECTION_TRIES; i++) {
		__u64 life = life_still(connection, tracked);
		__u64 next = (life & ~(15ULL << 32 | 0xffffffffULL)) | flags << 32 | tracked->epoch;

		if (!life)
			break;
		if (life_change(connection, life, next)) {
			tracked->life = next;
			break;
		}
	}
	return 0;
}

__noinline int connection_end(struct packet *packet, struct tracked *tracked)
{
	struct dp_connection *connection;

	if (!packet || !tracked || tracked->place == CONNECTION_NOWHERE)
		return 0;
	connection = connection_at(packet->family, tracked->place);
#pragma unroll
	for (int i = 0; i < CONNECTION_TRIES; i++) {
		__u64 life = life_still(connection, tracked);

		if (!life || life_change(connection, life, 0))
			break;
	}
	tracked->found = 0;
	tracked->place = CONNECTION_NOWHERE;
	return 0;
}

/* The entry at the place, if it could be taken; NULL: another packet was first. */
static __always_inline struct dp_connection *insert_take(struct dp_connection *connection,
							 const struct tracked *tracked, __u32 place, __u32 now)
{
	if (place != tracked->place)
		return room_take(connection, now) ? connection : NULL;
	/* Its own one, which is over. */
	return life_change(connection, tracked->life, dp_connection_life(now, DP_CONNECTION_BUSY, 0, 0)) ? connection
													 : NULL;
}

static __always_inline struct dp_connection *insert4(const struct flow *flow, const struct tracked *tracked, __u16 vrf,
						     __u32 place, __u32 now)
{
	struct dp_connection4 *entry = connection4_at(place);

	if (!insert_take(&entry->connection, tracked, place, now))
		return NULL;
	if (explains)
		return &entry->connection;
	entry->ends = connection_ends4(flow, tracked);
	entry->connection.rest = connection_rest(flow, tracked, vrf);
	return &entry->connection;
}

static __always_inline struct dp_connection *insert6(const struct flow *flow, const struct tracked *tracked, __u16 vrf,
						     __u32 place, __u32 now)
{
	struct dp_connection6 *entry = connection6_at(place);
	struct key6 key;

	if (!insert_take(&entry->connection, tracked, place, now))
		return NULL;
	if (explains)
		return &entry->connection;
	key6_of(&key, flow, tracked, vrf);
	entry->low[0] = key.low->half[0];
	entry->low[1] = key.low->half[1];
	entry->high[0] = key.high->half[0];
	entry->high[1] = key.high->half[1];
	entry->connection.rest = key.rest;
	return &entry->connection;
}

/* One try, at tracked->place or at `place`. 1: the connection is there; 0: another packet was first. */
__noinline int connection_insert(struct packet *packet, struct flow *flow, struct tracked *tracked, __u32 place)
{
	__u32 now = connection_now(), flags;
	struct dp_connection *connection;

	if (!packet || !flow || !tracked)
		return 0;
	connection = flow->family == 4 ? insert4(flow, tracked, packet->vrf, place, now)
				       : insert6(flow, tracked, packet->vrf, place, now);
	tracked->place = CONNECTION_NOWHERE;
	if (!connection)
		return 0;
	flags = (tracked->high ? DP_CONNECTION_BY_HIGH : 0) | (tracked->pinned ? DP_CONNECTION_PINNED : 0);
	tracked->note = (tracked->note & ~0xffffULL) | (__u16)tracked->rule;
	tracked->life = dp_connection_life(now, tracked->begins, flags, tracked->epoch);
	tracked->place = place;
	if (explains)
		return 1;
	connection->note = tracked->note;
	__sync_lock_test_and_set(&connection->life, tracked->life);
	return 1;
}

/* Makes the connection that the packet begins, with rule, epoch and pinned of *tracked; it need not begin one. NEXT, or
 * a reason to drop the packet. */
__noinline int connection_open(struct packet *packet, struct flow *flow, struct tracked *tracked)
{
	const struct dp_conntrack *how;

	if (!packet || !flow || !tracked)
		return ends(DP_REASON_inconsistent);
	if (!tracked->begins || tracked->found)
		return NEXT;
	for (int i = 0; i < CONNECTION_TRIES; i++) {
		__u32 place = tracked->place;

		if (place == CONNECTION_NOWHERE)
			place = room_choose(flow->family, tracked->hash, connection_now());
		if (place == CONNECTION_NOWHERE)
			break;
		tracked->found = connection_insert(packet, flow, tracked, place);
		if (tracked->found)
			return NEXT;
		connection_find(packet, flow, tracked); /* who was first may have made this very connection */
		tracked->found = tracked->place != CONNECTION_NOWHERE;
		if (tracked->found)
			return NEXT;
	}
	how = conntrack_row(packet->bank, packet->vrf);
	return how && how->pass_untracked ? NEXT : ends(DP_REASON_connection_table_full);
}

#endif
