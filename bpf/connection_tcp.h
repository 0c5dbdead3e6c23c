/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP as a connection's entry follows it (RFC 9293). Windows are liberal: a segment need not lie in what its receiver
 * has offered, whose scale may not be known. Of each end the sequence number is noted that it will send next, in units
 * of 256 and only forwards, and resets are held against it: one that is there to the unit closes the connection (RFC
 * 5961 3.2 asks for the very number), one within 1 MiB may be right, where segments got lost, and lets the entry live
 * as long as one that is closing unless more comes; others do not belong. To close a connection blindly takes 5 million
 * tries.
 */
#ifndef SLUICE_BPF_CONNECTION_TCP_H
#define SLUICE_BPF_CONNECTION_TCP_H

#include "api/dp/connection.h"
#include "bpf/parse_l4.h"

enum { TCP_FLAG_FIN = 1, TCP_FLAG_SYN = 2, TCP_FLAG_RST = 4, TCP_FLAG_ACK = 16 };

#define SEQUENCE_SHIFT	8
#define SEQUENCE_MASK	0xffffff
#define SEQUENCE_NEAR	1	  /* in such units */
#define SEQUENCE_ANSWER 256	  /* an initiator may have sent as much before its first acknowledgement arrives */
#define SEQUENCE_WINDOW (1 << 12) /* 1 MiB */

/* Sequence numbers in units. */
struct segment {
	__u32 start;
	__u32 next; /* what its sender will send next; not 0 */
	__u32 acks;
	__u8 flags;
};

struct tcp_numbers {
	struct ports ports;
	__be32 sequence, acknowledgement;
	__u8 offset, flags;
	__be16 window;
};

/* False: its header is not there, or makes no sense. */
static __always_inline bool segment_read(struct ctx_buff *ctx, const struct packet *packet, struct segment *segment)
{
	const struct tcp_numbers *tcp = packet_at(ctx, packet->l4, 20);
	__u32 header, start, next;

	if (!tcp)
		return false;
	header = packet->l4 - packet->l3 + (tcp->offset >> 4) * 4U;
	if (header > packet->ip_length)
		return false;
	start = bpf_ntohl(tcp->sequence);
	next = start + packet->ip_length - header + !!(tcp->flags & TCP_FLAG_SYN) + !!(tcp->flags & TCP_FLAG_FIN);
	segment->start = start >> SEQUENCE_SHIFT;
	segment->next = next >> SEQUENCE_SHIFT;
	segment->next += !segment->next;
	segment->acks = bpf_ntohl(tcp->acknowledgement) >> SEQUENCE_SHIFT;
	segment->flags = tcp->flags;
	return true;
}

/* How far `a` is ahead of `b`. */
static __always_inline int sequence_ahead(__u32 a, __u32 b)
{
	return (int)((a - b) << (32 - 24)) >> (32 - 24);
}

static __always_inline bool sequence_between(__u32 a, __u32 b, int least, int most)
{
	int ahead = sequence_ahead(a, b);

	return ahead >= least && ahead <= most;
}

/* The sequence number that an end will send next, by a note. */
static __always_inline __u32 note_next(__u64 note, bool high)
{
	return (high ? note >> 40 : note >> 16) & SEQUENCE_MASK;
}

static __always_inline __u64 note_set_next(__u64 note, bool high, __u32 next)
{
	if (high)
		return (note & 0xffffffffff) | (__u64)next << 40;
	return (note & ~((__u64)SEQUENCE_MASK << 16)) | (__u64)next << 16;
}

/* Below: the state behind a segment of a connection in `state`, or DP_CONNECTION_EMPTY: it does not belong. `own` is
 * what its sender was to send next, `others` the same of who receives it. */

static __always_inline __u32 follow_reset(__u32 state, const struct segment *segment, bool reply, __u32 own,
					  __u32 others)
{
	if (state == DP_CONNECTION_SYN_SENT && reply) /* RFC 9293 3.5.3, 2: it must acknowledge the SYN */
		return segment->flags & TCP_FLAG_ACK &&
				       sequence_between(segment->acks, others, -SEQUENCE_NEAR, SEQUENCE_NEAR)
			       ? DP_CONNECTION_CLOSED
			       : DP_CONNECTION_EMPTY;
	if (own && sequence_between(segment->start, own, -SEQUENCE_NEAR, SEQUENCE_NEAR))
		return DP_CONNECTION_CLOSED;
	if (own && !sequence_between(segment->start, own, -SEQUENCE_WINDOW, SEQUENCE_WINDOW))
		return DP_CONNECTION_EMPTY;
	return state == DP_CONNECTION_ESTABLISHED ? DP_CONNECTION_RESET_SEEN : state;
}

