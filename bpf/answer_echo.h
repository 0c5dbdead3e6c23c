/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Echo requests to the router (RFC 792, RFC 4443 4.2), and what else arrives for its own addresses. */
#ifndef SLUICE_BPF_ANSWER_ECHO_H
#define SLUICE_BPF_ANSWER_ECHO_H

#include "bpf/answer_link.h"
#include "bpf/answer_options.h"

/* The checksum of what a word of has become another (RFC 1624, equation 3). */
static __always_inline __u16 checksum_moved(__u16 checksum, __u16 from, __u16 to)
{
	return ~checksum_fold((__u64)(__u16)~checksum + (__u16)~from + to);
}

/* Turns the type of the request into that of its reply: NEXT, or it is no request. */
static __always_inline int echo_turn(struct ctx_buff *ctx, const struct packet *packet)
{
	__u8 request = packet->family == 4 ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST;
	__u8 reply = packet->family == 4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY;
	__be16 *word = packet_at(ctx, packet->l4, sizeof(struct icmp_header));

	if (!word || word[0] != bpf_htons(request << 8))
		return -2;
	word[1] = checksum_moved(word[1], word[0], bpf_htons(reply << 8));
	word[0] = bpf_htons(reply << 8);
	return NEXT;
}

/* The address that the reply comes from: what was asked, or one of this router's alone (RFC 4443 4.2). False: there is
 * none. */
static __always_inline bool echo_source(const struct packet *packet, struct dp_address *own)
{
	const struct dp_vrf_answer *vrf;

	*own = packet->dst;
	if (packet->group != DP_GROUP_ANYCAST)
		return true;
	vrf = vrf_answer_row(packet->bank, packet->vrf);
	return vrf && answer_source(packet, vrf, own);
}

/* The checksum over both addresses, one of which is another now. */
static __always_inline int echo_checksum(struct ctx_buff *ctx, const struct packet *packet,
					 const struct dp_address *own)
{
	__u16 *word = packet_at(ctx, packet->l4, sizeof(struct icmp_header));

	if (!word)
		return -2;
	word[1] = checksum_moved(word[1], checksum_fold(address_sum(&packet->dst)), checksum_fold(address_sum(own)));
	return NEXT;
}

/* From us to whom it came from; where they have only changed places, the checksums over both stay what they are. */
static __always_inline int echo_return(struct ctx_buff *ctx, struct packet *packet, const struct dp_address *own)
{
	if (packet->group == DP_GROUP_ANYCAST && echo_checksum(ctx, packet, own) != NEXT)
		return -2;
	packet->dst = packet->src;
	packet->src = *own;
	packet->ttl = ANSWER_TTL + ANSWER_HOPS;
	packet->hash = 0;
	if (packet->family == 4) {
		__u16 *word = packet_at(ctx, packet->l3, sizeof(struct iphdr));
		__be16 was;

		if (!word)
			return -2;
		was = word[4];
		word[4] = bpf_htons((__u32)packet->ttl << 8 | packet->protocol);
		word[5] = checksum_moved(word[5], was, word[4]);
		((__be32 *)word)[3] = packet->src.word[3];
		((__be32 *)word)[4] = packet->dst.word[3];
	} else {
		struct ipv6hdr *ip = packet_at(ctx, packet->l3, sizeof(*ip));

		if (!ip)
			return -2;
		ip->hop_limit = packet->ttl;
		address_write(&ip->saddr, &packet->src);
		address_write(&ip->daddr, &packet->dst);
	}
	return NEXT;
}

/* echo_answered: the frame is the reply; else what becomes of what came. */
__noinline int answer_local(struct ctx_buff *ctx, struct packet *packet)
{
	struct dp_address own;
	__u8 icmp;

	if (!packet)
		return DP_REASON_inconsistent;
	icmp = packet->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	/* Addresses of the link are the kernel's to know (admit). */
	if (packet->family == 6 && ipv6_is_link_local(&packet->dst) && !is_own_address(packet, &packet->dst))
		return to_kernel_or_not(packet, DP_REASON_local);
	if (packet->family == 6 && packet->l4 - packet->l3 > sizeof(struct ipv6hdr) &&
	    answer_options(ctx, packet) != NEXT)
		return DP_REASON_bad_option;
	if (packet->protocol == icmp && !packet->fragment && echo_source(packet, &own) &&
	    echo_turn(ctx, packet) == NEXT)
		return echo_return(ctx, packet, &own) == NEXT ? DP_REASON_echo_answered : DP_REASON_inconsistent;
	if (!packet_is_plain(packet))
		return DP_REASON_inner_local;
	if (packet->group == DP_GROUP_ANYCAST) /* the kernel has that address only while it forwards */
		return DP_REASON_no_socket;
	return to_kernel_or_not(packet, DP_REASON_local) == DP_REASON_local ? DP_REASON_local : DP_REASON_no_socket;
}

#endif
