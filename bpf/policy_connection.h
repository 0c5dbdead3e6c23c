/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The policy and connections (connection.h). A packet of a connection that was let in under the epoch of the VRF's
 * rules, or by a rule that keeps it, passes without a look at the rules about access; what else there is to be looked
 * for is looked for in its own direction. Under another epoch, be it newer or older, the connection is judged again, as
 * if its initiator began it now; so a verdict is always that of the packet's own bank.
 */
#ifndef SLUICE_BPF_POLICY_CONNECTION_H
#define SLUICE_BPF_POLICY_CONNECTION_H

#include "bpf/policy_access.h"

enum policy_known { POLICY_UNKNOWN, POLICY_KNOWN, POLICY_CHANGED };

/* Facts of the way by which the initiator's packets come: those of a reply say nothing about them. */
#define GUARD_OF_WAY (DP_GUARD_INTERFACE | DP_GUARD_TUNNEL | DP_GUARD_VNI | DP_GUARD_OPTION | DP_GUARD_DSCP)

/* A reply to what a rule has let in that is there still, and asks by which way the initiator's packets come: the next
 * of those is the one to judge by. */
static __always_inline bool is_judged_by_initiator(const struct packet *packet, const struct tracked *tracked)
{
	const struct dp_policy_rule *rule = policy_rule_row(packet->bank, tracked->rule);
	const struct dp_policy_guard *guard;

	if (!tracked->reply || !rule || rule->id != tracked->rule || rule->action != DP_POLICY_ALLOW || !rule->guard)
		return false;
	guard = policy_guard_row(packet->bank, rule->guard);
	return guard && guard->asks & GUARD_OF_WAY;
}

/* What the connection that has been looked for says of the packet. CHANGED: the query is the initiator's. */
__noinline int policy_known(const struct packet *packet)
{
	struct policy_memory *memory = policy_memory();
	const struct tracked *tracked;
	const struct dp_policy *policy;

	if (!packet || !memory)
		return POLICY_UNKNOWN;
	policy = policy_row(packet->bank, packet->vrf);
	tracked = &memory->tracked;
	memory->query.state = tracked->state;
	if (!policy || !tracked->found)
		return POLICY_UNKNOWN;
	if (tracked->pinned || tracked->epoch == policy->epoch || is_judged_by_initiator(packet, tracked)) {
		memory->query.categories &= ~POLICY_IS_ACCESS;
		memory->counted[DP_POLICY_ACCESS] = tracked->rule;
		return POLICY_KNOWN;
	}
	memory->query.categories = POLICY_IS_ACCESS;
	query_initiator(memory);
	return POLICY_CHANGED;
}

/* Does the rule keep what it lets in? */
static __always_inline void policy_pin(struct tracked *tracked, const struct dp_policy_rule *rule)
{
	tracked->pinned = !!(rule->flags & DP_POLICY_KEEP);
	if (tracked->pinned)
		connections_keep();
}

/* The rules that would let the connection in now have been found: NEXT, or why it does not go on. */
static __always_inline int connection_judge(struct packet *packet, const struct dp_policy *policy,
					    struct policy_memory *memory)
{
	const struct dp_policy_rule *rule = policy_stateful(packet, memory);
	int reason = policy_access(packet, memory);

	if (!rule || reason == DP_REASON_inconsistent)
		return ends(DP_REASON_inconsistent);
	if (reason == NEXT && rule->flags & DP_POLICY_RESET && rule->id != memory->tracked.rule)
		reason = DP_REASON_connection_reset;
	if (reason != NEXT || !rule->id) {
		connection_end(packet, &memory->tracked);
		return reason == DP_REASON_denied ? DP_REASON_connection_reset : reason;
	}
	memory->tracked.rule = rule->id;
	memory->tracked.epoch = policy->epoch;
	policy_pin(&memory->tracked, rule);
	connection_relabel(packet, &memory->tracked);
	return NEXT;
}

/* Judges the connection: NEXT, with the packet's own query for what is left to be looked for, or why it does not go on.
 * What no rule follows any more is no connection: its packets are judged each for itself. */
__noinline int policy_rejudge(struct ctx_buff *ctx, struct packet *packet)
{
	struct policy_memory *memory = policy_memory();
	const struct dp_policy *policy;
	int reason;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	policy = policy_row(packet->bank, packet->vrf);
	if (!policy)
		return ends(DP_REASON_inconsistent);
	reason = connection_judge(packet, policy, memory);
	if (reason != NEXT)
		return reason;
	policy_want(packet, policy, memory);
	reason = policy_gather(ctx, packet, policy, memory);
	if (memory->tracked.found)
		memory->query.categories &= ~POLICY_IS_ACCESS;
	else
		memory->tracked.state = memory->flow.protocol == IPPROTO_TCP ? CONNECTION_INVALID : CONNECTION_NEW;
	memory->query.state = memory->tracked.state;
	return reason;
}

/* A packet that rules about access let pass: does it begin a connection? */
static __always_inline void policy_begin_connection(struct packet *packet, struct policy_memory *memory)
{
	const struct dp_policy *policy = policy_row(packet->bank, packet->vrf);
	const struct dp_policy_rule *rule;

	if (!(packet->policy & POLICY_TRACKS) || memory->tracked.found || !memory->tracked.begins)
		return;
	rule = policy_stateful(packet, memory);
	if (!policy || !rule || !rule->id || classified_is_local(packet))
		return;
	memory->tracked.rule = rule->id;
	memory->tracked.epoch = policy->epoch;
	policy_pin(&memory->tracked, rule);
	packet->policy |= POLICY_OPENS;
}

/* Finds what is known of the packet's connection, and judges it where that is under other rules. The functions that
 * look are called from the router's frame. */
static __always_inline int policy_follow(struct ctx_buff *ctx, struct packet *packet)
{
	struct policy_memory *memory = policy_memory();
	int reason;

	if (!memory)
		return ends(DP_REASON_inconsistent);
	reason = connection_track(ctx, packet, &memory->flow, &memory->tracked);
	if (reason != NEXT || policy_known(packet) != POLICY_CHANGED)
		return reason;
	reason = policy_look(packet);
	return reason == NEXT ? policy_rejudge(ctx, packet) : reason;
}

#endif
