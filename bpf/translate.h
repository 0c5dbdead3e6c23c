/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Puts into the frame what services have put into struct packet (SERVICE_*): addresses, ports, and the checksums over
 * them (RFC 1624). What the frame has already stays: doing it twice is doing it once.
 *
 * UDP without a checksum stays so. SCTP's checksum covers no address, and its ports are never others (RFC 9260 6.8:
 * a CRC would have to read all of the packet). ICMP errors are right inside, too, as far as they quote (RFC 5508 4.2).
 */
#ifndef SLUICE_BPF_TRANSLATE_H
#define SLUICE_BPF_TRANSLATE_H

#include "bpf/flow_indirect.h"
#include "bpf/outer_checksum.h"

#define TRANSLATES (SERVICE_SOURCE | SERVICE_DESTINATION)

/* What a checksum has to take up where 32 bits, or 16, become others. */
static __always_inline __u64 change32(__u32 from, __u32 to)
{
	return (__u64)(__u32)~from + to;
}

static __always_inline __u64 change16(__u16 from, __u16 to)
{
	return (__u64)(__u16)~from + to;
}

static __always_inline __u16 checksum_changed(__u16 checksum, __u64 change)
{
	return ~checksum_fold((__u64)(__u16)~checksum + change);
}

/* Puts an IPv6 address in the place of another; answers the change. */
static __always_inline __u64 address_change(__u32 *word, const struct dp_address *to)
{
	__u64 change = 0;

	for (int i = 0; i < 4; i++)
		change += change32(word[i], to->word[i]);
	address_write(word, to);
	return change;
}

/* The IP header at l3. The change that checksums over a pseudo-header have to take up; negative: it isn't there. */
static __always_inline __s64 translate_ip(struct ctx_buff *ctx, const struct packet *packet)
{
	__u32 *ip = packet_at(ctx, packet->l3, sizeof(struct iphdr));
	__u64 change;

	if (!ip)
		return -1;
	if (packet->family == 4) {
		change = change32(ip[3], packet->src.word[3]) + change32(ip[4], packet->dst.word[3]);
		((__u16 *)ip)[5] = checksum_changed(((__u16 *)ip)[5], change);
		ip[3] = packet->src.word[3];
		ip[4] = packet->dst.word[3];
		return change;
	}
	ip = packet_at(ctx, packet->l3, sizeof(struct ipv6hdr));
	if (!ip)
		return -1;
	return address_change(ip + 2, &packet->src) + address_change(ip + 6, &packet->dst);
}

/* Offset of the checksum in the header; 0: it has none that covers addresses. */
static __always_inline __u32 checksum_at(__u8 protocol)
{
	if (protocol == IPPROTO_UDP)
		return UDP_CHECKSUM_AT;
	return protocol == IPPROTO_TCP ? TCP_CHECKSUM_AT : 0;
}

/* Checksum and ports of the header at l4. */
static __always_inline int translate_l4(struct ctx_buff *ctx, const struct packet *packet, __u64 pseudo)
{
	__u32 ports = bpf_htonl((__u32)packet->src_port << 16 | packet->dst_port), at = checksum_at(packet->protocol);
	bool may_be_none = packet->protocol == IPPROTO_UDP;
	__u32 *word = packet_at(ctx, packet->l4, sizeof(*word));
	__u16 *checksum;
	__u64 change;

	if (!word)
		return ends(DP_REASON_inconsistent);
	change = change32(*word, ports);
	*word = ports;
	if (!at)
		return NEXT;
	if (CTX_COMPLETE) {
		struct ctx_change both = {.checksum = packet->l4 + at, .may_be_none = may_be_none};

		both.pseudo = (__u32)pseudo + (pseudo >> 32);
		both.pseudo += both.pseudo < (__u32)pseudo;
		both.data = (__u32)change + (change >> 32);
		both.data += both.data < (__u32)change;
		return ctx_change_checksum(ctx, &both) ? ends(DP_REASON_inconsistent) : NEXT;
	}
	checksum = packet_at(ctx, packet->l4 + at, sizeof(*checksum));
	if (!checksum)
		return ends(DP_REASON_inconsistent);
	if (may_be_none && !*checksum)
		return NEXT;
	*checksum = checksum_changed(*checksum, pseudo + change);
	if (may_be_none && !*checksum)
		*checksum = 0xffff; /* RFC 768 */
	return NEXT;
}

/* A quoted packet: where its upper-layer header is, and what of it changes. */
struct quote {
	const struct dp_address *address; /* that it gets, */
	__be16 port;
	__u8 protocol; /* 0: its ports are not there */
	__u8 is_destination;
	__u32 l4;
	__u64 pseudo; /* the change of its addresses, */
	__u64 sum;    /* and of all of it so far */
};

