/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way through IPv6 extension headers to the upper-layer header (RFC 8200 4). It has a bound, a header may run over
 * the datagram's end, and a later fragment has no upper-layer header at all: where it is not found it is hidden, and
 * nobody may act as if there were none.
 *
 * Hop-by-hop and destination options are passed on unread (RFC 8200 4.3 lets a router do so; of router alert, RFC 2711
 * and RFC 6398 ask no more of one that has no use for it).
 */
#ifndef SLUICE_BPF_IPV6_HEADERS_H
#define SLUICE_BPF_IPV6_HEADERS_H

#include <linux/in.h>
#include <linux/in6.h>

#include "bpf/packet.h"

#define IPV6_EXTENSIONS	    8 /* that are looked through */
#define IPV6_OFFSET_MASK    0xfff8
#define IPV6_MORE_FRAGMENTS 1
#define IPV6_SOURCE_ROUTING 0 /* type of a routing header (RFC 5095) */

struct ipv6_extension {
	__u8 next;
	__u8 length; /* in 8 bytes, the first not counted */
	union {
		__u8 routing_type;
		__be16 offset; /* of a fragment, and its flags */
	};
	__be32 identification; /* of a fragment */
};

/* Where the walk is: in, behind the IPv6 header; out, at the upper-layer header or where it ended. */
struct ipv6_headers {
	__u32 offset;
	__u32 end; /* of the datagram */
	__u32 fragment_id;
	__u32 refused;		/* offset of what the packet is dropped for as source_route; 0: nothing */
	__u8 protocol;		/* of what is at offset */
	__u8 fragment;		/* enum fragment */
	__u8 fragment_protocol; /* of what the fragment header is in front of: the same in all fragments of a packet */
	__u8 hidden;		/* the upper-layer header has not been found */
};

static __always_inline bool ipv6_is_extension(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_AH;
}

/* An atomic fragment (RFC 6946) is whole. */
static __always_inline void ipv6_fragment(struct ipv6_headers *headers, const struct ipv6_extension *extension)
{
	__u16 offset = bpf_ntohs(extension->offset);

	if (!(offset & (IPV6_OFFSET_MASK | IPV6_MORE_FRAGMENTS)))
		return;
	headers->fragment = offset & IPV6_OFFSET_MASK ? FRAGMENT_LATER : FRAGMENT_FIRST;
	headers->fragment_id = extension->identification;
	headers->fragment_protocol = extension->next;
}

static __always_inline __u32 ipv6_extension_size(__u8 protocol, const struct ipv6_extension *extension)
{
	if (protocol == IPPROTO_FRAGMENT)
		return 8;
	if (protocol == IPPROTO_AH)
		return (extension->length + 2) * 4U; /* RFC 4302 2.2: in 4 bytes, minus 2 */
	return (extension->length + 1) * 8U;
}

/* NEXT, or a reason not to forward such a packet. */
__noinline int ipv6_headers(struct ctx_buff *ctx, struct ipv6_headers *headers)
{
	if (!headers)
		return ends(DP_REASON_inconsistent);
	for (int i = 0; i < IPV6_EXTENSIONS; i++) {
		const struct ipv6_extension *extension;

		if (!ipv6_is_extension(headers->protocol) || headers->fragment == FRAGMENT_LATER)
			break;
		extension = packet_at(ctx, headers->offset, sizeof(*extension));
		if (!extension || headers->offset + ipv6_extension_size(headers->protocol, extension) > headers->end) {
			if (i || headers->protocol != IPPROTO_HOPOPTS) /* which is for routers to read */
				break;
			return ends(DP_REASON_malformed_ipv6);
		}
		if (headers->protocol == IPPROTO_ROUTING && extension->routing_type == IPV6_SOURCE_ROUTING)
			headers->refused = headers->offset + offsetof(struct ipv6_extension, routing_type);
		if (headers->protocol == IPPROTO_FRAGMENT)
			ipv6_fragment(headers, extension);
		headers->offset += ipv6_extension_size(headers->protocol, extension);
		headers->protocol = extension->next;
	}
	headers->hidden = ipv6_is_extension(headers->protocol);
	return NEXT;
}

#endif
