/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an inner packet adds to the checksum of the UDP header that a tunnel puts in front of it (RFC 768, RFC
 * 8200 8.1).
 *
 * A datagram with a checksum of its own need not be read: TCP, UDP or ICMP behind the IP header add up to the
 * complement of their pseudo-header, and an IPv4 header to zero. That holds as well where the checksum is to be
 * finished later, and for each segment into which the datagram is cut later: all of one size have the same sum (what
 * Linux calls local checksum offload). All other datagrams are summed up, by the clsact program.
 *
 * A piece that came in a tunnel whose checksum was left to be finished stays marked so (SKB_GSO_UDP_TUNNEL_CSUM), and
 * nothing takes the mark off. The kernel works out the checksum of each of its segments, from the sum of the
 * pseudo-header of all of it, which has to be there then: also where the tunnel would have none.
 */
#ifndef SLUICE_BPF_OUTER_CHECKSUM_H
#define SLUICE_BPF_OUTER_CHECKSUM_H

#include "bpf/parse.h"

#define NO_SUM		-1  /* it cannot be worked out: the outer checksum is zero */
#define SUM_CHUNK	512 /* bytes that are summed up at once: bpf_csum_diff() takes no more */
#define SUM_PIECE	32
#define SUM_MOST	16384
#define SCTP_CHECKSUM	8 /* offset in its header */
#define UDP_CHECKSUM_AT 6

static __always_inline __u64 address_sum(const struct dp_address *address)
{
	return (__u64)address->word[0] + address->word[1] + address->word[2] + address->word[3];
}

/* Bytes behind IP and extension headers: of a segment, where it is to be cut. */
static __always_inline __u32 upper_length(const struct packet *packet)
{
	return packet_size(packet) - (packet->l4 - packet->l3);
}

/* The pseudo-header of the datagram, or of a segment. */
static __always_inline __u64 pseudo_sum(const struct packet *packet)
{
	__u64 sum = (__u64)bpf_htons(packet->protocol) + bpf_htons(upper_length(packet));

	if (packet->family == 4)
		return sum + packet->src.word[3] + packet->dst.word[3];
	return sum + address_sum(&packet->src) + address_sum(&packet->dst);
}

/* Does it have a checksum that covers all behind the IP header, which has no extension headers? */
static __always_inline bool has_checksum(struct ctx_buff *ctx, const struct packet *packet)
{
	const struct udphdr *udp;

	if (packet->fragment || packet->indirect & INDIRECT_HIDDEN)
		return false;
	if (packet->family == 6 && packet->l4 != packet->l3 + sizeof(struct ipv6hdr))
		return false;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return true;
	case IPPROTO_UDP:
		udp = packet_at(ctx, packet->l4, sizeof(*udp));
		return udp && udp->check && (packet->segment || udp->len == bpf_htons(upper_length(packet)));
	case IPPROTO_ICMP:
		return packet->family == 4;
	case IPPROTO_ICMPV6:
		return packet->family == 6;
	}
	return false;
}

/* The first 8 bytes of an IPv6 header as it leaves, but for the payload's length. */
static __always_inline __u64 ipv6_start_sum(const struct ipv6hdr *ip, const struct packet *packet)
{
	__be32 first = (*(const __be32 *)ip & bpf_htonl(0xf00fffff)) | bpf_htonl((__u32)packet->traffic_class << 20);

	return (__u64)first + bpf_htons((__u32)ip->nexthdr << 8 | (__u8)(packet->ttl - 1));
}

/* Is it to be cut into segments of which the last is shorter, and so has another sum? */
static __always_inline bool has_short_segment(const struct packet *packet)
{
	__u32 data = packet->ip_length - (packet->l4 - packet->l3) - packet->l4_header;

	return CTX_SEGMENTS && packet->segment && data % packet->segment;
}

/* The same as it came. */
static __always_inline __u64 ipv6_start_as_came(const struct ipv6hdr *ip)
{
	return (__u64)(*(const __be32 *)ip) + ((const __be16 *)ip)[3];
}

/* Of a datagram that has one: length and addresses of the IPv6 header are in the pseudo-header, too. */
static __always_inline int sum_by_checksum(struct ctx_buff *ctx, const struct packet *packet, bool as_came)
{
	const struct ipv6hdr *ip;
	__u64 start;

	if (packet->family == 4)
		return packet->protocol == IPPROTO_ICMP ? 0 : (__u16)~checksum_fold(pseudo_sum(packet));
	ip = packet_at(ctx, packet->l3, sizeof(*ip));
	if (!ip)
		return NO_SUM;
	start = as_came ? ipv6_start_as_came(ip) : ipv6_start_sum(ip, packet);
	return checksum_fold(start + (__u16)~bpf_htons(packet->protocol));
}

