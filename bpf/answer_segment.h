/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A piece that the kernel would cut into segments later (GSO), of which the last is shorter than the others. Into a
 * tunnel with outer checksums it is cut here, since the kernel writes the same one into all segments. They are what the
 * kernel would make of it: FIN and PSH in the last one, CWR in the first (RFC 3168 6.1.2), the IPv4 identification
 * counts up.
 */
#ifndef SLUICE_BPF_ANSWER_SEGMENT_H
#define SLUICE_BPF_ANSWER_SEGMENT_H

#include "bpf/answer_fragment.h"

#define SEGMENT_HEADERS	    120	  /* bytes of both, at most */
#define SEGMENT_MARKED_MOST 65400 /* of a frame that came in a tunnel: Linux makes none longer */
#define TCP_FIN_PSH	    0x09
#define TCP_CWR		    0x80
#define TCP_SEQUENCE_AT	    4
#define TCP_FLAGS_AT	    13
#define UDP_LENGTH_AT	    4

/* What is in the headers. 0 or -1. */
static __always_inline int segment_headers(const struct packet *packet, struct datagram *datagram)
{
	__u64 l4 = datagram->ip_size;

	barrier_var(l4);
	if (l4 > IPV4_HEADER_MAX)
		return -1;
	datagram->id = bpf_ntohs(((__be16 *)datagram->byte)[2]);
	datagram->sequence = bpf_ntohl(*(__be32 *)(datagram->byte + l4 + TCP_SEQUENCE_AT));
	datagram->flags = datagram->byte[l4 + TCP_FLAGS_AT];
	return packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP ? 0 : -1;
}

/* Is the piece one to be cut, and has been read? */
static __always_inline int segment_read(struct ctx_buff *ctx, const struct packet *packet, struct datagram *datagram)
{
	__u32 header = packet->l4 - packet->l3 + packet->l4_header;
	__u64 length = packet->ip_length;

	if (header >= length || header > SEGMENT_HEADERS || !packet->segment || packet->segment > FRAGMENT_MOST)
		return -1;
	datagram->header_size = header;
	datagram->ip_size = packet->l4 - packet->l3;
	datagram->at = datagram->sent = datagram->tags = 0;
	datagram->data = length - header;
	datagram->most = packet->segment;
	if (datagram->data > datagram->most * SEGMENTS_MOST)
		return -1;
	length--; /* as in fragment_store() */
	barrier_var(length);
	if (length >= SEGMENT_MOST)
		return -1;
	barrier_var(length);
	if (bpf_skb_load_bytes(ctx, packet->l3, datagram->byte, length + 1))
		return -1;
	return segment_headers(packet, datagram);
}

/* The IP header of the next segment, which is so long. */
static __always_inline void segment_ip(struct datagram *datagram, const struct packet *packet, __u64 size, __u32 length)
{
	__u16 *word = (__u16 *)datagram->byte;
	__u32 number = datagram->at / datagram->most, first;

	if (packet->family == 4) {
		word[0] = bpf_htons((bpf_ntohs(word[0]) & 0xff00) | packet->traffic_class);
		word[1] = bpf_htons(length);
		word[2] = bpf_htons(datagram->id + number);
		word[4] = bpf_htons((__u32)(__u8)(packet->ttl - datagram->hops) << 8 | (bpf_ntohs(word[4]) & 0xff));
		word[5] = 0;
		word[5] = ~checksum_fold((__u32)bpf_csum_diff(NULL, 0, (__be32 *)datagram->byte, size, 0));
		return;
	}
	first = bpf_ntohl(*(__be32 *)word);
	*(__be32 *)word = bpf_htonl((first & 0xf00fffff) | (__u32)packet->traffic_class << 20);
	word[2] = bpf_htons(length - sizeof(struct ipv6hdr));
	datagram->byte[7] = packet->ttl - datagram->hops;
}

