/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IPv4 without DF that is too large for its way is cut into fragments (RFC 791 3.2, RFC 1812 4.2.2.7), as the kernel
 * would cut it: all but the last as large as the way allows; options that are not to be copied are NOPs in all but the
 * first; fragments keep the offset and MF of what they are cut from.
 */
#ifndef SLUICE_BPF_ANSWER_FRAGMENT_H
#define SLUICE_BPF_ANSWER_FRAGMENT_H

#include "bpf/answer_datagram.h"

/* Is the datagram one to be cut, and has been read? */
static __always_inline int fragment_read(struct ctx_buff *ctx, const struct packet *packet, struct datagram *datagram)
{
	const struct iphdr *ip = packet_at(ctx, packet->l3, sizeof(*ip));
	__u64 length = packet->ip_length;
	__u32 header, offset;

	if (!ip)
		return -1;
	offset = bpf_ntohs(ip->frag_off);
	header = ip->ihl * 4U;
	if (length <= header || length > DATAGRAM_MOST)
		return -1;
	datagram->header_size = header;
	datagram->ip_size = 0;
	datagram->offset = offset & IPV4_FRAGMENT_MASK;
	datagram->at = datagram->sent = datagram->tags = 0;
	datagram->data = length - header;
	datagram->most = (packet->mtu - header < FRAGMENT_MOST ? packet->mtu - header : FRAGMENT_MOST) & ~7U;
	if (datagram->data > datagram->most * FRAGMENTS_MOST)
		return -1;
	length--; /* as in fragment_store() */
	barrier_var(length);
	if (length >= DATAGRAM_MOST)
		return -1;
	barrier_var(length);
	return bpf_skb_load_bytes(ctx, packet->l3, datagram->byte, length + 1) ? -1 : 0;
}

/* The Internet checksum's sum of the datagram from `from` on. */
static __always_inline __u32 datagram_sum(const struct datagram *datagram, __u32 from, __u32 length)
{
	__s64 sum = 0;

	for (__u32 i = 0; i < DATAGRAM_MOST / DATAGRAM_CHUNK; i++) {
		__u64 at = from + i * DATAGRAM_CHUNK;

		barrier_var(at);
		if (at >= length || at > DATAGRAM_MOST)
			break;
		sum = bpf_csum_diff(NULL, 0, (__be32 *)(datagram->byte + at), DATAGRAM_CHUNK, sum);
	}
	return sum;
}

static __always_inline void datagram_pad(struct datagram *datagram, __u64 length)
{
	barrier_var(length);
	if (length > DATAGRAM_MOST)
		return;
	for (int i = 0; i < DATAGRAM_CHUNK / 8; i++)
		*(__u64 *)(datagram->byte + length + i * 8) = 0;
}

/*
 * A checksum that the device was to finish: it says the sum of the pseudo-header only, and the buffer may not be cut
 * off before its field. The same as the kernel's skb_checksum_help() before it cuts fragments.
 */
__noinline int fragment_checksum(struct ctx_buff *ctx, const struct packet *packet)
{
	struct datagram *datagram = datagram_memory();
	__u32 length, pseudo;
	__u64 field, l4;
	__u16 *check;

	if (!packet || !datagram)
		return -1;
	if (packet->fragment || (packet->protocol != IPPROTO_UDP && packet->protocol != IPPROTO_TCP))
		return 0;
	if (!bpf_skb_change_tail(ctx, packet->l4 + sizeof(struct udphdr) - 1, 0))
		return 0;
	l4 = datagram->header_size;
	length = l4 + datagram->data;
	field = l4 + (packet->protocol == IPPROTO_UDP ? 6 : 16);
	barrier_var(field);
	if (field > IPV4_HEADER_MAX + 16)
		return -1;
	check = (__u16 *)(datagram->byte + field);
	pseudo = packet->src.word[3] & 0xffff;
	pseudo += packet->src.word[3] >> 16;
	pseudo += (packet->dst.word[3] & 0xffff) + (packet->dst.word[3] >> 16);
	pseudo += bpf_htons(packet->protocol) + bpf_htons(datagram->data);
	if (checksum_fold(pseudo) != *check)
		return 0;
	datagram_pad(datagram, length);
	*check = ~checksum_fold(datagram_sum(datagram, l4, length));
	if (!*check && packet->protocol == IPPROTO_UDP) /* RFC 768 */
		*check = 0xffff;
	return 0;
}

