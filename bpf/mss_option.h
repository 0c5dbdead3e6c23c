/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP's maximum segment size option (RFC 9293 3.7.1), which only segments with SYN carry. The clsact program alone
 * writes it: the kernel knows there whether the checksum is finished, and moves one that is (RFC 1624).
 *
 * packet->mtu of a SYN says for which MTU its MSS shall be good: the size of a datagram with the smallest headers
 * (RFC 6691 2). 0: the packet is no SYN, or its MSS is left alone.
 */
#ifndef SLUICE_BPF_MSS_OPTION_H
#define SLUICE_BPF_MSS_OPTION_H

#include <linux/ip.h>
#include <linux/ipv6.h>

#include "bpf/packet.h"

#define TCP_SYN		0x02
#define TCP_HEADER	20
#define TCP_OPTIONS	40 /* bytes, at most */
#define TCP_CHECKSUM_AT 16

enum { TCP_OPTION_END = 0, TCP_OPTION_NONE = 1, TCP_OPTION_MSS = 2, TCP_OPTION_MSS_SIZE = 4 };

static __always_inline __u32 mss_headers(const struct packet *packet)
{
	return TCP_HEADER + (packet->family == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

/* A SYN has been parsed: is its MSS looked at? HAND_OVER: the other program does that. */
static __always_inline int mss_begin(struct packet *packet)
{
	const struct dp_vrf *vrf = vrf_row(packet->bank, packet->vrf);
	__u32 mtu;

	if (!vrf || !vrf->mss_clamp || packet->fragment)
		return NEXT;
	if (!CTX_COMPLETE)
		return HAND_OVER;
	mtu = vrf->mss_clamp + mss_headers(packet);
	packet->mtu = mtu < 0xffff ? mtu : 0xffff;
	return NEXT;
}

/* Offset of what follows the option at `at`, which it is itself if it says the MSS; 0: it makes no sense, or is the
 * end. A function of its own, which the verifier checks but once. */
__noinline int mss_walk(struct ctx_buff *ctx, __u32 at)
{
	const __u8 *option = packet_at(ctx, at, TCP_OPTION_MSS_SIZE);

	if (!option || option[0] == TCP_OPTION_END)
		return 0;
	if (option[0] == TCP_OPTION_NONE)
		return at + 1;
	if (option[0] == TCP_OPTION_MSS)
		return option[1] == TCP_OPTION_MSS_SIZE ? at : 0;
	return option[1] < 2 ? 0 : at + option[1];
}

/* Offset of the option; 0: there is none, or what is in front of it makes no sense. */
static __always_inline __u32 mss_find(struct ctx_buff *ctx, const struct packet *packet)
{
	__u32 at = packet->l4 + TCP_HEADER, end = packet->l4 + packet->l4_header, next;

	for (int i = 0; i < TCP_OPTIONS && at && at + TCP_OPTION_MSS_SIZE <= end; i++) {
		next = mss_walk(ctx, at);
		if (next == at)
			return at;
		at = next;
	}
	return 0;
}

/* Lowers the MSS of the SYN to what packet->mtu has room for; the frame is as it leaves, but for a tunnel's headers. */
__noinline int mss_lower(struct ctx_buff *ctx, struct packet *packet)
{
	struct ctx_replace replace = {};
	const __be16 *word;
	__u32 at, headers;

	if (!packet)
		return 0;
	headers = mss_headers(packet);
	at = mss_find(ctx, packet);
	word = packet_at(ctx, at + 2, sizeof(*word));
	if (!at || !word || packet->mtu <= headers)
		return 0;
	replace.from = *word;
	replace.to = bpf_htons(packet->mtu - headers);
	if (bpf_ntohs(replace.from) <= bpf_ntohs(replace.to))
		return 0;
	replace.offset = at + 2;
	replace.l4 = packet->l4;
	replace.checksum = packet->l4 + TCP_CHECKSUM_AT;
	return ctx_replace(ctx, &replace);
}

#endif
