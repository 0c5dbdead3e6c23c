/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors. As much of the packet is quoted as fits in 576 bytes (RFC 1812 4.3.2.3), or in 1280 (RFC 4443 2.4(c)).
 * There are none about errors, later fragments of IPv4, multicast and broadcast, or packets whose source is not one
 * host (RFC 1812 4.3.2.7, RFC 4443 2.4(e)), and not more of them a second than the VRF allows (RFC 1812 4.3.2.8, RFC
 * 4443 2.4(f)).
 */
#ifndef SLUICE_BPF_ANSWER_ERROR_H
#define SLUICE_BPF_ANSWER_ERROR_H

#include "bpf/admit.h"
#include "bpf/answer_frame.h"

#define ERROR_ICMP_MOST	  576
#define ERROR_ICMPV6_MOST 1280
#define ERROR_PRECEDENCE  0xc0 /* internetwork control (RFC 1812 4.3.2.5) */

/* When the VRF may send its next error at the earliest, were there no bursts: by bpf_ktime_get_ns(). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, DP_MAX_VRFS + 1);
	__type(key, __u32);
	__type(value, __u64);
} error_times SEC(".maps");

/* A token bucket as one number (the generic cell rate algorithm, ITU-T I.371). */
static __always_inline bool error_is_allowed(const struct packet *packet, const struct dp_vrf_answer *vrf)
{
	__u64 now = bpf_ktime_get_ns(), interval = vrf->error_interval;
	__u32 key = packet->vrf;
	__u64 *time = bpf_map_lookup_elem(&error_times, &key);
	__u64 before, next;

	if (!time || !interval)
		return false;
	before = *time;
	next = before > now ? before : now;
	if (next - now > interval * (DP_ERROR_BURST - 1))
		return false;
	/* Another CPU was faster: the token is taken. */
	return explains || __sync_val_compare_and_swap(time, before, next + interval) == before;
}

/* May there be an error about the packet? */
static __always_inline bool error_is_due(const struct packet *packet)
{
	if ((packet->fragment == FRAGMENT_LATER && packet->family == 4) || ip_is_multicast(packet) ||
	    martian_source(packet) || (packet->eth_multicast && !packet->tunnelled && !packet->from_stage))
		return false;
	if (packet->protocol == IPPROTO_ICMPV6)
		return packet->icmp_type >= ICMPV6_ERRORS_END && packet->icmp_type != ND_REDIRECT;
	return packet->protocol != IPPROTO_ICMP || !icmp_is_error(IPPROTO_ICMP, packet->icmp_type);
}

/* Bytes of the packet that fit into an error. */
static __always_inline __u64 error_quote(const struct packet *packet, __u32 room)
{
	__u64 quote = packet->ip_length;

	if (quote > room)
		quote = room;
	barrier_var(quote);
	return quote;
}

static __always_inline int error_icmp(struct ctx_buff *ctx, struct packet *packet, struct answer *answer, __u32 type,
				      __u32 code, __u32 rest)
{
	enum { HEADERS = sizeof(struct iphdr) + sizeof(struct icmp_header) };
	struct icmp_header *icmp = (struct icmp_header *)(answer->ip + sizeof(struct iphdr));
	__u64 quote = error_quote(packet, ERROR_ICMP_MOST - HEADERS);

	if (quote < sizeof(struct iphdr) || quote > ERROR_ICMP_MOST - HEADERS ||
	    bpf_skb_load_bytes(ctx, packet->l3, answer->ip + HEADERS, quote))
		return -1;
	answer_pad(answer, HEADERS + quote);
	packet->traffic_class = ERROR_PRECEDENCE;
	packet->protocol = IPPROTO_ICMP;
	packet->ttl = ANSWER_TTL + ANSWER_HOPS;
	answer_ipv4(answer, packet, HEADERS + quote);
	*(__be32 *)icmp = bpf_htonl(type << 24 | code << 16);
	icmp->rest = bpf_htonl(rest);
	icmp->checksum = answer_checksum(answer, sizeof(struct iphdr), HEADERS + quote, 0);
	return answer_replace(ctx, packet, answer, HEADERS + quote);
}

static __always_inline int error_icmpv6(struct ctx_buff *ctx, struct packet *packet, struct answer *answer, __u32 type,
					__u32 code, __u32 rest)
{
	enum { HEADERS = sizeof(struct ipv6hdr) + sizeof(struct icmp_header) };
	struct icmp_header *icmp = (struct icmp_header *)(answer->ip + sizeof(struct ipv6hdr));
	__u64 quote = error_quote(packet, ERROR_ICMPV6_MOST - HEADERS);

	if (quote < sizeof(struct ipv6hdr) || quote > ERROR_ICMPV6_MOST - HEADERS ||
	    bpf_skb_load_bytes(ctx, packet->l3, answer->ip + HEADERS, quote))
		return -1;
	answer_pad(answer, HEADERS + quote);
	packet->traffic_class = 0;
	packet->protocol = IPPROTO_ICMPV6;
	packet->ttl = ANSWER_TTL + ANSWER_HOPS;
	answer_ipv6(answer, packet, HEADERS + quote);
	*(__be32 *)icmp = bpf_htonl(type << 24 | code << 16);
	icmp->rest = bpf_htonl(rest);
	icmp->checksum =
		answer_checksum(answer, sizeof(struct ipv6hdr), HEADERS + quote,
				answer_pseudo(answer, sizeof(struct ipv6hdr), HEADERS + quote, IPPROTO_ICMPV6));
	return answer_replace(ctx, packet, answer, HEADERS + quote);
}