/* RFC 791 3.1: options without the copied flag are in the first fragment only. */
__noinline int fragment_options(void)
{
	struct datagram *datagram = datagram_memory();
	__u32 left = 0, end;
	bool erase = false;

	if (!datagram)
		return -1;
	end = datagram->header_size;
	for (__u32 i = sizeof(struct iphdr); i < IPV4_HEADER_MAX && i < end; i++) {
		__u8 *option = datagram->byte + i;

		if (!left) {
			if (option[0] == IPV4_OPTION_END)
				break;
			if (option[0] == IPV4_OPTION_NONE)
				continue;
			left = option[1];
			erase = !(option[0] & IPV4_OPTION_COPIED);
			if (left < 2 || i + left > end)
				break;
		}
		left--;
		if (erase)
			option[0] = IPV4_OPTION_NONE;
	}
	return 0;
}

/* The header of the fragment of so many bytes. */
static __always_inline void fragment_header(struct datagram *datagram, const struct packet *packet, __u64 size,
					    __u32 length, bool last)
{
	__u16 *word = (__u16 *)datagram->byte;
	__u32 offset = datagram->offset + datagram->at / 8; /* carries no bit into MF: all of it ends before 64 KiB */

	word[0] = bpf_htons((bpf_ntohs(word[0]) & 0xff00) | packet->traffic_class);
	word[1] = bpf_htons(size + length);
	word[3] = bpf_htons(last ? offset : offset | IPV4_MORE);
	word[4] = bpf_htons((__u32)(__u8)(packet->ttl - datagram->hops) << 8 | (bpf_ntohs(word[4]) & 0xff));
	word[5] = 0;
	word[5] = ~checksum_fold((__u32)bpf_csum_diff(NULL, 0, (__be32 *)datagram->byte, size, 0));
}

/* Puts the next fragment where the IP header is in the buffer. 0 or -1. */
static __always_inline int fragment_store(struct ctx_buff *ctx, struct packet *packet, struct datagram *datagram,
					  bool *last)
{
	__u64 header = datagram->header_size, length = datagram->data - datagram->at, from = header + datagram->at,
	      size;

	*last = length <= datagram->most;
	if (!*last)
		length = datagram->most;
	fragment_header(datagram, packet, header, length, *last);
	packet->ip_length = header + length;
	packet->length = packet->l3 + packet->ip_length;
	if (answer_resize(ctx, packet->length))
		return -1;
	length--; /* 6.1's verifier learns nothing from a comparison with 0 */
	barrier_var(header);
	barrier_var(from);
	barrier_var(length);
	if (header < sizeof(struct iphdr) || header > IPV4_HEADER_MAX || from > DATAGRAM_MOST ||
	    length >= FRAGMENT_MOST)
		return -1;
	barrier_var(from); /* what is kept over the next call is what was compared */
	barrier_var(length);
	size = header - 1;
	barrier_var(size); /* as the next line says it, 6.1 knows it wherever it has been kept */
	size = (size & (IPV4_HEADER_SPAN - 1)) + 1;
	if (bpf_skb_store_bytes(ctx, packet->l3, datagram->byte, size, BPF_F_INVALIDATE_HASH))
		return -1;
	return bpf_skb_store_bytes(ctx, packet->l3 + header, datagram->byte + from, length + 1, 0) ? -1 : 0;
}

/* The next fragment takes the place of the one before, or of what came. */
__noinline int fragment_next(struct ctx_buff *ctx, struct packet *packet)
{
	struct datagram *datagram = datagram_memory();
	bool last;

	if (!packet || !datagram)
		return FRAGMENT_FAILED;
	for (int i = 0; i < VLAN_TAGS && i < datagram->tags; i++)
		if (bpf_skb_vlan_pop(ctx))
			return FRAGMENT_FAILED;
	if (fragment_store(ctx, packet, datagram, &last) || fragment_frame(ctx, packet, datagram) != NEXT)
		return FRAGMENT_FAILED;
	datagram->at += datagram->most;
	return last ? FRAGMENT_LAST : FRAGMENT_MADE;
}

