/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What members answer that have been sent to under their own address: it has the VIP and its port for a source, in
 * struct packet, before any stage judges or steers it. So have ICMP errors about what was sent to such a member,
 * whoever sends them, as the kernel's connection tracking does it: the client knows the VIP only.
 *
 * Only what comes from an address that members have (answerers[]) is looked for among the connections.
 */
#ifndef SLUICE_BPF_SERVICE_ANSWER_H
#define SLUICE_BPF_SERVICE_ANSWER_H

#include "bpf/service_connection.h"
#include "bpf/vtep.h"

static __always_inline bool is_answerer(__u32 bank, const struct dp_address *address, __u16 vrf)
{
	struct dp_answerer key = {.address = *address};
	__u32 hash;

	key.vrf = vrf;
	hash = dp_hash((const __u64 *)&key, KEY_WORDS);
	for (__u32 i = 0; i < DP_HASH_PROBES; i++)
		if (key_equal(answerer_slot(bank, hash + i), (const __u64 *)&key))
			return true;
	return false;
}

/* Fills in the answer's flow: is it one that can be known? */
static __always_inline bool answer_flow(struct ctx_buff *ctx, const struct packet *packet,
					struct service_memory *memory)
{
	struct flow *flow = &memory->flow;

	if (!packet->indirect) {
		flow_of_headers(packet, flow);
		return has_ports(flow->protocol);
	}
	flow_find(ctx, packet, flow);
	if (flow->quoted && !is_answerer(packet->bank, &flow->src, packet->vrf))
		return false;
	return (flow->known & (FLOW_PROTOCOL | FLOW_PORTS)) == (FLOW_PROTOCOL | FLOW_PORTS) &&
	       has_ports(flow->protocol);
}

/* The VIP that the entry is about; NULL: the packet's bank has none, or another listener. */
static __always_inline const struct dp_load_balancer *answer_balancer(const struct packet *packet,
								      const struct tracked *answer)
{
	const struct dp_listener *listener = listener_row(packet->bank, note_id(answer));

	if (!listener || listener->incarnation != (__u32)answer->life)
		return NULL;
	return load_balancer_row(packet->bank, listener->load_balancer);
}

/* The entry hears of the packet. */
static __always_inline void answer_follow(struct service_memory *memory)
{
	struct tracked *answer = &memory->answer;
	__u32 state = dp_connection_state(answer->life), next = state;

	if (memory->tcp_flags)
		next = behind_member(state, memory->tcp_flags);
	else if (state == DP_CONNECTION_NEW)
		next = DP_CONNECTION_ESTABLISHED;
	memory->state = next;
	if (next == state && !dp_connection_age(answer->life, connection_now()))
		return;
	memory->moved = 1;
	entry_advance(answer, &memory->flow, next);
}

/* Puts the VIP into struct packet, if it is an answer: NEXT, or SERVICE_OPEN: the flow's own entry is to hear of it. */
__noinline int answer_restore(struct ctx_buff *ctx, struct packet *packet)
{
	struct service_memory *memory = service_memory();
	const struct dp_load_balancer *balancer;
	struct tracked *answer;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	answer = &memory->answer;
	if (!answer_flow(ctx, packet, memory))
		return NEXT;
	entry_begin(answer, &memory->flow, DP_CONNECTION_ANSWER);
	connection_find(packet, &memory->flow, answer);
	if (answer->place == CONNECTION_NOWHERE || entry_is_past(packet, answer, memory->flow.protocol, 0))
		return NEXT;
	balancer = answer_balancer(packet, answer);
	if (!balancer || !balancer->vrf)
		return NEXT;
	memory->moved = 0;
	memory->tcp_flags = service_tcp_flags(ctx, packet);
	if (!memory->flow.quoted)
		answer_follow(memory);
	packet->src = balancer->vip;
	packet->src_port = answer->note >> NOTE_BEHIND_ID;
	packet->service = memory->flow.quoted ? SERVICE_SOURCE | SERVICE_QUOTE : SERVICE_SOURCE;
	return memory->moved ? SERVICE_OPEN : NEXT;
}

/* The flow's own entry, from the client to the VIP, hears of the answer, which has the VIP now. */
__noinline int answer_tell(struct packet *packet)
{
	struct service_memory *memory = service_memory();
	struct tracked *entry;
	__u32 state, next;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	memory->flow.src = packet->src;
	memory->flow.src_port = packet->src_port;
	entry = &memory->entry;
	entry_begin(entry, &memory->flow, DP_CONNECTION_SERVICE);
	connection_find(packet, &memory->flow, entry);
	if (entry->place == CONNECTION_NOWHERE || entry_is_past(packet, entry, memory->flow.protocol, 0))
		return NEXT;
	state = next = dp_connection_state(entry->life);
	if (memory->tcp_flags)
		next = behind_member(state, memory->tcp_flags);
	else if (state == DP_CONNECTION_NEW)
		next = DP_CONNECTION_ESTABLISHED;
	entry_advance(entry, &memory->flow, next);
	if (dp_connection_over(next) && !dp_connection_over(state))
		member_count(note_id(entry), -1, 0);
	return NEXT;
}

/* A first fragment says again which flow it is of, so that the later ones find it with the VIP, too. */
__noinline int answer_fragment_first(struct ctx_buff *ctx, struct packet *packet)
{
	struct service_memory *memory = service_memory();

	if (packet && memory)
		flow_find(ctx, packet, &memory->flow);
	return NEXT;
}

static __always_inline int restore_vip(struct ctx_buff *ctx, struct packet *packet)
{
	int reason;

	if (!(packet->features & DP_FEATURE_SERVICE) || packet->from_stage)
		return NEXT;
	if (!(packet->indirect & INDIRECT_QUOTE) && !is_answerer(packet->bank, &packet->src, packet->vrf))
		return NEXT;
	reason = answer_restore(ctx, packet);
	if (reason == SERVICE_OPEN)
		reason = answer_tell(packet);
	if (packet->service && packet->fragment == FRAGMENT_FIRST)
		answer_fragment_first(ctx, packet);
	return reason;
}

#endif
