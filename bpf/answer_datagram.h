/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A datagram that leaves in pieces, fragments (answer_fragment.h) or segments (answer_segment.h): it waits in memory of
 * the CPU's while they take its place in the buffer one after the other, of which all but the last leave as clones.
 * Each goes where the whole would go, also into a tunnel or to a stage.
 */
#ifndef SLUICE_BPF_ANSWER_DATAGRAM_H
#define SLUICE_BPF_ANSWER_DATAGRAM_H

#include "api/dp/datagram.h"
#include "bpf/answer_frame.h"
#include "bpf/answer_send.h"
#include "bpf/chain.h"
#include "bpf/nexthop.h"

#define DATAGRAM_MOST	 16384 /* bytes of one that is cut: more than the largest frame of Ethernet */
#define DATAGRAM_CHUNK	 512   /* bytes that are summed up at once: bpf_csum_diff() takes no more */
#define FRAGMENT_MOST	 12288 /* bytes of data in a fragment, of which there are at most */
#define FRAGMENTS_MOST	 64
#define SEGMENT_MOST	 65536 /* the same of a datagram that is cut into segments (answer_segment.h) */
#define SEGMENTS_MOST	 128
#define IPV4_LEAST_MTU	 68 /* RFC 791 3.2 */
#define IPV4_MORE	 0x2000
#define IPV4_HEADER_MAX	 60
#define IPV4_HEADER_SPAN 64 /* as a power of two */

struct datagram {
	struct dp_next_hop hop;	 /* of kind TUNNEL, or */
	struct dp_egress egress; /* the way out */
	__u32 at;		 /* bytes of data that have been sent, */
	__u32 data;		 /* of so many, */
	__u32 most;		 /* and so many in a fragment */
	__u32 sent;		 /* bytes of all frames */
	__u16 offset;		 /* of what came, and MF (RFC 791 3.1) */
	__u8 header_size;
	__u8 hops;    /* that the TTL loses */
	__u8 tags;    /* that the frame in the buffer has */
	__u8 ip_size; /* bytes of the IP header in front of segments; 0: it is cut into fragments */
	__u8 flags;   /* of TCP, */
	__u8 pad;
	__u32 sequence;				 /* and its number; host order */
	__u32 id;				 /* of IPv4 */
	__u8 byte[SEGMENT_MOST + FRAGMENT_MOST]; /* the whole of it, and zeros up to a whole chunk */
};
_Static_assert(sizeof(struct datagram) <= sizeof(struct dp_datagram), "dp_datagram");
_Static_assert(offsetof(struct datagram, byte) % 8 == 0, "words of the datagram are aligned");

struct dp_datagram datagram_rows[1] SEC(".data.datagrams"); /* for each possible CPU */

/* A piece that another one follows leaves as a clone. In the twin this is a function, so that the loops have the shape
 * that 6.1 takes (tests/bpf/loops.py). */
#ifdef OBSERVER
static __noinline long piece_send(struct ctx_buff *ctx, __u32 device)
{
	return explains ? 0 : bpf_clone_redirect(ctx, device, 0);
}
#else
static __always_inline long piece_send(struct ctx_buff *ctx, __u32 device)
{
	return bpf_clone_redirect(ctx, device, 0);
}
#endif

static __always_inline struct datagram *datagram_memory(void)
{
	struct dp_datagram *rows = datagram_rows;
	__u64 cpu = bpf_get_smp_processor_id();

	barrier_var(cpu);
	if (cpu > SHAPE(pending_last))
		return NULL;
	barrier_var(cpu);
	asm("" : "+r"(rows)); /* the map is longer than the variable */
	rows += cpu;
	asm volatile("" : "+r"(rows)); /* here and now: later 6.1 would no longer know the bound */
	return (struct datagram *)rows;
}

