/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kinds over UDP share, and those with an Ethernet frame in it.
 *
 * The UDP checksum is what the tunnel's row asks for (bpf/outer_checksum.h): computed, or zero, which RFC 6935 and
 * RFC 6936 allow for tunnels whose inner packets have checksums of their own; both VXLAN and Geneve say so (RFC 7348
 * 4.1, RFC 8926 3.3), and so does the draft of GUE. On packets that come zero is accepted, and others are verified
 * (bpf/outer_verify.h).
 */
#ifndef SLUICE_TUNNELS_COMMON_UDP_BPF_H
#define SLUICE_TUNNELS_COMMON_UDP_BPF_H

#include "tunnels/common/inner.bpf.h"

#define ENTROPY_PORT 49152 /* and 14 bits of the flow hash: the dynamic ports (RFC 7348 5) */
#define ENTROPY_MASK 0x3fff

/* What tunnel_push needs. */
struct tunnel_outer {
	const struct packet *packet;
	const struct dp_tunnel *tunnel;
	const struct dp_next_hop *next_hop;
	__u32 length; /* from behind the outer IP header to the packet's end */
};

/* Bytes of the whole with a frame: `header` is the kind's own. */
#define UDP_TUNNEL_SIZE(header) (sizeof(struct udphdr) + sizeof(header) + sizeof(struct ethhdr))

/* Offset of the kind's own header; packet->limit is the datagram's end. 0: its length is wrong (RFC 768). */
static __always_inline __u32 udp_pop(struct ctx_buff *ctx, struct packet *packet)
{
	const struct udphdr *udp = packet_at(ctx, packet->l4, sizeof(*udp));
	__u32 end = packet->l3 + packet->ip_length;

	if (!udp)
		return 0;
	packet->limit = packet->l4 + bpf_ntohs(udp->len);
	return packet->limit <= end ? packet->l4 + sizeof(*udp) : 0;
}

static __always_inline void udp_push(struct udphdr *udp, const struct tunnel_outer *outer)
{
	udp->source = bpf_htons(ENTROPY_PORT + (outer->packet->hash >> FLOW_BITS_ENTROPY & ENTROPY_MASK));
	udp->dest = outer->tunnel->udp_port;
	udp->len = bpf_htons(outer->length);
	udp->check = 0;
}

/* The inner Ethernet header. */
static __always_inline void frame_push(struct ethhdr *eth, const struct tunnel_outer *outer)
{
	macs_copy(eth, &outer->next_hop->egress);
	eth_proto_set(eth, outer->packet->eth_proto);
}

#endif
