/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kinds of tunnel as packets meet them. A kind's folder says in <kind>.bpf.h what is on the wire; here is the one
 * place that names the kinds to the packet path, where each operation goes to the kind's own:
 *
 *   tunnel_size   bytes that encapsulation puts between the outer and the inner IP header
 *   tunnel_pop    reads the kind's header on a packet that came: which VRF it is for, and where the inner one begins
 *   tunnel_push   writes those bytes on a packet that goes
 *
 * Everything behind the outer IP header is the kind's: whether that is UDP, and whether the inner packet has an
 * Ethernet header (common/udp.bpf.h is what the kinds over UDP share).
 */
#ifndef SLUICE_TUNNELS_TUNNEL_BPF_H
#define SLUICE_TUNNELS_TUNNEL_BPF_H

#include "tunnels/geneve/geneve.bpf.h"
#include "tunnels/gue/gue.bpf.h"
#include "tunnels/ipip/ipip.bpf.h"
#include "tunnels/vxlan/vxlan.bpf.h"

/* Is there an Ethernet frame in it, and not an IP packet as it is? */
static __always_inline bool tunnel_has_frame(__u8 kind)
{
	return kind <= DP_TUNNEL_GENEVE; /* the list of kinds begins with them */
}

static __always_inline __u32 tunnel_size(__u8 kind)
{
	_Static_assert(VXLAN_SIZE == GENEVE_SIZE, "one compare for both");
	if (tunnel_has_frame(kind))
		return VXLAN_SIZE;
	return kind == DP_TUNNEL_GUE ? GUE_SIZE : IPIP_SIZE;
}

/* The protocol in the outer IP header of a packet of this family. */
static __always_inline __u8 tunnel_protocol(__u8 kind, __u8 family)
{
	if (kind == DP_TUNNEL_IPIP)
		return family == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	return IPPROTO_UDP;
}

/* What lies at packet->l4, up to packet->limit: NEXT or a reason. */
static __always_inline int tunnel_pop(__u8 kind, struct ctx_buff *ctx, struct packet *packet,
				      struct tunnel_inner *inner)
{
	switch (kind) {
	case DP_TUNNEL_VXLAN:
		return vxlan_pop(ctx, packet, inner);
	case DP_TUNNEL_GENEVE:
		return geneve_pop(ctx, packet, inner);
	case DP_TUNNEL_IPIP:
		return ipip_pop(packet, inner);
	case DP_TUNNEL_GUE:
		return gue_pop(ctx, packet, inner);
	}
	return DP_REASON_inconsistent;
}

/* Writes tunnel_size() bytes at `offset`: NEXT or a reason. */
static __always_inline int tunnel_push(__u8 kind, struct ctx_buff *ctx, __u32 offset, const struct tunnel_outer *outer)
{
	switch (kind) {
	case DP_TUNNEL_VXLAN:
		return vxlan_push(ctx, offset, outer);
	case DP_TUNNEL_GENEVE:
		return geneve_push(ctx, offset, outer);
	case DP_TUNNEL_IPIP:
		return NEXT; /* there is nothing in between */
	case DP_TUNNEL_GUE:
		return gue_push(ctx, offset, outer);
	}
	return DP_REASON_inconsistent;
}

#endif
