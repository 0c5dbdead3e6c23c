/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The Geneve header (RFC 8926 3.4). We understand no option: all of them are skipped by their total length, which the
 * RFC allows as long as the C bit is clear.
 */
#ifndef SLUICE_TUNNELS_GENEVE_BPF_H
#define SLUICE_TUNNELS_GENEVE_BPF_H

#include "bpf/tunnel.h"

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
_Static_assert(sizeof(struct geneve_header) == TUNNEL_HEADER, "encapsulation makes room for this");

/* The header at `offset` of a UDP datagram that ends at `limit`: NEXT or a reason. */
static __always_inline int geneve_parse(struct xdp_md *ctx, __u32 offset, __u32 limit, struct tunnel_header *tunnel)
{
	const struct geneve_header *geneve = packet_at(ctx, offset, sizeof(*geneve));

	if (!geneve || offset + sizeof(*geneve) > limit)
		return DP_REASON_malformed_geneve;
	tunnel->inner = offset + sizeof(*geneve) + GENEVE_OPTIONS(geneve->first);
	if (GENEVE_VERSION(geneve->first) != 0 || tunnel->inner > limit)
		return DP_REASON_malformed_geneve;
	if (geneve->flags & GENEVE_FLAG_C)
		return DP_REASON_geneve_critical_option;
	/* A control message is for the endpoint itself and we speak none: it is no packet to route. */
	if (geneve->flags & GENEVE_FLAG_O || geneve->protocol != bpf_htons(GENEVE_ETHERNET))
		return DP_REASON_inner_not_ip;
	tunnel->vni = bpf_ntohl(geneve->vni) >> 8;
	return NEXT;
}

static __always_inline void geneve_write(struct geneve_header *geneve, __u32 vni)
{
	geneve->first = 0;
	geneve->flags = 0;
	geneve->protocol = bpf_htons(GENEVE_ETHERNET);
	geneve->vni = bpf_htonl(vni << 8);
}

#endif
