/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The policy of a VRF: of each category (api/dp/policy.h) the best rule that matches says whether the packet may pass,
 * where it goes instead of its route, what its QoS policy is, and that it is counted. What is for the router's own
 * addresses is delivered before any of it (RFC 1812 5.2.3), and what a stage of a chain gives back has been judged.
 *
 * Rules are counted at the packet's end, by the program that it ends in (policy_end): XDP may still leave it to the
 * other one, which judges it anew.
 */
#ifndef SLUICE_BPF_POLICY_H
#define SLUICE_BPF_POLICY_H

#include "bpf/classify.h"
#include "bpf/counters.h"
#include "bpf/policy_connection.h"

/* Into a chain, to a group of next hops in place of a route, or of a flow to a VIP to a pool: unless it is for the
 * router itself. */
static __always_inline int policy_steer(struct packet *packet, struct policy_memory *memory)
{
	__u32 row = memory->found.row[DP_POLICY_STEER] ? memory->found.row[DP_POLICY_STEER] : memory->own_steer;
	const struct dp_policy_rule *rule = policy_rule_row(packet->bank, row);

	if (!rule)
		return ends(DP_REASON_inconsistent);
	if (!rule->action || classified_is_local(packet))
		return NEXT;
	memory->counted[DP_POLICY_STEER] = rule->id;
	if (rule->action == DP_POLICY_STAGE) {
		packet->stage = rule->target;
	} else if (rule->action == DP_POLICY_POOL) {
		memory->pool = rule->target;
		packet->policy |= POLICY_POOLED;
	} else {
		packet->group = rule->target;
		packet->policy |= POLICY_ROUTED;
	}
	return NEXT;
}

/* A QoS policy, and whoever only counts. */
static __always_inline int policy_mark(struct packet *packet, struct policy_memory *memory)
{
	const struct dp_policy_rule *qos = policy_rule_row(packet->bank, memory->found.row[DP_POLICY_QOS]);
	const struct dp_policy_rule *observe = policy_rule_row(packet->bank, memory->found.row[DP_POLICY_OBSERVE]);

	if (!qos || !observe)
		return ends(DP_REASON_inconsistent);
	packet->qos = qos->target;
	memory->counted[DP_POLICY_QOS] = qos->id;
	memory->counted[DP_POLICY_OBSERVE] = observe->id;
	return NEXT;
}

/* Gets ready for the packet's look-up: NEXT, or unclassified. */
__noinline int policy_begin(struct ctx_buff *ctx, struct packet *packet)
{
	struct policy_memory *memory = policy_memory();
	const struct dp_policy *policy;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	policy = policy_row(packet->bank, packet->vrf);
	if (!policy)
		return ends(DP_REASON_inconsistent);
	packet->policy = POLICY_JUDGED;
	memory->own_steer = 0;
	__builtin_memset(memory->counted, 0, sizeof(memory->counted));
	policy_want(packet, policy, memory);
	if (policy->flags & (DP_POLICY_HAS_STATEFUL | DP_POLICY_HAS_STATES) || connection_head_row.keeps)
		packet->policy |= POLICY_TRACKS;
	return policy_gather(ctx, packet, policy, memory);
}

/*
 * Gets ready for another look-up where there shall be one: what leads elsewhere is looked for by the flow that an ICMP
 * error is about, too, and goes where that goes. If that has no rule, the error's own counts.
 */
__noinline int policy_begin_quoted(const struct packet *packet)
{
	struct policy_memory *memory = policy_memory();

	if (!packet || !memory || !memory->flow.quoted || !(memory->query.categories & POLICY_OF(STEER)))
		return 0;
	memory->own_steer = memory->found.row[DP_POLICY_STEER];
	memory->found.row[DP_POLICY_STEER] = 0;
	memory->query.categories = POLICY_OF(STEER);
	query_quoted(memory);
	return 1;
}

/* What the rules that have been found say of the packet: NEXT, or a reason; `reason` is why there was no look-up. */
__noinline int policy_decide(struct packet *packet, int reason)
{
	struct policy_memory *memory = policy_memory();

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	if (reason == NEXT)
		reason = policy_access(packet, memory);
	if (reason != NEXT)
		return classified_is_local(packet) ? NEXT : reason;
	policy_begin_connection(packet, memory);
	reason = policy_steer(packet, memory);
	return reason == NEXT ? policy_mark(packet, memory) : reason;
}

static __always_inline int policy_open(struct packet *packet)
{
	struct policy_memory *memory = policy_memory();

	return memory ? connection_open(packet, &memory->flow, &memory->tracked) : DP_REASON_inconsistent;
}

/* The calls are made from here, one behind the other: 6.1 has no stack for them one within the other. */
static __always_inline int policy(struct ctx_buff *ctx, struct packet *packet, struct way *way)
{
	int reason;

	if (!(packet->features & DP_FEATURE_POLICY) || packet->from_stage)
		return NEXT;
	reason = policy_begin(ctx, packet);
	if (reason == NEXT && packet->policy & POLICY_TRACKS)
		reason = policy_follow(ctx, packet);
	if (reason == NEXT)
		reason = policy_look(packet);
	if (reason == NEXT && packet->indirect & INDIRECT_QUOTE && policy_begin_quoted(packet))
		reason = policy_look(packet);
	reason = policy_decide(packet, reason);
	if (reason == NEXT && packet->policy & POLICY_OPENS)
		reason = policy_open(packet);
	if (packet->policy & POLICY_ROUTED)
		way->ahead = (struct dp_fib_leaf){.group = packet->group};
	return reason;
}

/* Counts a packet that has been judged, and goes no further, for its rules. */
__noinline int policy_count(const struct packet *packet)
{
	const struct policy_memory *memory = policy_memory();
	__u32 cpu = bpf_get_smp_processor_id();

	if (!packet || !memory)
		return 0;
	for (int i = 0; i < DP_POLICY_CATEGORIES; i++)
		counter_add_some(cpu, DP_COUNTER_POLICY, memory->counted[i], 1, packet->length);
	return 0;
}

#endif
