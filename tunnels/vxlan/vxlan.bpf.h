/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The VXLAN header (RFC 7348 5). Reserved bits are sent as zero and ignored on receipt. */
#ifndef SLUICE_TUNNELS_VXLAN_BPF_H
#define SLUICE_TUNNELS_VXLAN_BPF_H

#include "tunnels/common/udp.bpf.h"

#define VXLAN_FLAG_I 0x08000000U /* a VNI is there */

struct vxlan_header {
	__be32 flags;
	__be32 vni; /* and eight reserved bits */
};

#define VXLAN_SIZE UDP_TUNNEL_SIZE(struct vxlan_header)

static __always_inline int vxlan_pop(struct ctx_buff *ctx, struct packet *packet, struct tunnel_inner *inner)
{
	__u32 offset = udp_pop(ctx, packet);
	const struct vxlan_header *vxlan = packet_at(ctx, offset, sizeof(*vxlan));

	if (!offset || !vxlan || offset + sizeof(*vxlan) > packet->limit)
		return DP_REASON_malformed_vxlan;
	if (!(vxlan->flags & bpf_htonl(VXLAN_FLAG_I)))
		return DP_REASON_malformed_vxlan;
	inner->vni = bpf_ntohl(vxlan->vni) >> 8;
	inner->offset = offset + sizeof(*vxlan);
	return NEXT;
}

static __always_inline int vxlan_push(struct ctx_buff *ctx, __u32 offset, const struct tunnel_outer *outer)
{
	struct udphdr *udp = packet_at(ctx, offset, VXLAN_SIZE);
	struct vxlan_header *vxlan = (void *)(udp + 1);

	if (!udp)
		return DP_REASON_no_headroom;
	udp_push(udp, outer);
	vxlan->flags = bpf_htonl(VXLAN_FLAG_I);
	vxlan->vni = bpf_htonl(outer->next_hop->vni << 8);
	frame_push((void *)(vxlan + 1), outer);
	return NEXT;
}

#endif
