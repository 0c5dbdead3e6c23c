/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The header behind the IP header: ports, and what else of it the router wants to know. A router forwards by the IP
 * header (RFC 1812 5.2): whether lengths and checksums behind it are right is for the host to say.
 */
#ifndef SLUICE_BPF_PARSE_L4_H
#define SLUICE_BPF_PARSE_L4_H

#include <linux/in.h>
#include <linux/udp.h>

#include "bpf/mss_option.h"
#include "bpf/packet.h"

#define ICMP_ERRORS	  (1U << 3 | 1U << 4 | 1U << 5 | 1U << 11 | 1U << 12) /* RFC 792 */
#define ICMPV6_LAST_ERROR 127						      /* RFC 4443 2.1 */

struct ports {
	__be16 src;
	__be16 dst;
};

struct tcp {
	struct ports ports;
	__u8 between[8];
	__u8 offset; /* of the data, in 4 bytes: the upper half */
	__u8 flags;
	__u8 behind[6];
};

static __always_inline void take_ports(struct packet *packet, const struct ports *ports)
{
	packet->src_port = bpf_ntohs(ports->src);
	packet->dst_port = bpf_ntohs(ports->dst);
}

/*
 * The L4 header of `size` bytes, where the datagram has room for it. Else its ports are hidden: a first fragment may be
 * so short on purpose (RFC 1858 3), and what a host makes of the rest is the host's affair.
 */
static __always_inline const void *l4_at(struct ctx_buff *ctx, struct packet *packet, __u32 size)
{
	const void *header = packet_at(ctx, packet->l4, size);

	if (header && packet->l4 + size <= packet->l3 + packet->ip_length)
		return header;
	packet->indirect |= INDIRECT_HIDDEN;
	return NULL;
}

static __always_inline void parse_udp(struct ctx_buff *ctx, struct packet *packet)
{
	const struct udphdr *udp = l4_at(ctx, packet, sizeof(*udp));

	if (!udp)
		return;
	take_ports(packet, (const struct ports *)udp);
	if (CTX_SEGMENTS)
		packet->l4_header = sizeof(*udp);
}

/* A SYN may be the other program's (mss_option.h), unless its own header runs over the datagram's end. */
static __always_inline int parse_tcp(struct ctx_buff *ctx, struct packet *packet)
{
	const struct tcp *tcp = l4_at(ctx, packet, sizeof(*tcp));
	__u32 length;

	if (!tcp)
		return NEXT;
	take_ports(packet, &tcp->ports);
	length = (tcp->offset >> 4) * 4U; /* RFC 9293 3.1 */
	if (CTX_SEGMENTS)
		packet->l4_header = length;
	if (!(tcp->flags & TCP_SYN) || packet->l4 + length > packet->l3 + packet->ip_length)
		return NEXT;
	return mss_begin(packet);
}

static __always_inline void parse_sctp(struct ctx_buff *ctx, struct packet *packet)
{
	const struct ports *ports = l4_at(ctx, packet, 12);

	if (ports)
		take_ports(packet, ports);
}

/* Does it quote the packet that it is about (RFC 792, RFC 4443 2.1)? */
static __always_inline bool icmp_is_error(__u8 protocol, __u8 type)
{
	if (protocol == IPPROTO_ICMPV6)
		return type - 1U < ICMPV6_LAST_ERROR;
	return type < 32 && ICMP_ERRORS >> type & 1;
}

static __always_inline void parse_icmp(struct ctx_buff *ctx, struct packet *packet, __u32 size)
{
	const __u8 *type = l4_at(ctx, packet, size);

	if (!type)
		return;
	packet->icmp_type = type[0];
	packet->icmp_code = type[1];
	if (icmp_is_error(packet->protocol, *type))
		packet->indirect |= INDIRECT_QUOTE;
}

/* Ports, where the protocol has them and this is not a later fragment. */
static __always_inline int parse_l4(struct ctx_buff *ctx, struct packet *packet)
{
	packet->src_port = 0;
	packet->dst_port = 0;
	packet->icmp_type = 0;
	if (packet->fragment == FRAGMENT_LATER)
		return NEXT;
	switch (packet->protocol) {
	case IPPROTO_UDP:
		parse_udp(ctx, packet);
		break;
	case IPPROTO_TCP:
		return parse_tcp(ctx, packet);
	case IPPROTO_SCTP:
		parse_sctp(ctx, packet);
		break;
	case IPPROTO_ICMP:
		parse_icmp(ctx, packet, 8);
		break;
	case IPPROTO_ICMPV6:
		parse_icmp(ctx, packet, 4);
		break;
	case IPPROTO_AH: /* of IPv4: what is behind it is not looked for */
		packet->indirect |= INDIRECT_HIDDEN;
	}
	return NEXT;
}

#endif
