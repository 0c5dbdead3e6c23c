/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which flow a packet belongs to whose own headers do not say it (INDIRECT_*). An ICMP error belongs to the flow that
 * it is about (RFC 7690), with the ends exchanged: it goes where the replies go, so it meets the instances that know
 * the flow. It is believed only where it goes to the source of the packet that it quotes, as every true one does.
 */
#ifndef SLUICE_BPF_FLOW_INDIRECT_H
#define SLUICE_BPF_FLOW_INDIRECT_H

#include "bpf/fragments.h"
#include "bpf/parse.h"

enum { FLOW_PROTOCOL = 1, FLOW_PORTS = 2 };

struct flow {
	struct dp_address src, dst;
	__u16 src_port, dst_port; /* 0 where the protocol has none */
	__u8 family;
	__u8 protocol;
	__u8 known;  /* FLOW_*; ports only with the protocol */
	__u8 quoted; /* by an ICMP error */
};

#define ICMP_ERROR_SIZE 8 /* in front of what is quoted, in both versions */

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static __always_inline bool protocol_is_icmp(__u8 protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/* What is known of a flow by its protocol, where the ports have not been found. */
static __always_inline __u8 known_without_ports(__u8 protocol)
{
	return has_ports(protocol) ? FLOW_PROTOCOL : FLOW_PROTOCOL | FLOW_PORTS;
}

/* Type and code as one number. */
static __always_inline __u16 icmp_kind(const struct packet *packet)
{
	return packet->icmp_type << 8 | packet->icmp_code;
}

/* What the first fragment leaves for the later ones: of ICMP type and code, which are no part of the flow; */
static __always_inline __u64 first_of(const struct packet *packet)
{
	__u16 second = protocol_is_icmp(packet->protocol) ? icmp_kind(packet) : packet->dst_port;

	return (__u64)packet->protocol << 32 | (__u32)second << 16 | packet->src_port;
}

/* and what they take. */
static __always_inline void take_first(struct flow *flow, __u64 value)
{
	flow->protocol = value >> 32;
	flow->known = FLOW_PROTOCOL | FLOW_PORTS;
	if (protocol_is_icmp(flow->protocol))
		return;
	flow->src_port = value;
	flow->dst_port = value >> 16;
}

static __always_inline void exchange_ends(struct flow *flow)
{
	struct dp_address src = flow->src;
	__u16 port = flow->src_port;

	flow->src = flow->dst;
	flow->dst = src;
	flow->src_port = flow->dst_port;
	flow->dst_port = port;
}

/* The upper-layer header of a quote, of which not all need be there. */
static __always_inline void quoted_ports(struct ctx_buff *ctx, struct flow *flow, __u32 offset, __u32 end)
{
	const struct ports *ports;

	flow->known = known_without_ports(flow->protocol);
	if (flow->known & FLOW_PORTS)
		return;
	ports = packet_at(ctx, offset, sizeof(*ports));
	if (!ports || offset + sizeof(*ports) > end)
		return;
	flow->src_port = bpf_ntohs(ports->src);
	flow->dst_port = bpf_ntohs(ports->dst);
	flow->known |= FLOW_PORTS;
}

/* A quoted fragment that is not the first. */
static __always_inline void quoted_fragment(struct flow *flow, __u16 vrf, __u32 id, __u8 protocol)
{
	struct fragment_key key = {&flow->src, &flow->dst, id, vrf, protocol};
	__u64 value = fragment_recall(&key);

	if (value)
		take_first(flow, value);
}

/* The flow of the packet at `offset`, if that came from `from`. */
static __always_inline bool quoted_ipv4(struct ctx_buff *ctx, const struct packet *packet, struct flow *flow,
					__u32 offset)
{
	const struct iphdr *ip = packet_at(ctx, offset, sizeof(*ip));
	__u32 end = packet->l3 + packet->ip_length;

	if (!ip || offset + sizeof(*ip) > end || ip->version != 4 || ip->ihl < 5)
		return false;
	address_from_ipv4(&flow->src, ip->saddr);
	address_from_ipv4(&flow->dst, ip->daddr);
	flow->protocol = ip->protocol;
	flow->known = known_without_ports(flow->protocol);
	if (ip->frag_off & bpf_htons(IPV4_OFFSET_MASK))
		quoted_fragment(flow, packet->vrf, ip->id, ip->protocol);
	else
		quoted_ports(ctx, flow, offset + ip->ihl * 4, end);
	return true;
}

static __always_inline bool quoted_ipv6(struct ctx_buff *ctx, const struct packet *packet, struct flow *flow,
					__u32 offset)
{
	struct ipv6_headers headers = {.offset = offset + sizeof(struct ipv6hdr),
				       .end = packet->l3 + packet->ip_length};
	const struct ipv6hdr *ip = packet_at(ctx, offset, sizeof(*ip));

	if (!ip || headers.offset > headers.end || ip->version != 6)
		return false;
	address_copy(&flow->src, &ip->saddr);
	address_copy(&flow->dst, &ip->daddr);
	headers.protocol = ip->nexthdr;
	flow->known = 0;
	if (ipv6_headers(ctx, &headers) != NEXT)
		return true;
	flow->protocol = headers.protocol;
	if (!headers.hidden)
		flow->known = known_without_ports(headers.protocol);
	if (headers.fragment == FRAGMENT_LATER)
		quoted_fragment(flow, packet->vrf, headers.fragment_id, headers.fragment_protocol);
	else if (!headers.hidden)
		quoted_ports(ctx, flow, headers.offset, headers.end);
	return true;
}

/* The flow that an ICMP error is about, as far as it is known. False: the error is one more packet of its own flow. */
static __always_inline bool flow_quoted(struct ctx_buff *ctx, const struct packet *packet, struct flow *flow)
{
	__u32 offset = packet->l4 + ICMP_ERROR_SIZE;
	bool quoted = packet->protocol == IPPROTO_ICMP ? quoted_ipv4(ctx, packet, flow, offset)
						       : quoted_ipv6(ctx, packet, flow, offset);

	if (!quoted || !address_equal(&flow->src, &packet->dst))
		return false;
	exchange_ends(flow);
	if (packet->service & SERVICE_SOURCE) {
		flow->src = packet->src;
		flow->src_port = packet->src_port;
	}
	flow->quoted = 1;
	return true;
}

static __always_inline void flow_of_headers(const struct packet *packet, struct flow *flow)
{
	*flow = (struct flow){.src = packet->src,
			      .dst = packet->dst,
			      .src_port = packet->src_port,
			      .dst_port = packet->dst_port,
			      .family = packet->family,
			      .protocol = packet->protocol,
			      .known = FLOW_PROTOCOL | FLOW_PORTS};
}

/* Of fragments, which are not looked into for a quote: the later ones have none. */
static __always_inline void flow_fragment(const struct packet *packet, struct flow *flow)
{
	struct fragment_key key = {&packet->src, &packet->dst, packet->fragment_id, packet->vrf,
				   packet->fragment_protocol};
	__u64 value;

	if (packet->fragment == FRAGMENT_FIRST) {
		if (flow->known & FLOW_PORTS)
			fragment_remember(&key, first_of(packet));
		return;
	}
	value = fragment_recall(&key);
	if (value)
		take_first(flow, value);
}

/* The packet's flow, as far as it is known. */
static __always_inline void flow_find(struct ctx_buff *ctx, const struct packet *packet, struct flow *flow)
{
	flow_of_headers(packet, flow);
	if (packet->indirect & INDIRECT_HIDDEN || packet->fragment == FRAGMENT_LATER)
		flow->known = packet->indirect & INDIRECT_HIDDEN && !has_ports(packet->protocol)
				      ? 0
				      : known_without_ports(packet->protocol);
	if (packet->fragment)
		flow_fragment(packet, flow);
	else if (packet->indirect & INDIRECT_QUOTE && !flow_quoted(ctx, packet, flow))
		flow_of_headers(packet, flow);
}

#endif
