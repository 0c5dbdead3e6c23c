/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The VXLAN header (RFC 7348 5). Reserved bits are sent as zero and ignored on receipt. */
#ifndef SLUICE_TUNNELS_VXLAN_BPF_H
#define SLUICE_TUNNELS_VXLAN_BPF_H

#include "bpf/tunnel.h"

#define VXLAN_FLAG_I 0x08000000U /* a VNI is there */

struct vxlan_header {
	__be32 flags;
	__be32 vni; /* and eight reserved bits */
};
_Static_assert(sizeof(struct vxlan_header) == TUNNEL_HEADER, "encapsulation makes room for this");

/* The header at `offset` of a UDP datagram that ends at `limit`: NEXT or a reason. */
static __always_inline int vxlan_parse(struct xdp_md *ctx, __u32 offset, __u32 limit, struct tunnel_header *tunnel)
{
	const struct vxlan_header *vxlan = packet_at(ctx, offset, sizeof(*vxlan));

	if (!vxlan || offset + sizeof(*vxlan) > limit)
		return DP_REASON_malformed_vxlan;
	if (!(vxlan->flags & bpf_htonl(VXLAN_FLAG_I)))
		return DP_REASON_malformed_vxlan;
	tunnel->vni = bpf_ntohl(vxlan->vni) >> 8;
	tunnel->inner = offset + sizeof(*vxlan);
	return NEXT;
}

static __always_inline void vxlan_write(struct vxlan_header *vxlan, __u32 vni)
{
	vxlan->flags = bpf_htonl(VXLAN_FLAG_I);
	vxlan->vni = bpf_htonl(vni << 8);
}

#endif