/* All of them but the last, which is in the buffer then. 0 or -1. */
static __always_inline int fragment_send(struct ctx_buff *ctx, struct packet *packet, struct datagram *datagram)
{
	for (int i = 0; i < FRAGMENTS_MOST; i++) {
		int made = fragment_next(ctx, packet);

		if (made != FRAGMENT_MADE)
			return made == FRAGMENT_LAST ? 0 : -1;
		if (piece_send(ctx, datagram->egress.ifindex) < 0)
			return -1;
		if (!i)
			fragment_options();
	}
	return -1;
}

/*
 * TCP segments that the kernel cuts later (GSO) it cuts smaller then, and none of them has to be a fragment. A buffer
 * that grows in front gives its segments less room for data; how it shrinks again can be left out of that.
 */
__noinline int answer_segments(struct ctx_buff *ctx, struct packet *packet)
{
	struct datagram *datagram = datagram_memory();
	struct way way = {};
	__u32 headers;
	__s32 less;

	if (!packet || !datagram)
		return -1;
	headers = packet->l4 - packet->l3 + packet->l4_header;
	less = packet->segment + headers - packet->mtu;
	if (less <= 0 || less > 4095 || less >= packet->segment)
		return -1;
	packet->segment -= less;
	if (is_cut_here(packet, datagram))
		return HAND_OVER; /* to answer_segment.h */
	packet->segment += less;
	if (bpf_skb_adjust_room(ctx, less, BPF_ADJ_ROOM_MAC, 0) ||
	    bpf_skb_adjust_room(ctx, -less, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		return DP_REASON_no_headroom;
	packet->segment -= less;
	way.egress = &datagram->egress;
	if (datagram->hop.kind == DP_NEXT_HOP_TUNNEL)
		way.next_hop = &datagram->hop;
	if (answer_write(ctx, packet, &way, datagram->hops) != NEXT)
		return DP_REASON_no_headroom;
	return DP_REASON_fragmented;
}

/* Is DF clear in the IPv4 header? Datagrams that the kernel cuts out of a piece later stay as large as their sender
 * made them, and of TCP only it doesn't matter where segments end. */
static __always_inline bool may_fragment(struct ctx_buff *ctx, const struct packet *packet)
{
	const struct iphdr *ip = packet_at(ctx, packet->l3, sizeof(*ip));

	if (packet->segment && packet->protocol != IPPROTO_TCP)
		return false;
	return packet->family == 4 && packet->mtu >= IPV4_LEAST_MTU && ip && !(ip->frag_off & bpf_htons(IPV4_DF));
}

/* Of all fragments but the last as clones: fragmented, no_headroom; -1: the packet is as it came. */
static __always_inline int answer_fragments(struct ctx_buff *ctx, struct packet *packet, struct datagram *datagram)
{
	__u32 length = packet->length;
	int failed;

	if (fragment_read(ctx, packet, datagram))
		return -1;
	failed = fragment_checksum(ctx, packet) || fragment_begin(ctx, packet, datagram) ||
		 fragment_send(ctx, packet, datagram);
	packet->length = length;
	packet->sent = datagram->sent;
	return failed ? DP_REASON_no_headroom : DP_REASON_fragmented;
}

/* A packet that is too big for its way: the hook's verdict, or -1: it is not one to be cut, and is as it came;
 * HAND_OVER: it is to be cut into segments. */
static __always_inline int answer_too_big(struct ctx_buff *ctx, struct packet *packet)
{
	struct datagram *datagram = datagram_memory();
	int reason = NEXT;

	if (!datagram || !may_fragment(ctx, packet) || fragment_way(ctx, packet))
		return -1;
	if (packet->qos)
		reason = police_by_policy(ctx, packet);
	if (reason == NEXT)
		reason = packet->segment ? answer_segments(ctx, packet) : answer_fragments(ctx, packet, datagram);
	if (reason < 0)
		return reason;
	if (reason != DP_REASON_fragmented)
		return finish(ctx, packet, &(struct way){}, reason);
	count(packet, DP_REASON_fragmented, datagram->egress.interface);
	observe_device(datagram->egress.ifindex);
	/* A host whose MAC is not known gets the last one alone, for which the kernel asks for it. */
	if (datagram->egress.resolve)
		return resolve(packet, datagram->egress.ifindex);
	return ctx_redirect(ctx, datagram->egress.ifindex);
}

#endif
