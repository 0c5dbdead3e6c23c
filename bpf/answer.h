/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the router owes for a packet that it does not route: in the program behind the router's (answers.bpf.c). The
 * answer takes the packet's place, goes by the tables of the packet's own revision and stays in its VRF.
 */
#ifndef SLUICE_BPF_ANSWER_H
#define SLUICE_BPF_ANSWER_H

#include <linux/if_packet.h>

#include "bpf/answer_echo.h"
#include "bpf/answer_error.h"
#include "bpf/answer_fragment.h"
#include "bpf/answer_link.h"
#include "bpf/answer_reset.h"
#include "bpf/answer_segment.h"
#include "bpf/answer_challenge.h"
#include "bpf/answer_send.h"
#include "bpf/owed.h"

/* Who sent it: the answer may have to go back there. */
static __always_inline void answer_remember(struct ctx_buff *ctx, const struct packet *packet)
{
	/* In a tunnel without frames there is no such station, and the answer has no place for it. */
	__u32 at = packet->tunnelled ? packet->l3 - packet->inner_tag - sizeof(struct ethhdr) : 0;
	struct answer *answer = answer_memory();
	const struct ethhdr *eth = packet_at(ctx, at, sizeof(*eth));

	if (!answer || !eth)
		return;
	__builtin_memcpy(answer->mac, eth->h_source, 6);
	answer->length = packet->length;
}

/* What answers the request: its reason, or what becomes of what came. */
static __always_inline int answer_request(struct ctx_buff *ctx, struct packet *packet, int reason)
{
	struct dp_address from;

	switch (reason) {
	case DP_REASON_not_ip:
	case DP_REASON_inner_not_ip:
		return packet->eth_proto == ETH_P_ARP ? answer_arp(ctx, packet) : reason;
	case DP_REASON_neighbour_discovery:
		return answer_nd(ctx, packet);
	case DP_REASON_local:
	case DP_REASON_inner_local:
		if (packet->protocol == IPPROTO_ICMPV6 && is_neighbour_discovery(packet))
			return answer_nd(ctx, packet);
		from = packet->src;
		return own_group(packet, &from) ? DP_REASON_martian_source : answer_local(ctx, packet);
	}
	return reason;
}

/* What the sender is told of a packet that goes no further: 0, or -1: nothing. */
static __always_inline int answer_about(struct ctx_buff *ctx, struct packet *packet, int reason)
{
	if (reason == DP_REASON_syn_challenged)
		return answer_challenge(ctx, packet);
	return answer_refusal(ctx, packet, reason);
}

/*
 * The ARP reply has been made. Where the request came by a port it goes up as a reply besides: the kernel, which nobody
 * asks any more, would hear of a neighbour's new MAC only when it asks itself. Not a probe (RFC 5227 2.1.1), which is
 * of nobody yet. The hook's verdict; `sends`: that sends the reply.
 */
static __always_inline int arp_learn(struct ctx_buff *ctx, const struct packet *packet, int sends)
{
	enum { SIZE = sizeof(struct ethhdr) + sizeof(struct arp) };
	struct ethhdr *eth = packet_at(ctx, 0, SIZE);
	struct arp *arp = (struct arp *)(eth + 1);
	__u8 mac[6];

	if (explains || !packet_is_plain(packet) || packet->vlan >> 16 || !eth || !arp_address(arp->target))
		return sends;
	if (bpf_clone_redirect(ctx, ctx_ingress(ctx), 0) < 0 || bpf_skb_change_type(ctx, PACKET_HOST))
		return CTX_DROP;
	eth = packet_at(ctx, 0, SIZE);
	if (!eth)
		return CTX_DROP;
	arp = (struct arp *)(eth + 1);
	__builtin_memcpy(mac, arp->target_mac, sizeof(mac));
	__builtin_memcpy(eth->h_source, mac, sizeof(mac));
	__builtin_memcpy(eth->h_dest, arp->sender_mac, sizeof(mac));
	arp_reply(arp, mac);
	return CTX_PASS;
}

/* A packet for which answer_is_owed(reason), and which goes no way: the hook's verdict. */
static __always_inline int answer(struct ctx_buff *ctx, struct packet *packet, int reason)
{
	struct way nowhere = {};
	__u32 length = packet->length;
	bool neighbour;
	int verdict = -1;

	if (reason == DP_REASON_too_big)
		verdict = answer_too_big(ctx, packet);
	if (reason == HAND_OVER || verdict == HAND_OVER)
		return answer_segmented(ctx, packet);
	if (verdict >= 0)
		return verdict;
	answer_remember(ctx, packet);
	if (packet->service)
		translate_forget(ctx, packet);
	reason = answer_request(ctx, packet, reason);
	neighbour = reason == DP_REASON_arp_answered || reason == DP_REASON_nd_answered ||
		    reason == DP_REASON_proxy_answered;
	if (neighbour)
		verdict = answer_send(ctx, packet, reason, ANSWER_TO_NEIGHBOUR);
	else if (reason == DP_REASON_echo_answered || !answer_about(ctx, packet, reason))
		verdict = answer_send(ctx, packet, reason, ANSWER_ROUTED);
	if (verdict >= 0)
		return neighbour && packet->eth_proto == ETH_P_ARP ? arp_learn(ctx, packet, verdict) : verdict;
	packet->length = length;
	return finish(ctx, packet, &nowhere, reason);
}

#endif
