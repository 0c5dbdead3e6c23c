/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tunnel termination. Nothing is cut off here: the cursor moves to the inner packet, and whoever sends it on replaces
 * everything in front of the inner IP header at once (rewrite.h).
 */
#ifndef SLUICE_BPF_DECAP_H
#define SLUICE_BPF_DECAP_H

#include "bpf/admit.h"
#include "bpf/outer_verify.h"
#include "bpf/parse.h"
#include "bpf/tunnel_path.h"
#include "bpf/vtep.h"
#include "tunnels/tunnel.bpf.h"

#define ECN_MASK	3
#define ECN_NOT_CAPABLE 0
#define ECN_CAPABLE_1	1
#define ECN_CAPABLE_0	2
#define ECN_CONGESTED	3

/* The VRF of this VNI from this remote, counted; a reason where there is none. */
static __always_inline int decap_vni(struct packet *packet, __u32 vni_id, __u32 vtep, bool *verify)
{
	struct dp_vni key = {.vni = vni_id, .vtep = vtep};
	const struct dp_vni *vni;

	key.remote = packet->src;
	vni = vni_find(packet->bank, &key);
	if (vni) {
		packet->vrf = vni->vrf;
		packet->decapsulated = vni->tunnel;
		packet->vni = vni_id;
		*verify = vni->verify;
		return NEXT;
	}
	key.remote = (struct dp_address){};
	return vni_find(packet->bank, &key) ? DP_REASON_unknown_vtep : DP_REASON_unknown_vni;
}

/* RFC 6040 4.2, figure 4: what the inner packet's ECN field becomes under this outer one. */
static __always_inline int decap_ecn(struct packet *packet, __u8 outer)
{
	__u8 inner = packet->traffic_class & ECN_MASK;

	if (outer == ECN_CONGESTED) {
		if (inner == ECN_NOT_CAPABLE)
			return DP_REASON_ecn_not_capable;
		packet->traffic_class |= ECN_CONGESTED;
	} else if (outer == ECN_CAPABLE_1 && inner == ECN_CAPABLE_0) {
		packet->traffic_class ^= ECN_CAPABLE_0 ^ ECN_CAPABLE_1;
	}
	return NEXT;
}

static __always_inline bool decapped_is_ip(const struct packet *packet)
{
	return packet->eth_proto == ETH_P_IP || packet->eth_proto == ETH_P_IPV6;
}

/* A tag of VLAN 0 says a priority and no VLAN (IEEE 802.1Q 9.6): what is behind it is the same as without. */
static __always_inline int decap_priority_tag(struct ctx_buff *ctx, struct packet *packet)
{
	const struct vlan_tag *tag = packet_at(ctx, packet->l3, sizeof(*tag));

	if (packet->eth_proto != ETH_P_8021Q || !tag || packet->l3 + sizeof(*tag) > packet->limit ||
	    tag->control & bpf_htons(VLAN_ID_MASK))
		return DP_REASON_inner_not_ip;
	packet->eth_proto = bpf_ntohs(tag->eth_proto);
	packet->inner_tag = sizeof(*tag);
	packet->l3 += sizeof(*tag);
	return decapped_is_ip(packet) ? NEXT : DP_REASON_inner_not_ip;
}

/* Moves the cursor to the IP packet of a kind that has no frames. */
static __always_inline int decap_packet(struct packet *packet, const struct tunnel_inner *inner)
{
	const struct dp_vrf *vrf = vrf_row(packet->bank, packet->vrf);

	if (!vrf)
		return DP_REASON_inconsistent;
	packet->eth_proto = inner->eth_proto;
	packet->eth_multicast = 0;
	packet->l3 = inner->offset;
	packet->features = vrf->features | (packet->features & DP_FEATURE_SEEN);
	packet->tunnelled = packet->family;
	return NEXT;
}

