/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The Geneve header (RFC 8926 3.4). We understand no option: all of them are skipped by their total length, which the
 * RFC allows as long as the C bit is clear.
 */
#ifndef SLUICE_TUNNELS_GENEVE_BPF_H
#define SLUICE_TUNNELS_GENEVE_BPF_H

#include "tunnels/common/udp.bpf.h"

#define GENEVE_VERSION(first) ((first) >> 6)
#define GENEVE_OPTIONS(first) (((first)&0x3f) * 4U) /* bytes */
#define GENEVE_FLAG_O	      0x80		    /* control packet: not to be forwarded */
#define GENEVE_FLAG_C	      0x40		    /* some option must be understood, else drop */
#define GENEVE_ETHERNET	      0x6558		    /* Trans Ether Bridging: the payload is a frame */

struct geneve_header {
	__u8 first; /* version, length of the options */
	__u8 flags;
	__be16 protocol;
	__be32 vni; /* and eight reserved bits */
};

#define GENEVE_SIZE UDP_TUNNEL_SIZE(struct geneve_header)

static __always_inline int geneve_pop(struct ctx_buff *ctx, struct packet *packet, struct tunnel_inner *inner)
{
	__u32 offset = udp_pop(ctx, packet);
	const struct geneve_header *geneve = packet_at(ctx, offset, sizeof(*geneve));

	if (!offset || !geneve || offset + sizeof(*geneve) > packet->limit)
		return DP_REASON_malformed_geneve;
	inner->offset = offset + sizeof(*geneve) + GENEVE_OPTIONS(geneve->first);
	if (GENEVE_VERSION(geneve->first) != 0 || inner->offset > packet->limit)
		return DP_REASON_malformed_geneve;
	if (geneve->flags & GENEVE_FLAG_C)
		return DP_REASON_geneve_critical_option;
	/* A control message is for the endpoint itself and we speak none: it is no packet to route. */
	if (geneve->flags & GENEVE_FLAG_O || geneve->protocol != bpf_htons(GENEVE_ETHERNET))
		return DP_REASON_inner_not_ip;
	inner->vni = bpf_ntohl(geneve->vni) >> 8;
	return NEXT;
}

static __always_inline int geneve_push(struct ctx_buff *ctx, __u32 offset, const struct tunnel_outer *outer)
{
	struct udphdr *udp = packet_at(ctx, offset, GENEVE_SIZE);
	struct geneve_header *geneve = (void *)(udp + 1);

	if (!udp)
		return DP_REASON_no_headroom;
	udp_push(udp, outer);
	*(__be32 *)geneve = bpf_htonl(GENEVE_ETHERNET); /* version 0, no options, no flags */
	geneve->vni = bpf_htonl(outer->next_hop->vni << 8);
	frame_push((void *)(geneve + 1), outer);
	return NEXT;
}

#endif
