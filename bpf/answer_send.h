/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How an answer leaves: by the routes of its VRF, or back the way by which the packet came, to the station that sent
 * it. Never by the kernel, which knows no VRFs.
 */
#ifndef SLUICE_BPF_ANSWER_SEND_H
#define SLUICE_BPF_ANSWER_SEND_H

#include "bpf/answer_frame.h"
#include "bpf/nexthop.h"
#include "bpf/port.h"
#include "bpf/verdict.h"

enum answer_way { ANSWER_ROUTED, ANSWER_TO_NEIGHBOUR };

/* The sum of an answer, or of what the kernel cuts, where it stands in the frame that goes into the tunnel. */
static __always_inline int answer_sum(struct ctx_buff *ctx, const struct packet *packet, const struct dp_tunnel *tunnel)
{
	if (!tunnel->checksum)
		return NO_SUM;
	return packet->segment ? inner_sum(ctx, packet) : frame_sum(ctx, packet->l3, packet->ip_length);
}

/* The frame for the way out, `hops` taken off the TTL; ARP has none. */
static __always_inline int answer_write(struct ctx_buff *ctx, struct packet *packet, const struct way *way, __u8 hops)
{
	const struct dp_tunnel *tunnel = NULL;
	int reason = NEXT;

	if (way->next_hop) {
		tunnel = tunnel_row(packet->bank, way->next_hop->tunnel);
		if (!tunnel)
			return DP_REASON_inconsistent;
	}
	if (packet->eth_proto != ETH_P_ARP)
		reason = rewrite_ip(ctx, packet, hops);
	if (reason == NEXT)
		reason = reshape(ctx, packet, way->egress, tunnel);
	if (reason == NEXT && tunnel)
		reason = encap_write(ctx, packet, way->next_hop, tunnel, link_size_in_frame(way->egress),
				     answer_sum(ctx, packet, tunnel));
	if (reason == NEXT)
		reason = write_link(ctx, way->egress,
				    !tunnel	   ? packet->eth_proto
				    : tunnel->ipv6 ? ETH_P_IPV6
						   : ETH_P_IP);
	return reason;
}

/* Back through the tunnel. */
static __always_inline int answer_into_tunnel(struct ctx_buff *ctx, struct packet *packet, struct way *way,
					      struct answer *answer)
{
	struct dp_next_hop *hop = &answer->hop;
	const struct dp_vrf *vrf = vrf_row(packet->bank, packet->vrf);
	__u32 length = packet->ip_length, mtu;
	int reason;

	if (!vrf)
		return DP_REASON_inconsistent;
	hop->tunnel = packet->decapsulated;
	hop->vni = packet->vni;
	__builtin_memcpy(hop->egress.dst_mac, answer->mac, 6);
	__builtin_memcpy(hop->egress.src_mac, vrf->router_mac, 6);
	way->next_hop = hop;
	packet->encapsulated = hop->tunnel;
	flow_hash(ctx, packet);
	reason = underlay(packet, way, hop->tunnel, &length, &mtu);
	return reason == NEXT && length > mtu ? DP_REASON_too_big : reason;
}

/* Back out of the port. */
static __always_inline int answer_onto_link(struct ctx_buff *ctx, struct packet *packet, struct way *way,
					    struct answer *answer)
{
	struct dp_next_hop *hop = &answer->hop;
	const struct dp_port *port = port_find(packet->bank, dp_port_key(ctx_ingress(ctx), packet->vlan));

	if (!port || packet->from_stage)
		return DP_REASON_inconsistent;
	hop->egress.ifindex = ctx_ingress(ctx);
	hop->egress.interface = packet->interface;
	hop->egress.vlan_id = packet->vlan;
	hop->egress.inner_vlan_id = packet->vlan >> 16;
	__builtin_memcpy(hop->egress.dst_mac, answer->mac, 6);
	__builtin_memcpy(hop->egress.src_mac, port->mac, 6);
	way->egress = &hop->egress;
	return NEXT;
}

/* An answer goes to nobody who sends from a VIP. */
static __always_inline int balance(struct ctx_buff *ctx, struct packet *packet, struct way *way)
{
	(void)ctx, (void)packet, (void)way;
	return ends(DP_REASON_martian_source);
}

/* Counts what came as `reason` and sends the answer, which struct packet is about. The hook's verdict, or -1. */
__noinline int answer_send(struct ctx_buff *ctx, struct packet *packet, int reason, int how)
{
	struct answer *answer = answer_memory();
	struct way way = {};
	int result = DP_REASON_no_route;

	if (!packet || !answer)
		return -1;
	answer->reason = reason; /* here and not on the stack, which three calls of 6.1 just fit on */
	answer->hops = how == ANSWER_ROUTED ? ANSWER_HOPS : 0;
	if (how == ANSWER_ROUTED) {
		result = route(ctx, packet, &way);
		if (result == NEXT)
			result = next_hop(ctx, packet, &way);
	}
	/* A neighbour without a route hears it all the same: it is on the link, or behind the tunnel. */
	if (result == DP_REASON_no_route || fallback_is_no_way(result)) {
		packet->route = 0;
		result = packet->decapsulated && !packet->from_stage ? answer_into_tunnel(ctx, packet, &way, answer)
								     : answer_onto_link(ctx, packet, &way, answer);
	}
	if (result != NEXT || !way.egress || answer_write(ctx, packet, &way, answer->hops) != NEXT)
		return -1;
	packet->length = answer->length;
	count(packet, answer->reason, way.egress->interface);
	return leave(ctx, packet, &way);
}

#endif
