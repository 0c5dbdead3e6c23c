/* SPDX-License-Identifier: Apache-2.0 */
/* From rules as resources to rules as the policy engine takes them. */
#ifndef SLUICE_FEATURES_POLICY_RULE_ROWS_H
#define SLUICE_FEATURES_POLICY_RULE_ROWS_H

#include "vnf/features/policy/policy.h"
#include "vnf/reconcile/policy_changes.h"

/* The engine's number of a set: of an address group its id, of a security group its id behind those. */
static inline uint32_t address_group_set(const struct handle *group)
{
	return group ? group->id : 0;
}

static inline uint32_t security_group_set(const struct handle *group)
{
	return group ? DP_MAX_ADDRESS_GROUPS + group->id : 0;
}

/* `stage`: the first of the chain that it leads into; `option`: the index of what it asks for among the VRF's. */
void policy_rule_row(const struct policy_rule *rule, uint32_t stage, uint8_t option, struct policy_entry *entry);
void security_group_rule_row(const struct security_group_rule *rule, uint16_t vrf, bool stateful,
			     struct policy_entry *entry);
/* What the group's rules don't allow, of one direction. */
void default_rule_row(const struct security_group *group, Sluice__V1__Direction direction,
		      const struct dp_limits *limits, struct policy_entry *entry);

/* An option as dp_policy.option has it. */
static inline uint32_t policy_option_key(const struct policy_option *option)
{
	return (uint32_t)option->option_class << 8 | option->type;
}

#endif
