/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/policy_banks.h"

#include <errno.h>
#include <string.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/reconcile/tables.h"

int policy_banks_open(struct policy_banks *banks, struct dataplane *dataplane)
{
	*banks = (struct policy_banks){.dataplane = dataplane};
	for (unsigned int i = 0; i < 2; i++) {
		banks->policy[i] = policy_new(dataplane_bank(dataplane, i), dataplane_limits(dataplane));
		if (!banks->policy[i])
			return -ENOMEM;
	}
	return 0;
}

void policy_banks_close(struct policy_banks *banks)
{
	policy_free(banks->policy[0]);
	policy_free(banks->policy[1]);
}

static const enum dp_table engine_tables[] = {DP_TABLE_policies, DP_TABLE_policy_rules, DP_TABLE_policy_guards,
					      DP_TABLE_policy_trees, DP_TABLE_policy_words};

static int fill(struct policy_banks *banks, struct tables *tables, unsigned int idle)
{
	const struct bank *bank = dataplane_bank(banks->dataplane, idle);
	const struct dp_limits *limits = dataplane_limits(banks->dataplane);

	policy_free(banks->policy[idle]);
	for (size_t i = 0; i < sizeof(engine_tables) / sizeof(*engine_tables); i++)
		memset(bank_table(bank, engine_tables[i]), 0,
		       bank_rows(limits, engine_tables[i]) * bank_row_size(engine_tables[i]));
	banks->policy[idle] = policy_new(bank, limits);
	if (!banks->policy[idle] || tables_fill_policy(tables))
		return -ENOMEM;
	return policy_changes_do(&tables->policies, banks->policy[idle]);
}

int policy_banks_sync(struct policy_banks *banks, struct tables *tables, unsigned int idle)
{
	struct policy_changes *changes = &tables->policies;
	bool *lost = &banks->lost[idle];
	int error = 0;

	if (!*lost && policy_changes_any(changes))
		*lost = policy_changes_do(changes, banks->policy[idle]) != 0;
	policy_changes_free(changes);
	if (!*lost)
		return 0;
	error = fill(banks, tables, idle);
	policy_changes_free(changes);
	*lost = error != 0;
	if (error)
		log_error("the second bank cannot take the policy of the first; no commit until it can: %s",
			  strerror(-error));
	return error;
}