/* The sum of so many bytes of the frame; NO_SUM: they are not there, or too many. */
__noinline int frame_sum(struct ctx_buff *ctx, __u32 from, __u32 length)
{
	__u64 at = from, end = at + length;
	__s64 sum = 0;

	if (end > SUM_MOST || ctx_pull(ctx, end))
		return NO_SUM;
	for (int i = 0; i < SUM_MOST / SUM_CHUNK && end - at >= SUM_CHUNK; i++, at += SUM_CHUNK) {
		void *chunk = packet_at(ctx, at, SUM_CHUNK);

		if (!chunk)
			return NO_SUM;
		sum = bpf_csum_diff(NULL, 0, chunk, SUM_CHUNK, sum);
	}
	for (int i = 0; i < SUM_CHUNK / SUM_PIECE && end - at >= SUM_PIECE; i++, at += SUM_PIECE) {
		void *piece = packet_at(ctx, at, SUM_PIECE);

		if (!piece)
			return NO_SUM;
		sum = bpf_csum_diff(NULL, 0, piece, SUM_PIECE, sum);
	}
	sum &= 0xffffffff;
	for (int i = 0; i < SUM_PIECE / 2 && end - at >= 2; i++, at += 2) {
		const __be16 *word = packet_at(ctx, at, sizeof(*word));

		if (!word)
			return NO_SUM;
		sum += *word;
	}
	if (at < end) {
		const __u8 *last = packet_at(ctx, at, 1);

		if (!last)
			return NO_SUM;
		sum += bpf_htons(*last << 8);
	}
	return checksum_fold(sum);
}

/* Is it left to a device to put the checksum of SCTP there, which is no sum? */
static __always_inline bool sctp_is_unfinished(struct ctx_buff *ctx, const struct packet *packet)
{
	const __u32 *checksum = packet_at(ctx, packet->l4 + SCTP_CHECKSUM, sizeof(*checksum));

	return packet->protocol == IPPROTO_SCTP && !packet->fragment && (!checksum || !*checksum);
}

/* Is it left to a device to finish the checksum of TCP or UDP? Then only the pseudo-header is in it. */
static __always_inline bool checksum_is_unfinished(struct ctx_buff *ctx, const struct packet *packet)
{
	__u32 at = packet->l4 + (packet->protocol == IPPROTO_UDP ? UDP_CHECKSUM_AT : TCP_CHECKSUM_AT);
	const __u16 *checksum = packet_at(ctx, at, sizeof(*checksum));

	if (packet->fragment || (packet->protocol != IPPROTO_UDP && packet->protocol != IPPROTO_TCP))
		return false;
	return checksum && *checksum == checksum_fold(pseudo_sum(packet));
}

/* Of any datagram. */
static __always_inline int sum_by_bytes(struct ctx_buff *ctx, const struct packet *packet)
{
	__u32 behind = packet->family == 4 ? packet->l4 : packet->l3 + sizeof(struct ipv6hdr);
	__u32 end = packet->l3 + packet->ip_length;
	const struct ipv6hdr *ip;
	__u64 sum = 0;
	int bytes;

	if (packet->segment || sctp_is_unfinished(ctx, packet))
		return NO_SUM;
	if (packet->family == 6) {
		ip = packet_at(ctx, packet->l3, sizeof(*ip));
		if (!ip)
			return NO_SUM;
		sum = ipv6_start_sum(ip, packet) + ip->payload_len + address_sum(&packet->src) +
		      address_sum(&packet->dst);
	}
	if (checksum_is_unfinished(ctx, packet)) {
		sum += (__u16)~checksum_fold(pseudo_sum(packet));
		end = packet->l4;
	}
	bytes = frame_sum(ctx, behind, end - behind);
	return bytes < 0 ? NO_SUM : checksum_fold(sum + bytes);
}

/*
 * The sum (RFC 1071) of the datagram at l3 as it leaves, its TTL less by one, or of a segment of it; NO_SUM; HAND_OVER:
 * the next program sees to it.
 */
CTX_FUNCTION int inner_sum(struct ctx_buff *ctx, const struct packet *packet)
{
	if (!packet)
		return NO_SUM;
	if (has_checksum(ctx, packet))
		return has_short_segment(packet) ? HAND_OVER : sum_by_checksum(ctx, packet, false);
	return CTX_COMPLETE ? sum_by_bytes(ctx, packet) : HAND_OVER;
}

/* What is between the outer IP header and the inner one of kinds with frames, read as it was written: a processor waits
 * for other sizes. */
struct outer_headers {
	struct udphdr udp;
	__be32 tunnel[2];
	__be16 eth[sizeof(struct ethhdr) / 2];
};
#define OUTER_HEADERS (offsetof(struct outer_headers, eth) + sizeof(struct ethhdr)) /* without the struct's padding */

/* Of what is behind the UDP header; NO_SUM: not all is there. */
static __always_inline __s64 outer_sum(const struct outer_headers *outer)
{
	const __u32 *macs;

	if (!outer)
		return NO_SUM;
	macs = (const __u32 *)outer->eth;
	return (__s64)outer->tunnel[0] + outer->tunnel[1] + macs[0] + macs[1] + macs[2] + outer->eth[6];
}

/*
 * Puts the checksum into the UDP header at `at`, behind which the tunnel's headers are, if there is a frame in it:
 * `length` is that of the UDP datagram, or of one of those into which it is cut later, `sum` all that is not there.
 * NEXT or a reason.
 */
CTX_FUNCTION int outer_checksum(struct ctx_buff *ctx, __u32 at, __u32 length, __u32 sum, bool has_frame)
{
	__s64 headers = has_frame ? outer_sum(packet_at(ctx, at, OUTER_HEADERS)) : 0;
	struct udphdr *udp = packet_at(ctx, at, sizeof(*udp));
	__u64 total = sum;
	__u32 check;

	if (!udp || headers < 0)
		return ends(DP_REASON_no_headroom);
	/* The length is in it twice: in the header and in the pseudo-header. The destination port is in `sum`. */
	total += udp->source + 2 * (__u32)bpf_htons(length) + headers;
	check = (__u16)~checksum_fold(total);
	udp->check = check | (check - 1) >> 16; /* 0 says that there is none: it is sent as 0xffff (RFC 768) */
	return NEXT;
}

#endif
