/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A packet of the router's own in the place of the one that came. It is made in memory of the CPU's, where its checksum
 * can be worked out, and put into the buffer in one piece.
 */
#ifndef SLUICE_BPF_ANSWER_FRAME_H
#define SLUICE_BPF_ANSWER_FRAME_H

#include "bpf/icmp.h"
#include "bpf/rewrite.h"

#define ANSWER_MOST  1280 /* bytes of an IP packet that is made here */
#define ANSWER_CHUNK 64	  /* bytes that are summed up at once */
#define ANSWER_TTL   64
#define ANSWER_HOPS  1 /* that the way out takes off the TTL, as it does off every routed packet's */

struct answer {
	struct dp_next_hop hop; /* back the way by which it came */
	struct dp_address from; /* which it comes from, where that is not to be seen from what came */
	__u8 mac[6];		/* of the station that it came from */
	__u8 target_mac[6];	/* that it asks for */
	__u8 pad[4];
	__u32 length; /* of the frame that came */
	__s32 reason; /* and what it counts as */
	__u8 hops;    /* that the answer's TTL loses on its way out */
	__u8 pad1;
	__u8 eth[14];			     /* the frame: its Ethernet header, */
	__u8 ip[ANSWER_MOST + ANSWER_CHUNK]; /* and the packet, behind which it is zero up to a whole chunk */
};
_Static_assert(offsetof(struct answer, ip) % 8 == 0, "words of the packet are aligned");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct answer);
} answers SEC(".maps");

/* This CPU's; no two packets are answered on one at a time. */
static __always_inline struct answer *answer_memory(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&answers, &first);
}

/* The address that the answer comes from: the port's by which the packet came, else the VRF's. */
static __always_inline bool answer_source(const struct packet *packet, const struct dp_vrf_answer *vrf,
					  struct dp_address *source)
{
	const struct dp_port_answer *port = port_answer_row(packet->bank, packet->interface);
	bool of_port = port && packet_is_plain(packet);

	if (packet->family == 4) {
		__be32 ipv4 = of_port && port->source.ipv4 ? port->source.ipv4 : vrf->source.ipv4;

		address_from_ipv4(source, ipv4);
		return ipv4;
	}
	*source = of_port && port->source.ipv6.half[0] ? port->source.ipv6 : vrf->source.ipv6;
	return source->half[0];
}

/* Zeros behind the packet, so that its last chunk can be summed up whole. */
static __always_inline void answer_pad(struct answer *answer, __u32 length)
{
	__u64 at = length;

	barrier_var(at);
	if (at > ANSWER_MOST)
		return;
	for (int i = 0; i < ANSWER_CHUNK / 8; i++)
		*(__u64 *)(answer->ip + at + i * 8) = 0;
}

/* The Internet checksum (RFC 1071) of the packet's bytes from `from` on, a constant, and of what `sum` has already. */
static __always_inline __u16 answer_checksum(struct answer *answer, __u32 from, __u32 length, __u32 sum)
{
	__s64 total = sum;

	for (__u32 i = 0; i < ANSWER_MOST / ANSWER_CHUNK; i++) {
		if (from + i * ANSWER_CHUNK >= length)
			break;
		total = bpf_csum_diff(NULL, 0, (__be32 *)(answer->ip + from + i * ANSWER_CHUNK), ANSWER_CHUNK, total);
	}
	return ~checksum_fold((__u32)total);
}

/* An IPv4 header without options, as an answer has it. */
static __always_inline void answer_ipv4(struct answer *answer, const struct packet *packet, __u32 length)
{
	__be32 *word = (__be32 *)answer->ip;
	__u64 sum;

	word[0] = bpf_htonl((__u32)IPV4_PLAIN << 24 | (__u32)packet->traffic_class << 16 | length);
	word[1] = 0;
	word[2] = bpf_htonl((__u32)packet->ttl << 24 | (__u32)packet->protocol << 16);
	word[3] = packet->src.word[3];
	word[4] = packet->dst.word[3];
	sum = ipv4_sum((const struct iphdr *)word);
	((__u16 *)word)[5] = ~checksum_fold(sum);
}

static __always_inline void answer_ipv6(struct answer *answer, const struct packet *packet, __u32 length)
{
	struct ipv6hdr *ip = (struct ipv6hdr *)answer->ip;

	*(__be32 *)ip = bpf_htonl(6U << 28 | (__u32)packet->traffic_class << 20);
	ip->payload_len = bpf_htons(length - sizeof(*ip));
	ip->nexthdr = packet->protocol;
	ip->hop_limit = packet->ttl;
	address_write(&ip->saddr, &packet->src);
	address_write(&ip->daddr, &packet->dst);
}

