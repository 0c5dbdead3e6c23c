/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Generic UDP encapsulation (draft-ietf-intarea-gue). Variant 1 has the inner IP header directly behind UDP, and is
 * what we send, as Katran does; variant 0 has a header of its own in between. Both are taken. There is no VNI: the
 * endpoint says the VRF.
 */
#ifndef SLUICE_TUNNELS_GUE_BPF_H
#define SLUICE_TUNNELS_GUE_BPF_H

#include "tunnels/common/udp.bpf.h"

#define GUE_VARIANT(first)  ((first) >> 6)
#define GUE_LENGTH(first)   (((first)&0x1f) * 4U) /* bytes behind the header's first four */
#define GUE_CONTROL	    0x20		  /* a message to the endpoint itself */
#define GUE_DIRECT(version) ((version) << 4)	  /* variant 1 is the first byte of an IP header */

struct gue_header {
	__u8 first; /* variant, C bit, length */
	__u8 protocol;
	__be16 flags;
};

#define GUE_SIZE sizeof(struct udphdr)

/* A flag stands for a field that we do not know, and so the packet is not ours to read on. */
static __always_inline int gue_pop_header(const struct packet *packet, const struct gue_header *gue,
					  struct tunnel_inner *inner)
{
	inner->offset += sizeof(*gue) + GUE_LENGTH(gue->first);
	if (inner->offset > packet->limit || gue->flags)
		return DP_REASON_malformed_gue;
	inner->eth_proto = gue->first & GUE_CONTROL ? 0 : inner_eth_proto(gue->protocol);
	return inner->eth_proto ? NEXT : DP_REASON_inner_not_ip;
}

static __always_inline int gue_pop(struct ctx_buff *ctx, struct packet *packet, struct tunnel_inner *inner)
{
	__u32 offset = udp_pop(ctx, packet);
	const struct gue_header *gue = packet_at(ctx, offset, sizeof(*gue));

	if (!offset || !gue || offset + sizeof(*gue) > packet->limit)
		return DP_REASON_malformed_gue;
	inner->offset = offset;
	if (GUE_VARIANT(gue->first) == 0)
		return gue_pop_header(packet, gue, inner);
	if ((gue->first & 0xf0) == GUE_DIRECT(4))
		inner->eth_proto = ETH_P_IP;
	else if ((gue->first & 0xf0) == GUE_DIRECT(6))
		inner->eth_proto = ETH_P_IPV6;
	else
		return DP_REASON_malformed_gue;
	return NEXT;
}

static __always_inline int gue_push(struct ctx_buff *ctx, __u32 offset, const struct tunnel_outer *outer)
{
	struct udphdr *udp = packet_at(ctx, offset, GUE_SIZE);

	if (!udp)
		return DP_REASON_no_headroom;
	udp_push(udp, outer);
	return NEXT;
}

#endif
