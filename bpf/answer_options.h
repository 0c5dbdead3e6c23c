/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Hop-by-hop and destination options of IPv6 packets to the router's own addresses (RFC 8200 4.2): as their
 * destination it must know them, and do with others what the upper bits of their types say. It knows padding.
 * Options of packets that are only passed on stay unread (ipv6_headers.h).
 */
#ifndef SLUICE_BPF_ANSWER_OPTIONS_H
#define SLUICE_BPF_ANSWER_OPTIONS_H

#include "bpf/parse.h"

#define IPV6_OPTIONS	    32	 /* that are looked at, padding and extension headers counted */
#define IPV6_OPTION_PAD1    0	 /* has no length */
#define IPV6_OPTION_DISCARD 0xc0 /* bits of the type; none of them: skip it */
#define IPV6_OPTION_QUIETLY 0x40 /* 01, the others with a Parameter Problem */

/* Offsets of what comes next, and behind the header that it is in; all within PACKET_HEADERS, as the verifier then
 * finds one step of the walk like the next. */
struct ipv6_options {
	__u64 at, header_end;
	__u8 protocol; /* of what is at header_end */
};

static __always_inline __u64 options_offset(__u64 offset)
{
	barrier_var(offset);
	return offset & PACKET_HEADERS;
}

/* The next header begins: at its first option, or behind it. */
static __always_inline int options_header(struct ctx_buff *ctx, struct ipv6_options *options)
{
	const struct ipv6_extension *extension = packet_at(ctx, options->at, sizeof(*extension));
	bool has_options = options->protocol == IPPROTO_HOPOPTS || options->protocol == IPPROTO_DSTOPTS;

	if (!extension)
		return DP_REASON_bad_option;
	options->header_end = options_offset(options->at + ipv6_extension_size(options->protocol, extension));
	options->at = has_options ? options_offset(options->at + 2) : options->header_end;
	options->protocol = extension->next;
	return NEXT;
}

/* The next option; packet->pointer, unless it is 0, is what the sender of a bad one is told about. */
static __always_inline int options_next(struct ctx_buff *ctx, struct packet *packet, struct ipv6_options *options)
{
	const __u8 *option = packet_at(ctx, options->at, 2);

	if (!option || options->at > options->header_end)
		return DP_REASON_bad_option;
	if (option[0] & IPV6_OPTION_DISCARD) {
		if ((option[0] & IPV6_OPTION_DISCARD) != IPV6_OPTION_QUIETLY)
			packet->pointer = options->at - packet->l3;
		return DP_REASON_bad_option;
	}
	options->at = options_offset(options->at + (option[0] == IPV6_OPTION_PAD1 ? 1 : 2 + option[1]));
	return NEXT;
}

/* NEXT, or bad_option: the packet is dropped. */
__noinline int answer_options(struct ctx_buff *ctx, struct packet *packet)
{
	struct ipv6_options options = {};
	const struct ipv6hdr *ip;
	int reason = NEXT;

	if (!packet)
		return DP_REASON_inconsistent;
	ip = packet_at(ctx, packet->l3, sizeof(*ip));
	if (!ip)
		return DP_REASON_inconsistent;
	options.at = options_offset(packet->l3 + sizeof(*ip));
	options.header_end = options_offset(packet->l3 + sizeof(*ip));
	options.protocol = ip->nexthdr;
	packet->pointer = 0;
	for (int i = 0; i < IPV6_OPTIONS && reason == NEXT; i++) {
		if (options.at >= packet->l4)
			return options.at == packet->l4 ? NEXT : DP_REASON_bad_option;
		if (options.at == options.header_end)
			reason = options_header(ctx, &options);
		else
			reason = options_next(ctx, packet, &options);
	}
	return DP_REASON_bad_option;
}

#endif
