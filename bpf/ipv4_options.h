/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IPv4 options. A router may pass them on as if they were not there, router alert too (RFC 7126 4.5, 4.7, 4.8), but not
 * where the sender has chosen the way: source routes are dropped (RFC 7126 4.3, 4.4).
 *
 * packet->pointer is where the option is that a packet is dropped for.
 */
#ifndef SLUICE_BPF_IPV4_OPTIONS_H
#define SLUICE_BPF_IPV4_OPTIONS_H

#include "bpf/packet.h"

#define IPV4_OPTIONS_SIZE  40	/* at most */
#define IPV4_OPTION_COPIED 0x80 /* into all fragments (RFC 791 3.1) */

enum { IPV4_OPTION_END = 0, IPV4_OPTION_NONE = 1, IPV4_OPTION_LOOSE_ROUTE = 131, IPV4_OPTION_STRICT_ROUTE = 137 };

/*
 * Those from `offset` to `end`: NEXT, or a reason not to forward such a packet. Where an option begins is in memory
 * alone, of which the verifier keeps no account: so it looks at the loop once a turn and not once for each way there.
 */
static __always_inline int ipv4_options(struct ctx_buff *ctx, struct packet *packet, __u32 offset, __u32 end)
{
	packet->pointer = offset - packet->l3;
	for (int i = 0; i < IPV4_OPTIONS_SIZE; i++) {
		const __u8 *option;
		__u8 type;

		barrier();
		offset = packet->l3 + packet->pointer;
		if (offset >= end)
			break;
		option = packet_at(ctx, offset, 1);
		if (!option)
			return ends(DP_REASON_malformed_ipv4);
		type = *option;
		if (type == IPV4_OPTION_END)
			break;
		if (type == IPV4_OPTION_LOOSE_ROUTE || type == IPV4_OPTION_STRICT_ROUTE)
			return ends(DP_REASON_source_route);
		if (type == IPV4_OPTION_NONE) {
			packet->pointer++;
			continue;
		}
		option = packet_at(ctx, offset + 1, 1); /* its length, type and length included */
		if (offset + 1 >= end || !option || *option < 2 || offset + *option > end)
			return ends(DP_REASON_bad_option);
		packet->pointer += *option;
	}
	packet->pointer = 0;
	return NEXT;
}

#endif