/* The way once more, which may be too narrow. The frame gets what services change of it, before it is read. */
__noinline int fragment_way(struct ctx_buff *ctx, struct packet *packet)
{
	struct datagram *datagram = datagram_memory();
	const struct dp_stage *stage;
	struct way way = {};
	int reason = NEXT;
	__u64 member;

	if (!packet || !datagram)
		return -1;
	if (packet->stage) {
		stage = stage_row(packet->bank, packet->stage);
		if (!stage)
			return -1;
		member = stage_member(ctx, packet, stage);
		barrier_var(member);
		if (member >= DP_STAGE_MEMBERS)
			return -1;
		packet->port_pair_group = stage->port_pair_group;
		way.egress = &stage->member[member];
	} else {
		if (packet->policy & POLICY_ROUTED)
			way.ahead.group = packet->group;
		reason = packet->service & (SERVICE_DIRECT | SERVICE_DESTINATION) ? service_way(packet, &way)
										  : route(ctx, packet, &way);
		if (reason == NEXT)
			reason = next_hop(ctx, packet, &way);
	}
	if ((reason != NEXT && reason != DP_REASON_too_big) || !way.egress)
		return -1;
	datagram->hops = !packet->stage;
	datagram->egress = *way.egress;
	datagram->hop.kind = DP_NEXT_HOP_NONE;
	if (way.next_hop)
		datagram->hop = *way.next_hop;
	return service_rewrite(ctx, packet) == NEXT ? 0 : -1;
}

/* Into the tunnel on its way, is it to be cut here, or does the kernel cut it later? */
static __always_inline bool is_cut_here(const struct packet *packet, const struct datagram *datagram)
{
	const struct dp_tunnel *tunnel;

	if (datagram->hop.kind != DP_NEXT_HOP_TUNNEL)
		return false;
	tunnel = tunnel_row(packet->bank, datagram->hop.tunnel);
	if (!tunnel)
		return false;
	return has_marks_in_the_way(packet) || (tunnel->checksum && !is_seeded(packet) && has_short_segment(packet));
}

/* What is in front of the IP header: for the way. */
static __always_inline int fragment_frame(struct ctx_buff *ctx, struct packet *packet, struct datagram *datagram)
{
	const struct dp_egress *egress = &datagram->egress;
	const struct dp_tunnel *tunnel = NULL;
	int reason = NEXT;

	if (datagram->hop.kind == DP_NEXT_HOP_TUNNEL) {
		tunnel = tunnel_row(packet->bank, datagram->hop.tunnel);
		if (!tunnel)
			return DP_REASON_inconsistent;
	}
	if (tunnel)
		reason = encap_write(ctx, packet, &datagram->hop, tunnel, link_size_in_frame(egress),
				     answer_sum(ctx, packet, tunnel));
	if (reason == NEXT)
		reason = write_link(ctx, egress, !tunnel || !tunnel->ipv6 ? ETH_P_IP : ETH_P_IPV6);
	datagram->tags = !egress->vlan_id ? 0 : egress->inner_vlan_id ? 2 : 1;
	datagram->sent += link_size(egress) + packet->l3 - sizeof(struct ethhdr) + packet->ip_length;
	return reason;
}

/* Empties the buffer: all of each fragment's frame is written, so that room for a tunnel need not be marked as such. */
static __always_inline int fragment_begin(struct ctx_buff *ctx, struct packet *packet, const struct datagram *datagram)
{
	const struct dp_tunnel *tunnel = NULL;

	if (answer_empty(ctx, packet))
		return -1;
	packet->l3 = sizeof(struct ethhdr);
	if (datagram->hop.kind == DP_NEXT_HOP_TUNNEL) {
		tunnel = tunnel_row(packet->bank, datagram->hop.tunnel);
		if (!tunnel)
			return -1;
		if (tunnel->ipv6 != (packet->family == 6) &&
		    bpf_skb_change_proto(ctx, bpf_htons(tunnel->ipv6 ? ETH_P_IPV6 : ETH_P_IP), 0))
			return -1;
		packet->l3 += encap_size(tunnel);
	}
	packet->tunnelled = packet->vlans = packet->beside = 0;
	packet->service = 0;
	return 0;
}

enum { FRAGMENT_FAILED = -1, FRAGMENT_MADE, FRAGMENT_LAST };

#endif