static __always_inline __u32 follow_syn(__u32 state, const struct segment *segment, bool reply, __u32 others)
{
	bool acks = segment->flags & TCP_FLAG_ACK;

	switch (state) {
	case DP_CONNECTION_SYN_SENT:
		if (!acks)
			return reply ? DP_CONNECTION_SYN_SENT_BOTH : DP_CONNECTION_SYN_SENT;
		return reply && sequence_between(segment->acks, others, -SEQUENCE_ANSWER, SEQUENCE_NEAR)
			       ? DP_CONNECTION_SYN_RECEIVED
			       : DP_CONNECTION_EMPTY;
	case DP_CONNECTION_SYN_SENT_BOTH:
		if (!acks)
			return state;
		return reply ? DP_CONNECTION_SYN_RECEIVED : DP_CONNECTION_SYN_RECEIVED_BOTH;
	case DP_CONNECTION_SYN_RECEIVED:
		return acks && !reply ? DP_CONNECTION_ESTABLISHED : state;
	case DP_CONNECTION_SYN_RECEIVED_BOTH:
		return acks && reply ? DP_CONNECTION_ESTABLISHED : state;
	}
	return state; /* who receives it asks whether it is meant (RFC 5961 4.2) */
}

static __always_inline __u32 follow_fin(__u32 state, bool reply)
{
	switch (state) {
	case DP_CONNECTION_NEW:
	case DP_CONNECTION_SYN_RECEIVED:
	case DP_CONNECTION_SYN_RECEIVED_BOTH:
	case DP_CONNECTION_ESTABLISHED:
	case DP_CONNECTION_RESET_SEEN:
		return reply ? DP_CONNECTION_FIN_BY_RESPONDER : DP_CONNECTION_FIN_BY_INITIATOR;
	case DP_CONNECTION_FIN_BY_INITIATOR:
		return reply ? DP_CONNECTION_TIME_WAIT : state;
	case DP_CONNECTION_FIN_BY_RESPONDER:
		return reply ? state : DP_CONNECTION_TIME_WAIT;
	}
	return state;
}

static __always_inline __u32 follow_other(__u32 state, const struct segment *segment, bool reply, __u32 others)
{
	/* Who has not seen the other's SYN cannot acknowledge it. */
	bool acks = !others || sequence_between(segment->acks, others, -SEQUENCE_NEAR, SEQUENCE_ANSWER);

	switch (state) {
	case DP_CONNECTION_NEW:
		return reply ? DP_CONNECTION_ESTABLISHED : state;
	case DP_CONNECTION_SYN_SENT:
		return reply ? state : DP_CONNECTION_EMPTY;
	case DP_CONNECTION_SYN_SENT_BOTH:
		if (!acks)
			return state;
		return reply ? DP_CONNECTION_SYN_RECEIVED : DP_CONNECTION_SYN_RECEIVED_BOTH;
	case DP_CONNECTION_SYN_RECEIVED:
		return acks && !reply ? DP_CONNECTION_ESTABLISHED : state;
	case DP_CONNECTION_SYN_RECEIVED_BOTH:
		return acks && reply ? DP_CONNECTION_ESTABLISHED : state;
	case DP_CONNECTION_RESET_SEEN:
		return DP_CONNECTION_ESTABLISHED;
	}
	return state;
}

static __always_inline __u32 follow_tcp(__u32 state, const struct segment *segment, bool reply, __u32 own, __u32 others)
{
	if (segment->flags & TCP_FLAG_RST)
		return follow_reset(state, segment, reply, own, others);
	if (segment->flags & TCP_FLAG_SYN)
		return follow_syn(state, segment, reply, others);
	if (!(segment->flags & TCP_FLAG_ACK)) /* RFC 9293 3.10.7.4, fifth */
		return DP_CONNECTION_EMPTY;
	state = follow_other(state, segment, reply, others);
	if (segment->flags & TCP_FLAG_FIN && state &&
	    (!own || sequence_between(segment->next, own, -SEQUENCE_WINDOW, SEQUENCE_WINDOW)))
		return follow_fin(state, reply);
	return state;
}

/* What its sender will send next, behind the segment. Before a SYN is answered, SYNs say it, and nothing else does. */
static __always_inline __u32 follow_next(__u32 state, const struct segment *segment, __u32 own)
{
	if (segment->flags & TCP_FLAG_RST)
		return own;
	if (state == DP_CONNECTION_SYN_SENT)
		return segment->flags & TCP_FLAG_SYN ? segment->next : own;
	if (!own)
		return segment->next;
	return !(segment->flags & TCP_FLAG_SYN) && sequence_between(segment->next, own, 1, 4 * SEQUENCE_WINDOW)
		       ? segment->next
		       : own;
}

#endif
