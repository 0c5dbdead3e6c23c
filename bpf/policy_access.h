/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the rules about access say that have been found for a packet. */
#ifndef SLUICE_BPF_POLICY_ACCESS_H
#define SLUICE_BPF_POLICY_ACCESS_H

#include "bpf/policy_facts.h"

#define POLICY_OF(category) (1U << DP_POLICY_##category)
#define POLICY_IS_ACCESS    (POLICY_OF(ACCESS) | POLICY_OF(EGRESS) | POLICY_OF(INGRESS))

/* The best rules for memory->query, which may want none; the functions that look are called from the router's frame. */
static __always_inline int policy_look(const struct packet *packet)
{
	struct policy_memory *memory = policy_memory();
	int more = 1;

	if (!memory)
		return ends(DP_REASON_inconsistent);
	if (!memory->query.categories)
		return NEXT;
	if (policy_classes_of(packet->bank, &memory->query, &memory->classes))
		return ends(DP_REASON_inconsistent);
	for (int i = 0; i < POLICY_TIMES && more > 0; i++)
		more = policy_rules_of(packet->bank, &memory->query, &memory->classes, &memory->found);
	return more ? ends(DP_REASON_inconsistent) : NEXT;
}

/* Begins a look-up for all that the VRF has rules about. */
static __always_inline void policy_want(const struct packet *packet, const struct dp_policy *policy,
					struct policy_memory *memory)
{
	memory->found = (struct policy_found){};
	memory->query.categories = policy->categories;
	if (packet->stage) /* a flow classifier has said where to */
		memory->query.categories &= ~POLICY_OF(STEER);
}

/* Which of two reasons counts: what is denied is not told of. */
static __always_inline int access_worse(int reason, __u8 action)
{
	if (action == DP_POLICY_DENY)
		return DP_REASON_denied;
	return action == DP_POLICY_REJECT && reason == NEXT ? DP_REASON_rejected : reason;
}

/* Of the three categories about access, each that has a rule must allow the packet. */
static __always_inline int policy_access(const struct packet *packet, struct policy_memory *memory)
{
	int reason = NEXT;

	for (int i = DP_POLICY_ACCESS; i <= DP_POLICY_INGRESS; i++) {
		const struct dp_policy_rule *rule = policy_rule_row(packet->bank, memory->found.row[i]);

		if (!rule)
			return ends(DP_REASON_inconsistent);
		if (rule->id)
			memory->counted[i] = rule->id;
		reason = access_worse(reason, rule->action);
	}
	return reason;
}

/* Of those that let it pass the first that follows connections; row 0: none does. */
static __always_inline const struct dp_policy_rule *policy_stateful(const struct packet *packet,
								    const struct policy_memory *memory)
{
	for (int i = DP_POLICY_ACCESS; i <= DP_POLICY_INGRESS; i++) {
		const struct dp_policy_rule *rule = policy_rule_row(packet->bank, memory->found.row[i]);

		if (!rule || rule->flags & DP_POLICY_STATEFUL)
			return rule;
	}
	return policy_rule_row(packet->bank, 0);
}

#endif
