/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/policy/find.h"

struct policy_tables policy_tables_of(const struct bank *bank, const struct dp_limits *limits, uint16_t vrf)
{
	return (struct policy_tables){
		.policy = &bank->policies[vrf],
		.source = &bank->policy_trees[vrf * 2],
		.destination = &bank->policy_trees[vrf * 2 + 1],
		.rules = bank->policy_rules,
		.guards = bank->policy_guards,
		.pool = bank->policy_words,
		.mask = bank_rows(limits, DP_TABLE_policy_words) - 1,
		.rule_last = bank_rows(limits, DP_TABLE_policy_rules) - 1,
		.guard_last = bank_rows(limits, DP_TABLE_policy_guards) - 1,
	};
}

int policy_find(const struct bank *bank, const struct dp_limits *limits, const struct policy_query *query,
		struct policy_found *found)
{
	const struct policy_tables tables = policy_tables_of(bank, limits, query->vrf);

	*found = (struct policy_found){0};
	return policy_search(&tables, query, found);
}