/* And its TCP or UDP header, but for the checksum. */
static __always_inline void segment_l4(struct datagram *datagram, const struct packet *packet, __u64 l4, __u32 length,
				       bool last)
{
	__u8 *header = datagram->byte + l4, flags = datagram->flags;

	if (packet->protocol == IPPROTO_UDP) {
		*(__be16 *)(header + UDP_LENGTH_AT) = bpf_htons(length);
		*(__u16 *)(header + UDP_CHECKSUM_AT) = 0;
		return;
	}
	if (!last)
		flags &= ~TCP_FIN_PSH;
	if (datagram->at)
		flags &= ~TCP_CWR;
	header[TCP_FLAGS_AT] = flags;
	*(__be32 *)(header + TCP_SEQUENCE_AT) = bpf_htonl(datagram->sequence + datagram->at);
	*(__u16 *)(header + TCP_CHECKSUM_AT) = 0;
}

/* Works out the checksum of the segment that is in the buffer at packet->l3. 0 or -1. */
static __always_inline int segment_checksum(struct ctx_buff *ctx, const struct packet *packet, __u32 ip_size)
{
	__u32 l4 = packet->l3 + ip_size, length = packet->ip_length - ip_size;
	__u64 sum = (__u64)bpf_htons(packet->protocol) + bpf_htons(length);
	int bytes = frame_sum(ctx, l4, length);
	__u16 check;

	if (bytes < 0)
		return -1;
	if (packet->family == 4)
		sum += (__u64)packet->src.word[3] + packet->dst.word[3];
	else
		sum += address_sum(&packet->src) + address_sum(&packet->dst);
	check = ~checksum_fold(sum + bytes);
	if (packet->protocol == IPPROTO_TCP)
		return bpf_skb_store_bytes(ctx, l4 + TCP_CHECKSUM_AT, &check, sizeof(check), 0) ? -1 : 0;
	if (!check) /* RFC 768 */
		check = 0xffff;
	return bpf_skb_store_bytes(ctx, l4 + UDP_CHECKSUM_AT, &check, sizeof(check), 0) ? -1 : 0;
}

/* Puts headers and data of the next segment where the IP header is in the buffer. 0 or -1. */
static __always_inline int segment_bytes(struct ctx_buff *ctx, struct packet *packet, struct datagram *datagram,
					 __u64 length, bool last)
{
	__u64 header = datagram->header_size, ip = datagram->ip_size, from = header + datagram->at;

	barrier_var(header);
	barrier_var(ip);
	if (header < sizeof(struct iphdr) || header > SEGMENT_HEADERS || ip < sizeof(struct iphdr) ||
	    ip > IPV4_HEADER_MAX)
		return -1;
	segment_ip(datagram, packet, ip, header + length);
	segment_l4(datagram, packet, ip, header - ip + length, last);
	packet->ip_length = header + length;
	packet->length = packet->l3 + packet->ip_length;
	if (answer_resize(ctx, packet->length))
		return -1;
	length--; /* as in fragment_store() */
	barrier_var(header);
	barrier_var(from);
	barrier_var(length);
	if (header < sizeof(struct iphdr) || header > SEGMENT_HEADERS || from > SEGMENT_MOST || length >= FRAGMENT_MOST)
		return -1;
	barrier_var(from); /* what is kept over the next call is what was compared */
	barrier_var(length);
	if (bpf_skb_store_bytes(ctx, packet->l3, datagram->byte, header, BPF_F_INVALIDATE_HASH))
		return -1;
	return bpf_skb_store_bytes(ctx, packet->l3 + header, datagram->byte + from, length + 1, 0) ? -1 : 0;
}

/* The next segment takes the place of the one before, or of what came. */
__noinline int segment_next(struct ctx_buff *ctx, struct packet *packet)
{
	struct datagram *datagram = datagram_memory();
	__u32 length;
	bool last;

	if (!packet || !datagram)
		return FRAGMENT_FAILED;
	length = datagram->data - datagram->at;
	last = length <= datagram->most;
	if (!last)
		length = datagram->most;
	for (int i = 0; i < VLAN_TAGS && i < datagram->tags; i++)
		if (bpf_skb_vlan_pop(ctx))
			return FRAGMENT_FAILED;
	if (segment_bytes(ctx, packet, datagram, length, last) || segment_checksum(ctx, packet, datagram->ip_size) ||
	    fragment_frame(ctx, packet, datagram) != NEXT)
		return FRAGMENT_FAILED;
	datagram->at += length;
	return last ? FRAGMENT_LAST : FRAGMENT_MADE;
}