static __always_inline int quote_ipv4(struct ctx_buff *ctx, __u32 offset, struct quote *quote)
{
	__u32 *ip = packet_at(ctx, offset, sizeof(struct iphdr));
	__u16 *half = (__u16 *)ip, was;

	if (!ip)
		return ends(DP_REASON_inconsistent);
	quote->l4 = offset + (*(__u8 *)ip & 15) * 4U;
	quote->protocol = half[3] & bpf_htons(IPV4_OFFSET_MASK) ? 0 : ((__u8 *)ip)[9];
	if (quote->is_destination) {
		quote->pseudo = change32(ip[4], quote->address->word[3]);
		ip[4] = quote->address->word[3];
	} else {
		quote->pseudo = change32(ip[3], quote->address->word[3]);
		ip[3] = quote->address->word[3];
	}
	was = half[5];
	half[5] = checksum_changed(was, quote->pseudo);
	quote->sum = quote->pseudo + change16(was, half[5]);
	return NEXT;
}

/* Behind extension headers, ports stay. */
static __always_inline int quote_ipv6(struct ctx_buff *ctx, __u32 offset, struct quote *quote)
{
	__u32 *ip = packet_at(ctx, offset, sizeof(struct ipv6hdr));

	if (!ip)
		return ends(DP_REASON_inconsistent);
	quote->l4 = offset + sizeof(struct ipv6hdr);
	quote->protocol = ((__u8 *)ip)[offsetof(struct ipv6hdr, nexthdr)];
	if (quote->is_destination)
		quote->pseudo = address_change(ip + 6, quote->address);
	else
		quote->pseudo = address_change(ip + 2, quote->address);
	quote->sum = quote->pseudo;
	return NEXT;
}

/* Port and checksum, as far as the quote reaches. */
static __always_inline void quote_l4(struct ctx_buff *ctx, struct quote *quote, __u32 end)
{
	__u32 at = quote->l4 + (quote->is_destination ? sizeof(__be16) : 0);
	__u16 *word = packet_at(ctx, at, sizeof(*word)), was;
	__u64 change;

	if (!word || at + sizeof(*word) > end || !has_ports(quote->protocol))
		return;
	change = change16(*word, quote->port);
	*word = quote->port;
	quote->sum += change;
	at = quote->l4 + checksum_at(quote->protocol);
	word = packet_at(ctx, at, sizeof(*word));
	if (at == quote->l4 || !word || at + sizeof(*word) > end ||
	    (quote->protocol == IPPROTO_UDP && !*word)) /* it has none */
		return;
	was = *word;
	*word = checksum_changed(was, quote->pseudo + change);
	quote->sum += change16(was, *word);
}

/* The packet that an ICMP error quotes, and the error's own checksum; `pseudo` is the change of its addresses. */
static __always_inline int translate_quote(struct ctx_buff *ctx, const struct packet *packet, __u64 pseudo)
{
	__u32 offset = packet->l4 + ICMP_ERROR_SIZE;
	struct quote quote = {.is_destination = !!(packet->service & SERVICE_SOURCE)};
	__u16 *checksum;
	int reason;

	quote.address = quote.is_destination ? &packet->src : &packet->dst;
	quote.port = bpf_htons(quote.is_destination ? packet->src_port : packet->dst_port);
	reason = packet->family == 4 ? quote_ipv4(ctx, offset, &quote) : quote_ipv6(ctx, offset, &quote);
	if (reason != NEXT)
		return reason;
	quote_l4(ctx, &quote, packet->l3 + packet->ip_length);
	checksum = packet_at(ctx, packet->l4 + 2, sizeof(*checksum));
	if (!checksum)
		return ends(DP_REASON_inconsistent);
	*checksum = checksum_changed(*checksum, quote.sum + (packet->family == 4 ? 0 : pseudo));
	return NEXT;
}

/* Of a packet with SERVICE_SOURCE or SERVICE_DESTINATION: NEXT, or a reason. */
__noinline int translate(struct ctx_buff *ctx, struct packet *packet)
{
	__s64 pseudo;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	pseudo = translate_ip(ctx, packet);
	if (pseudo < 0)
		return ends(DP_REASON_inconsistent);
	if (packet->service & SERVICE_QUOTE)
		return translate_quote(ctx, packet, pseudo);
	return packet->fragment == FRAGMENT_LATER ? NEXT : translate_l4(ctx, packet, pseudo);
}

/* struct packet says again what the frame has, about which somebody is told. */
__noinline int translate_forget(struct ctx_buff *ctx, struct packet *packet)
{
	const __u32 *ip;
	const struct ports *ports;

	if (!packet)
		return 0;
	ip = packet_at(ctx, packet->l3, sizeof(struct iphdr));
	if (!ip)
		return 0;
	if (packet->family == 4) {
		address_from_ipv4(&packet->src, ip[3]);
		address_from_ipv4(&packet->dst, ip[4]);
	} else {
		ip = packet_at(ctx, packet->l3, sizeof(struct ipv6hdr));
		if (!ip)
			return 0;
		address_copy(&packet->src, ip + 2);
		address_copy(&packet->dst, ip + 6);
	}
	packet->service = 0;
	ports = packet_at(ctx, packet->l4, sizeof(*ports));
	if (ports && has_ports(packet->protocol) && packet->fragment != FRAGMENT_LATER)
		take_ports(packet, ports);
	return 0;
}

#endif
