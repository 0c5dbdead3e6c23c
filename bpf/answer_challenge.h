/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The SYN-ACK with a wrong acknowledgement number (ddos.h), in the name of the host that the SYN was for. It has no
 * window and no options: nobody goes on with this connection. Its own number is the other half of the hash.
 */
#ifndef SLUICE_BPF_ANSWER_CHALLENGE_H
#define SLUICE_BPF_ANSWER_CHALLENGE_H

#include "bpf/answer_reset.h"
#include "bpf/ddos.h"

static __always_inline int challenge_make(struct ctx_buff *ctx, struct packet *packet, struct answer *answer,
					  __u32 header, __u32 number)
{
	__u32 length = header + TCP_HEADER;
	__be32 *word = (__be32 *)(answer->ip + header);

	answer_pad(answer, length);
	reset_turn(packet);
	if (header == sizeof(struct iphdr))
		answer_ipv4(answer, packet, length);
	else
		answer_ipv6(answer, packet, length);
	word[0] = bpf_htonl((__u32)packet->src_port << 16 | packet->dst_port);
	word[1] = ~number;
	word[2] = bpf_htonl(number);
	word[3] = bpf_htonl((TCP_HEADER / 4) << 28 | (TCP_SYN | TCP_ACK) << 16);
	word[4] = 0;
	*(__u16 *)(answer->ip + header + TCP_CHECKSUM_AT) =
		answer_checksum(answer, header, length, answer_pseudo(answer, header, length, IPPROTO_TCP));
	return answer_replace(ctx, packet, answer, length);
}

/* 0, or -1: there is none, and the frame is as it came or worth nothing. */
__noinline int answer_challenge(struct ctx_buff *ctx, struct packet *packet)
{
	struct answer *answer = answer_memory();
	struct segment segment = {};
	__u32 number;

	if (!packet || !answer || !error_is_due(packet) || !reset_segment(ctx, packet, &segment))
		return -1;
	number = ddos_number(packet, ddos_period());
	if (number == bpf_ntohl(segment.sequence) + 1) /* one in four billions would be right */
		return -1;
	if (packet->family == 4)
		return challenge_make(ctx, packet, answer, sizeof(struct iphdr), number);
	return challenge_make(ctx, packet, answer, sizeof(struct ipv6hdr), number);
}

#endif
