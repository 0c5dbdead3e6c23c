/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The reset that tells the sender of a TCP segment that it is rejected, as the host that it is for would say it
 * (RFC 9293 3.5.2): in that host's name, and within the limits of ICMP errors. None about a reset.
 */
#ifndef SLUICE_BPF_ANSWER_RESET_H
#define SLUICE_BPF_ANSWER_RESET_H

#include "bpf/answer_error.h"

enum { TCP_FIN = 1, TCP_RST = 4, TCP_ACK = 16 };

/* The segment, whose header is whole; its numbers are in network order. */
struct segment {
	__be32 sequence, acknowledged;
	__u32 length; /* as the numbers count (RFC 9293 3.4) */
	__u8 flags;
};

/* Does it have a header by which it can be reset? Of a fragment the length is not known. */
static __always_inline bool reset_is_possible(const struct packet *packet)
{
	return packet->protocol == IPPROTO_TCP && !packet->fragment && !(packet->indirect & INDIRECT_HIDDEN);
}

static __always_inline bool reset_segment(struct ctx_buff *ctx, const struct packet *packet, struct segment *segment)
{
	const struct tcp *tcp = packet_at(ctx, packet->l4, sizeof(*tcp));
	const __be32 *word = (const __be32 *)tcp;
	__u32 end = packet->l3 + packet->ip_length, data;

	if (!tcp)
		return false;
	data = packet->l4 + (tcp->offset >> 4) * 4U;
	if (data < packet->l4 + sizeof(*tcp) || data > end)
		return false;
	segment->sequence = word[1];
	segment->acknowledged = word[2];
	segment->flags = tcp->flags;
	segment->length = end - data + !!(tcp->flags & TCP_SYN) + !!(tcp->flags & TCP_FIN);
	return !(tcp->flags & TCP_RST);
}

/* The header of the reset, behind an IP header of `at` bytes; its checksum is not in it yet. */
static __always_inline void reset_write(struct answer *answer, __u32 at, const struct packet *packet,
					const struct segment *segment)
{
	__be32 *word = (__be32 *)(answer->ip + at);
	bool acknowledges = segment->flags & TCP_ACK;
	__u32 flags = acknowledges ? TCP_RST : TCP_RST | TCP_ACK;

	word[0] = bpf_htonl((__u32)packet->src_port << 16 | packet->dst_port);
	word[1] = acknowledges ? segment->acknowledged : 0;
	word[2] = acknowledges ? 0 : bpf_htonl(bpf_ntohl(segment->sequence) + segment->length);
	word[3] = bpf_htonl((TCP_HEADER / 4) << 28 | flags << 16);
	word[4] = 0;
}

/* struct packet is about the reset from now on: from whom the segment was for, to who sent it. */
static __always_inline void reset_turn(struct packet *packet)
{
	struct dp_address from = packet->dst;
	__u16 port = packet->dst_port;

	packet->dst = packet->src;
	packet->src = from;
	packet->dst_port = packet->src_port;
	packet->src_port = port;
	packet->traffic_class = 0;
	packet->ttl = ANSWER_TTL + ANSWER_HOPS;
}

static __always_inline int reset_make(struct ctx_buff *ctx, struct packet *packet, struct answer *answer,
				      const struct segment *segment, __u32 header)
{
	__u32 length = header + TCP_HEADER;

	answer_pad(answer, length);
	reset_turn(packet);
	if (header == sizeof(struct iphdr))
		answer_ipv4(answer, packet, length);
	else
		answer_ipv6(answer, packet, length);
	reset_write(answer, header, packet, segment);
	*(__u16 *)(answer->ip + header + TCP_CHECKSUM_AT) =
		answer_checksum(answer, header, length, answer_pseudo(answer, header, length, IPPROTO_TCP));
	return answer_replace(ctx, packet, answer, length);
}

/* Makes a reset of the segment: 0, or -1: there is none, and the frame is as it came or worth nothing. */
__noinline int answer_reset(struct ctx_buff *ctx, struct packet *packet)
{
	struct answer *answer = answer_memory();
	const struct dp_vrf_answer *vrf;
	struct segment segment = {};

	if (!packet || !answer)
		return -1;
	vrf = vrf_answer_row(packet->bank, packet->vrf);
	if (!vrf || !error_is_due(packet) || !reset_segment(ctx, packet, &segment) || !error_is_allowed(packet, vrf))
		return -1;
	if (packet->family == 4)
		return reset_make(ctx, packet, answer, &segment, sizeof(struct iphdr));
	return reset_make(ctx, packet, answer, &segment, sizeof(struct ipv6hdr));
}

/* What tells the sender why the packet went no further: 0, or -1 as above. */
static __always_inline int answer_refusal(struct ctx_buff *ctx, struct packet *packet, int reason)
{
	bool is_reset =
		reason == DP_REASON_rejected || reason == DP_REASON_no_listener || reason == DP_REASON_member_down;

	if (is_reset && reset_is_possible(packet))
		return answer_reset(ctx, packet);
	return answer_error(ctx, packet, reason);
}

#endif
