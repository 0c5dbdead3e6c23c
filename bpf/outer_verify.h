/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The checksums of tunnel packets that came (RFC 768, RFC 8200 8.1, RFC 6935): over IPv6 all but zero, over IPv4 those
 * of endpoints that ask for it.
 *
 * Where the inner packet has a checksum of its own all that is verified which that does not cover: outer headers, VNI,
 * inner Ethernet header, inner IP header but for the addresses of IPv6. A byte that has changed on the way in what it
 * does cover is for the host to find, to which it goes on as it came. If
 * they do not fit, or there is no such checksum, the clsact program sums all of it up, unless the device has. There a
 * checksum may be left to a device to finish, too: then it says only the pseudo-header.
 */
#ifndef SLUICE_BPF_OUTER_VERIFY_H
#define SLUICE_BPF_OUTER_VERIFY_H

#include "bpf/outer_checksum.h"

/* The UDP datagram around the inner packet. */
struct outer_udp {
	__u32 at, length;
	__u16 pseudo; /* sum of its pseudo-header */
	__u16 check;  /* 0: there is nothing to verify */
};

/* Remembers it while packet->l4 and packet->limit are its own; `ipv4`: is it verified over IPv4? What the kernel cuts
 * later has been verified when it was put together, or never left the machine. */
static __always_inline void outer_begin(struct ctx_buff *ctx, struct packet *packet, struct outer_udp *outer, bool ipv4)
{
	const struct udphdr *udp = packet_at(ctx, packet->l4, sizeof(*udp));
	bool piece = CTX_SEGMENTS && packet->segment;
	__u64 sum;

	if (!udp || packet->protocol != IPPROTO_UDP || (packet->family == 4 && !ipv4 && !piece))
		return;
	outer->at = packet->l4;
	outer->length = packet->limit - packet->l4;
	sum = address_sum(&packet->src) + address_sum(&packet->dst);
	if (packet->family == 4)
		sum = (__u64)packet->src.word[3] + packet->dst.word[3];
	outer->pseudo = checksum_fold(sum + bpf_htons(IPPROTO_UDP) + bpf_htons(outer->length));
	if (piece)
		packet->seeded = udp->check == outer->pseudo;
	else
		outer->check = udp->check;
}

/* Do the headers fit the checksum, if the inner packet's own is right? */
static __always_inline bool outer_headers_fit(struct ctx_buff *ctx, const struct packet *packet,
					      const struct outer_udp *outer)
{
	bool has_frame = packet->l3 == outer->at + OUTER_HEADERS;
	__s64 headers = has_frame ? outer_sum(packet_at(ctx, outer->at, OUTER_HEADERS)) : 0;
	const __be16 *udp = packet_at(ctx, outer->at, sizeof(struct udphdr));
	__u64 sum = outer->pseudo;
	int inner;

	if (!udp || headers < 0 || (!has_frame && packet->l3 != outer->at + sizeof(struct udphdr)) ||
	    packet->l3 + packet->ip_length != outer->at + outer->length || !has_checksum(ctx, packet))
		return false;
	sum += (__u64)udp[0] + udp[1] + udp[2] + udp[3] + headers;
	inner = sum_by_checksum(ctx, packet, true);
	return inner >= 0 && checksum_fold(sum + inner) == 0xffff;
}

/* Of all bytes; one that cannot be summed up, as it is longer than 16,000 bytes, counts as right. */
__noinline int outer_bytes_fit(struct ctx_buff *ctx, __u32 at, __u32 length, __u32 pseudo)
{
	int bytes = frame_sum(ctx, at, length);

	return bytes < 0 || checksum_fold((__u64)pseudo + bytes) == 0xffff;
}

/* NEXT, or a reason to drop it. `is_ip`: the packet is about the inner datagram. */
static __always_inline int outer_verify(struct ctx_buff *ctx, const struct packet *packet,
					const struct outer_udp *outer, bool is_ip)
{
	if (is_ip && outer_headers_fit(ctx, packet, outer))
		return NEXT;
	if (!CTX_COMPLETE)
		return HAND_OVER;
	if (outer->check == outer->pseudo || ctx_verified(ctx))
		return NEXT;
	if (is_ip && (checksum_is_unfinished(ctx, packet) || sctp_is_unfinished(ctx, packet)))
		return NEXT;
	return outer_bytes_fit(ctx, outer->at, outer->length, outer->pseudo) ? NEXT : DP_REASON_bad_udp_checksum;
}

#endif