/* All of them but the last, which is in the buffer then. 0 or -1. */
static __always_inline int segment_send(struct ctx_buff *ctx, struct packet *packet, const struct datagram *datagram)
{
	for (int i = 0; i < SEGMENTS_MOST; i++) {
		int made = segment_next(ctx, packet);

		if (made != FRAGMENT_MADE)
			return made == FRAGMENT_LAST ? 0 : -1;
		if (piece_send(ctx, datagram->egress.ifindex) < 0)
			return -1;
	}
	return -1;
}

/* Can the mark be taken off? Not of UDP, which the kernel doesn't allow, nor of what is too long for segment_unmark().
 */
static __always_inline bool segment_is_markless(const struct packet *packet)
{
	return !packet->tunnelled || (packet->protocol == IPPROTO_TCP && packet->length <= SEGMENT_MARKED_MOST);
}

/*
 * Makes the buffer, which has been read, one that is not to be cut any more: the kernel lets nobody shorten at its end
 * a piece that it has marked as a tunnel's, but a buffer that grows in front gives its segments less room for data, in
 * the end none. It is cut in front before: what is in front of the frame may never be longer than 64 KiB, or the
 * kernel's notes about the headers' places overflow. 0 or -1.
 */
static __always_inline int segment_unmark(struct ctx_buff *ctx, const struct packet *packet)
{
	enum { STEP = 4095, STEPS = 3, CUTS = 17, LEFT = sizeof(struct ethhdr) + CTX_HEADERS };

	if (!packet->tunnelled)
		return 0;
	for (int i = 0; i < CUTS && ctx->len > LEFT; i++) {
		__u32 less = ctx->len - LEFT;

		if (bpf_skb_adjust_room(ctx, -(__s32)(less > STEP ? STEP : less), BPF_ADJ_ROOM_MAC,
					BPF_F_ADJ_ROOM_FIXED_GSO))
			return -1;
	}
	for (int i = 0; i < STEPS && ctx->gso_size; i++) {
		__u32 size = ctx->gso_size;

		if (bpf_skb_adjust_room(ctx, size > STEP ? STEP : size, BPF_ADJ_ROOM_MAC, 0))
			return -1;
	}
	return ctx->gso_size ? -1 : 0;
}

/* One that cannot be cut here: the kernel does, and there are no outer checksums. NEXT or a reason. */
__noinline int segment_uncut(struct ctx_buff *ctx, struct packet *packet)
{
	struct datagram *datagram = datagram_memory();
	struct way way = {};

	if (!packet || !datagram)
		return DP_REASON_inconsistent;
	if (has_marks_in_the_way(packet))
		return DP_REASON_no_headroom;
	way.egress = &datagram->egress;
	way.next_hop = &datagram->hop;
	return answer_write(ctx, packet, &way, datagram->hops);
}

/* All of them but the last: encapsulated, or another reason. */
static __always_inline int segment_all(struct ctx_buff *ctx, struct packet *packet, struct datagram *datagram)
{
	__u32 length = packet->length;
	int failed;

	failed = segment_unmark(ctx, packet) || fragment_begin(ctx, packet, datagram);
	packet->segment = 0;
	failed = failed || segment_send(ctx, packet, datagram);
	packet->length = length;
	packet->sent = datagram->sent;
	return failed ? DP_REASON_no_headroom : DP_REASON_encapsulated;
}

/* A piece that is to be cut here: the hook's verdict. */
static __always_inline int answer_segmented(struct ctx_buff *ctx, struct packet *packet)
{
	struct datagram *datagram = datagram_memory();
	struct way nowhere = {};
	int reason;

	if (!datagram || fragment_way(ctx, packet))
		return finish(ctx, packet, &nowhere, DP_REASON_inconsistent);
	if (!segment_is_markless(packet) || segment_read(ctx, packet, datagram)) {
		reason = segment_uncut(ctx, packet);
		reason = reason == NEXT ? DP_REASON_encapsulated : reason;
	} else {
		reason = segment_all(ctx, packet, datagram);
	}
	if (reason != DP_REASON_encapsulated)
		return finish(ctx, packet, &nowhere, reason);
	count(packet, DP_REASON_encapsulated, datagram->egress.interface);
	observe_device(datagram->egress.ifindex);
	if (datagram->egress.resolve)
		return resolve(packet, datagram->egress.ifindex);
	return ctx_redirect(ctx, datagram->egress.ifindex);
}

#endif
