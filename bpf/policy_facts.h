/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What rules ask of a packet: its flow, and the facts for their guards. What is not in reach is not there: only a rule
 * that doesn't ask for it matches. But where rules about access, or into a chain, ask for ports (or ICMP's type) that
 * are out of reach, the packet is dropped as unclassified: no packet gets past a rule by its headers.
 */
#ifndef SLUICE_BPF_POLICY_FACTS_H
#define SLUICE_BPF_POLICY_FACTS_H

#include "bpf/policy_options.h"

#define ICMP_NOT_KNOWN	  0x10000
#define IPV4_OFFSET_FLAGS 1 /* of a fragment that begins with what overwrites TCP's flags: 8 bytes in */

/* Is the TCP header in reach? */
static __always_inline bool has_tcp_flags(const struct packet *packet)
{
	return packet->protocol == IPPROTO_TCP && packet->fragment != FRAGMENT_LATER &&
	       !(packet->indirect & INDIRECT_HIDDEN);
}

static __always_inline void facts_tcp(struct ctx_buff *ctx, const struct packet *packet, struct policy_query *query)
{
	const struct tcp *tcp = packet_at(ctx, packet->l4, sizeof(*tcp));

	if (!tcp || !has_tcp_flags(packet))
		return;
	query->tcp_flags = tcp->flags;
	query->no_tcp_flags = 0;
}

static __always_inline void facts_begin(const struct packet *packet, struct policy_query *query)
{
	query->vrf = packet->vrf;
	query->tcp_flags = query->state = query->options = 0;
	query->no_tcp_flags = 1;
	query->dscp = packet->traffic_class >> 2;
	query->fragment = packet->fragment;
	query->interface = packet->tunnelled ? 0 : packet->interface;
	query->tunnel = packet->tunnelled ? packet->decapsulated : 0;
	query->vni = packet->tunnelled ? packet->vni : 0;
}

/* Functions of their own: few packets are fragments or ICMP errors. */
__noinline int policy_flow(struct ctx_buff *ctx, const struct packet *packet)
{
	struct policy_memory *memory = policy_memory();

	if (packet && memory)
		flow_find(ctx, packet, &memory->flow);
	return 0;
}

/* ICMP's type << 8 | code; ICMP_NOT_KNOWN, where they are not in reach. */
__noinline int policy_icmp(const struct packet *packet)
{
	struct fragment_key key;
	__u64 value;

	if (!packet || packet->indirect & INDIRECT_HIDDEN)
		return ICMP_NOT_KNOWN;
	if (packet->fragment != FRAGMENT_LATER)
		return icmp_kind(packet);
	key = (struct fragment_key){&packet->src, &packet->dst, packet->fragment_id, packet->vrf,
				    packet->fragment_protocol};
	value = fragment_recall(&key);
	return value ? value >> 16 & 0xffff : ICMP_NOT_KNOWN;
}

/* The flow that rules are looked for. */
static __always_inline void query_flow(struct policy_query *query, const struct flow *flow)
{
	query->source = flow->src;
	query->destination = flow->dst;
	query->source_port = flow->src_port;
	query->destination_port = flow->dst_port;
	query->family = flow->family;
	query->protocol = flow->known & FLOW_PROTOCOL ? flow->protocol : 0; /* which no rule asks for */
	query->has_ports = flow->known & FLOW_PORTS ? 1 : 0;
}

static __always_inline void query_icmp(struct policy_query *query, int icmp)
{
	query->destination_port = icmp;
	query->has_ports = icmp < ICMP_NOT_KNOWN;
}

/* The packet itself. */
static __always_inline void query_begin(struct ctx_buff *ctx, const struct packet *packet, struct policy_memory *memory)
{
	flow_of_headers(packet, &memory->flow);
	query_flow(&memory->query, &memory->flow);
	if (packet->indirect) {
		policy_flow(ctx, packet);
		if (!memory->flow.quoted)
			query_flow(&memory->query, &memory->flow);
	}
	if (protocol_is_icmp(memory->query.protocol))
		query_icmp(&memory->query, policy_icmp(packet));
}

/* As the packet was that began the connection that the flow is of. */
static __always_inline void query_initiator(struct policy_memory *memory)
{
	struct policy_query *query = &memory->query;
	struct flow flow = memory->flow;

	if (memory->tracked.reply)
		exchange_ends(&flow);
	query_flow(query, &flow);
	if (flow.protocol == IPPROTO_ICMP)
		query_icmp(query, ICMP_ECHO_REQUEST << 8);
	if (flow.protocol == IPPROTO_ICMPV6)
		query_icmp(query, ICMPV6_ECHO_REQUEST << 8);
	query->state = CONNECTION_NEW;
	query->tcp_flags = TCP_SYN;
	query->no_tcp_flags = flow.protocol != IPPROTO_TCP;
}

/* The flow that an ICMP error is about. */
static __always_inline void query_quoted(struct policy_memory *memory)
{
	query_flow(&memory->query, &memory->flow);
	if (protocol_is_icmp(memory->query.protocol))
		query_icmp(&memory->query, ICMP_NOT_KNOWN);
}

/* Of IPv4, which hosts may put together as they like; overlapping ones of IPv6 they must drop (RFC 5722). */
static __always_inline bool overwrites_flags(struct ctx_buff *ctx, const struct packet *packet)
{
	const __be16 *word = packet_at(ctx, packet->l3, sizeof(struct iphdr));

	return packet->family == 4 && packet->fragment == FRAGMENT_LATER && word &&
	       (word[3] & bpf_htons(IPV4_OFFSET_MASK)) == bpf_htons(IPV4_OFFSET_FLAGS);
}

/* Is something out of reach that a rule may ask for? */
static __always_inline bool is_out_of_reach(struct ctx_buff *ctx, const struct packet *packet,
					    const struct policy_query *query, __u8 flags)
{
	if (flags & DP_POLICY_HAS_PORTS && !query->has_ports)
		return true;
	if (!(flags & DP_POLICY_HAS_FLAGS) || query->protocol != IPPROTO_TCP || has_tcp_flags(packet))
		return false;
	return packet->fragment != FRAGMENT_LATER || overwrites_flags(ctx, packet); /* RFC 3128 */
}

/* Fills the CPU's memory with all that is known of the packet: NEXT, or unclassified. */
static __always_inline int policy_gather(struct ctx_buff *ctx, const struct packet *packet,
					 const struct dp_policy *policy, struct policy_memory *memory)
{
	facts_begin(packet, &memory->query);
	query_begin(ctx, packet, memory);
	if (policy->flags & DP_POLICY_HAS_FLAGS)
		facts_tcp(ctx, packet, &memory->query);
	if (policy->option_count && packet->tunnelled)
		policy_options(ctx, packet);
	return is_out_of_reach(ctx, packet, &memory->query, policy->flags) ? DP_REASON_unclassified : NEXT;
}

#endif