/* What an error says, by family: type and code. */
struct error_words {
	__u8 type4, code4, type6, code6;
};

static __always_inline bool error_words(int reason, struct error_words *words)
{
	switch (reason) {
	case DP_REASON_ttl_expired:
		*words = (struct error_words){ICMP_TIME_EXCEEDED, 0, ICMPV6_TIME_EXCEEDED, 0};
		return true;
	case DP_REASON_source_route:
		*words = (struct error_words){ICMP_PARAMETER_PROBLEM, 0, ICMPV6_PARAMETER_PROBLEM, 0};
		return true;
	case DP_REASON_bad_option:
		*words = (struct error_words){ICMP_PARAMETER_PROBLEM, 0, ICMPV6_PARAMETER_PROBLEM,
					      ICMPV6_UNKNOWN_OPTION};
		return true;
	case DP_REASON_too_big:
		*words = (struct error_words){ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, ICMPV6_PACKET_TOO_BIG, 0};
		return true;
	case DP_REASON_no_route:
	case DP_REASON_tunnel_no_route:
	case DP_REASON_kernel_forwarding_off:
	case DP_REASON_kernel_route_elsewhere:
	case DP_REASON_kernel_route_unsupported:
		*words = (struct error_words){ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE, ICMPV6_UNREACHABLE,
					      ICMPV6_NO_ROUTE};
		return true;
	case DP_REASON_unresolved:
	case DP_REASON_no_next_hop:
	case DP_REASON_no_member:
		*words = (struct error_words){ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE, ICMPV6_UNREACHABLE,
					      ICMPV6_ADDRESS_UNREACHABLE};
		return true;
	case DP_REASON_discard_unreachable:
		*words = (struct error_words){ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE, ICMPV6_UNREACHABLE,
					      ICMPV6_NO_ROUTE};
		return true;
	case DP_REASON_chain_stage_down:
	case DP_REASON_rejected:
	case DP_REASON_discard_prohibited:
		*words = (struct error_words){ICMP_UNREACHABLE, ICMP_ADMIN_PROHIBITED, ICMPV6_UNREACHABLE,
					      ICMPV6_ADMIN_PROHIBITED};
		return true;
	case DP_REASON_no_socket:
	case DP_REASON_inner_local:
	case DP_REASON_no_listener:
		*words = (struct error_words){ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, ICMPV6_UNREACHABLE,
					      ICMPV6_PORT_UNREACHABLE};
		return true;
	}
	return false;
}

/* Was the packet sent to a unicast address of ours, or a VIP? Then the error comes from there (RFC 4443 2.2). */
static __always_inline bool is_about_own(const struct packet *packet, int reason)
{
	if (packet->group == DP_GROUP_ANYCAST)
		return false;
	return reason == DP_REASON_no_socket || reason == DP_REASON_inner_local || reason == DP_REASON_no_listener ||
	       (reason == DP_REASON_bad_option && packet->family == 6); /* answer_options.h */
}

/* Makes an error of the packet: 0, or -1: there is none, and the frame is as it came or worth nothing. */
__noinline int answer_error(struct ctx_buff *ctx, struct packet *packet, int reason)
{
	struct answer *answer = answer_memory();
	const struct dp_vrf_answer *vrf;
	struct error_words words;
	struct dp_address source;
	__u32 rest = 0;

	if (!packet || !answer || !error_words(reason, &words))
		return -1;
	if (reason == DP_REASON_bad_option && !packet->pointer)
		return -1;
	vrf = vrf_answer_row(packet->bank, packet->vrf);
	if (!vrf || !error_is_due(packet) || !answer_source(packet, vrf, &source) || !error_is_allowed(packet, vrf))
		return -1;
	if (reason == DP_REASON_too_big)
		rest = packet->mtu; /* RFC 1191 4: in the lower half */
	if (reason == DP_REASON_source_route || reason == DP_REASON_bad_option)
		rest = packet->family == 4 ? (__u32)packet->pointer << 24 : packet->pointer;
	if (is_about_own(packet, reason))
		source = packet->dst;
	packet->dst = packet->src;
	packet->src = source;
	if (packet->family == 4)
		return error_icmp(ctx, packet, answer, words.type4, words.code4, rest);
	return error_icmpv6(ctx, packet, answer, words.type6, words.code6, rest);
}

#endif