/* Moves the cursor to the frame at offset `inner`, which must be one to this VRF's router. */
static __always_inline int decap_frame(struct ctx_buff *ctx, struct packet *packet, __u32 inner)
{
	const struct ethhdr *eth = packet_at(ctx, inner, sizeof(*eth));
	const struct dp_vrf *vrf;

	if (!eth || inner + sizeof(*eth) > packet->limit)
		return DP_REASON_inner_malformed;
	packet->eth_proto = bpf_ntohs(eth_proto_of(eth));
	vrf = vrf_row(packet->bank, packet->vrf);
	if (!vrf)
		return DP_REASON_inconsistent;
	/* What is to many stations may be ARP or a neighbour solicitation; admit_inner() drops the rest. */
	packet->eth_multicast = eth->h_dest[0] & 1;
	if (!packet->eth_multicast && !mac_equal(eth->h_dest, vrf->router_mac))
		return DP_REASON_inner_wrong_mac;
	packet->l3 = inner + sizeof(*eth);
	packet->features = vrf->features | (packet->features & DP_FEATURE_SEEN);
	packet->tunnelled = packet->family;
	return decapped_is_ip(packet) ? NEXT : decap_priority_tag(ctx, packet);
}

static __always_inline int decap_inner(struct ctx_buff *ctx, struct packet *packet)
{
	int reason = parse_ip(ctx, packet);

	switch (reason) {
	case DP_REASON_malformed_ipv4:
	case DP_REASON_malformed_ipv6:
		return DP_REASON_inner_malformed;
	}
	return reason;
}

/* The inner packet, if there is one, and the checksum of the outer. */
static __always_inline int decap_verified(struct ctx_buff *ctx, struct packet *packet, int reason, bool verify)
{
	struct outer_udp outer = {};
	int verdict = NEXT;

	outer_begin(ctx, packet, &outer, verify);
	if (reason == NEXT)
		reason = decap_inner(ctx, packet);
	if (outer.check && (reason == NEXT || reason == DP_REASON_inner_not_ip))
		verdict = outer_verify(ctx, packet, &outer, reason == NEXT);
	return verdict == NEXT ? reason : verdict;
}

/* A packet of a protocol, or to a port, at which some VTEP listens. */
CTX_FUNCTION int decap_tunnel(struct ctx_buff *ctx, struct packet *packet)
{
	struct tunnel_inner inner = {};
	const struct dp_vtep *vtep;
	bool verify = false;
	__u32 id;
	__u8 ecn;
	int reason;

	if (!packet)
		return ends(DP_REASON_inconsistent);
	vtep = vtep_find(packet->bank, &packet->dst, packet->vrf, bpf_htons(packet->dst_port));
	if (!vtep)
		return NEXT;
	if (packet->fragment)
		return CTX_COMPLETE ? DP_REASON_tunnel_fragment : HAND_OVER;
	id = vtep->id;
	reason = tunnel_pop(vtep->kind, ctx, packet, &inner);
	if (reason == NEXT)
		reason = decap_vni(packet, inner.vni, id, &verify);
	if (reason == NEXT)
		reason = inner.eth_proto ? decap_packet(packet, &inner) : decap_frame(ctx, packet, inner.offset);
	if (reason != NEXT && reason != DP_REASON_inner_not_ip)
		return reason;
	ecn = packet->traffic_class & ECN_MASK;
	reason = decap_verified(ctx, packet, reason, verify);
	if (reason == NEXT)
		reason = admit_inner(packet);
	if (reason == NEXT)
		reason = decap_ecn(packet, ecn);
	return reason;
}

/* Does some VTEP listen where the packet goes? Those of kinds without UDP do at port 0, which no datagram has. */
static __always_inline bool decap_concerns(const struct packet *packet)
{
	switch (packet->protocol) {
	case IPPROTO_UDP:
		return packet->fragment != FRAGMENT_LATER && packet->dst_port &&
		       tunnel_port(packet->bank, packet->dst_port);
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return tunnel_port(packet->bank, 0);
	}
	return false;
}

static __always_inline int decap(struct ctx_buff *ctx, struct packet *packet)
{
	int reason = NEXT;

	if (!(packet->features & DP_FEATURE_DECAP) || packet->from_stage)
		return NEXT;
	if (CTX_COMPLETE && packet->indirect)
		reason = tunnel_path(ctx, packet);
	return reason == NEXT && decap_concerns(packet) ? decap_tunnel(ctx, packet) : reason;
}

#endif