/* RFC 9293 3.1, RFC 8200 8.1: the pseudo-header of the packet whose IP header, of `header` bytes, is there. */
static __always_inline __u32 answer_pseudo(struct answer *answer, __u32 header, __u32 length, __u8 protocol)
{
	__u32 addresses = header == sizeof(struct iphdr) ? 8 : 32; /* bytes, at the header's end */
	__u32 sum = bpf_htonl(length - header) + 0ULL;

	sum = bpf_csum_diff(NULL, 0, (__be32 *)(answer->ip + header - addresses), addresses, sum);
	return bpf_csum_diff(NULL, 0, &(__be32){bpf_htonl(protocol)}, 4, sum);
}

/*
 * Makes the buffer so long, of which the Ethernet header is worth anything afterwards. One that the kernel has marked
 * as a tunnel's can be cut and lengthened in front only, and not by more than 12 bits say.
 */
__noinline int answer_resize(struct ctx_buff *ctx, __u32 size)
{
	enum { STEP = 4095, STEPS = 18 };

	if (!bpf_skb_change_tail(ctx, size, 0))
		return 0;
	for (int i = 0; i < STEPS && !ctx->gso_size; i++) {
		__s32 longer = size - ctx->len;

		if (!longer)
			return 0;
		longer = longer > STEP ? STEP : longer < -STEP ? -STEP : longer;
		if (bpf_skb_adjust_room(ctx, longer, BPF_ADJ_ROOM_MAC, 0))
			break;
	}
	return ctx->len == size && !ctx->gso_size ? 0 : -1;
}

/*
 * Empties the buffer of what came, and of what the kernel notes about it: of a checksum that is to be finished later it
 * forgets only when bytes are cut off behind which that checksum would have begun.
 */
static __always_inline int answer_empty(struct ctx_buff *ctx, const struct packet *packet)
{
	enum { LEFT = 64 };
	__u32 cut = packet->l4 + sizeof(struct udphdr);
	__u8 outer = packet->tunnelled ? packet->tunnelled : packet->family;

	barrier_var(cut);
	if (cut > CTX_HEADERS)
		return -1;
	for (int i = 0; i < VLAN_TAGS && i < packet->vlans; i++)
		if (bpf_skb_vlan_pop(ctx))
			return -1;
	if (answer_resize(ctx, sizeof(struct ethhdr) + cut + LEFT))
		return -1;
	if (bpf_skb_adjust_room(ctx, -(__s32)cut, BPF_ADJ_ROOM_MAC, 0) ||
	    bpf_skb_adjust_room(ctx, -4, BPF_ADJ_ROOM_MAC, 0))
		return -1;
	if (outer == packet->family)
		return 0;
	return bpf_skb_change_proto(ctx, bpf_htons(packet->family == 6 ? ETH_P_IPV6 : ETH_P_IP), 0);
}

/* Puts the packet of `length` bytes in the place of what came: struct packet is about it from now on. */
static __always_inline int answer_replace(struct ctx_buff *ctx, struct packet *packet, struct answer *answer,
					  __u32 length)
{
	__u64 size = length + sizeof(struct ethhdr);

	if (answer_empty(ctx, packet))
		return -1;
	__builtin_memset(answer->eth, 0, 12);
	*(__be16 *)(answer->eth + 12) = bpf_htons(packet->family == 6 ? ETH_P_IPV6 : ETH_P_IP);
	barrier_var(size);
	if (size < sizeof(struct ethhdr) || size > ANSWER_MOST + sizeof(struct ethhdr))
		return -1;
	if (answer_resize(ctx, size))
		return -1;
	if (bpf_skb_store_bytes(ctx, 0, answer->eth, size, BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH))
		return -1;
	packet->l3 = sizeof(struct ethhdr);
	packet->l4 = packet->l3 + (packet->family == 6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
	packet->length = size;
	packet->limit = size;
	packet->ip_length = length;
	packet->eth_proto = packet->family == 6 ? ETH_P_IPV6 : ETH_P_IP;
	packet->tunnelled = packet->vlans = packet->beside = 0;
	packet->service = 0;
	packet->fragment = FRAGMENT_NONE;
	packet->hash = 0;
	packet->segment = 0;
	packet->indirect = 0;
	return 0;
}

#endif
