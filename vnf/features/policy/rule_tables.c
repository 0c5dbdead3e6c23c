/* SPDX-License-Identifier: Apache-2.0 */
/* The rules in the policy engine: those of VRFs, and those of security groups. */
#include <errno.h>
#include <string.h>

#include "vnf/core/error.h"
#include "vnf/features/base/steering.h"
#include "vnf/features/policy/policy_facts.h"

/* What of a rule in the engine does not follow from the rule itself. */
struct rule_fact {
	uint32_t stage;
	uint16_t vrf;
	uint8_t option;
	uint8_t stateful;
};

struct policy_rules {
	struct id_array fact; /* struct rule_fact by the id of either kind */
};

static void open(void *state)
{
	((struct policy_rules *)state)->fact = id_array_of(sizeof(struct rule_fact));
}

static void close(void *state)
{
	id_array_free(&((struct policy_rules *)state)->fact);
}

static struct id_array *facts(const struct tables *tables)
{
	return &((struct policy_rules *)tables_state(tables, TABLE_policy_rules))->fact;
}

static struct rule_fact fact_of(const struct tables *tables, uint32_t id)
{
	return *(const struct rule_fact *)id_array_get(facts(tables), id);
}

static void count_end(struct tables *tables, uint16_t vrf, const struct policy_end *end, int step)
{
	if (end->set && end->set <= DP_MAX_ADDRESS_GROUPS)
		address_set_use(tables, vrf, end->set, step);
}

static void count(struct tables *tables, const struct policy_entry *entry, int step)
{
	if (!entry->vrf)
		return;
	policy_vrf_count(tables, entry->vrf, step);
	count_end(tables, entry->vrf, &entry->pattern.source, step);
	count_end(tables, entry->vrf, &entry->pattern.destination, step);
}

int policy_replace_rule(struct tables *tables, const struct policy_entry *before, const struct policy_entry *after)
{
	if (memcmp(before, after, sizeof(*before)) == 0)
		return 0;
	count(tables, after, 1);
	count(tables, before, -1);
	return policy_changes_rule(tables_policies(tables), before, after);
}

static uint32_t stage_of(const struct tables *tables, const struct policy_rule *rule)
{
	bool chained = rule->action == SLUICE__V1__POLICY_RULE__ACTION_PORT_CHAIN;

	return chained ? chain_first_stage(tables, rule->target->id) : 0;
}

/* Options that nobody asks for any more make room for others. */
static void clear(struct tables *tables, const struct table_row *row)
{
	const struct policy_rule *rule = (const struct policy_rule *)row->before;

	if (rule && rule->match.option.length)
		policy_option_leave(tables, fact_of(tables, row->id).vrf, policy_option_key(&rule->match.option));
}

static int take_option(struct tables *tables, const struct policy_rule *rule, struct rule_fact *fact)
{
	int index;

	if (!rule->match.option.length)
		return 0;
	index = policy_option_take(tables, fact->vrf, policy_option_key(&rule->match.option));
	if (index < 0) {
		error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
			  "policy rule \"%s\": the rules of VRF \"%s\" ask for more than %d different Geneve options "
			  "(class and type)",
			  rule->resource.self->text, rule->vrf->text, DP_POLICY_OPTIONS);
		return index;
	}
	fact->option = (uint8_t)index;
	return 0;
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct policy_rule *old = (const struct policy_rule *)row->before;
	const struct policy_rule *new = (const struct policy_rule *)row->after;
	const struct rule_fact was = fact_of(tables, row->id);
	struct policy_entry before = {0}, after = {0};
	struct rule_fact is = {0};
	int error;

	if (old) {
		policy_rule_row(old, was.stage, was.option, &before);
		before.vrf = was.vrf;
	}
	if (new) {
		is.vrf = (uint16_t) new->vrf->id;
		is.stage = stage_of(tables, new);
		error = take_option(tables, new, &is);
		if (error)
			return error;
		policy_rule_row(new, is.stage, is.option, &after);
	}
	id_array_set(facts(tables), tables_log(tables), row->id, &is);
	return policy_replace_rule(tables, &before, &after);
}

static void follow_chain(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_policy_rules, after ? after : before, RESOURCE_POLICY_RULE);
}

/* The engine anew: all that it is to have. */
static int fill(struct tables *tables)
{
	static const struct policy_entry none;

	for (uint32_t id = 1; id < tables_end(tables, RESOURCE_POLICY_RULE); id++) {
		const struct policy_rule *rule =
			(const struct policy_rule *)tables_resource(tables, RESOURCE_POLICY_RULE, id);
		const struct rule_fact fact = fact_of(tables, id);
		struct policy_entry entry;

		if (!rule)
			continue;
		policy_rule_row(rule, fact.stage, fact.option, &entry);
		if (policy_changes_rule(tables_policies(tables), &none, &entry))
			return -ENOMEM;
	}
	return 0;
}

const struct table policy_rules_table = {
	.name = "policy_rules",
	.kind = RESOURCE_POLICY_RULE,
	.tables = {{TABLE_port_chains, follow_chain}},
	.state_size = sizeof(struct policy_rules),
	.open = open,
	.close = close,
	.clear = clear,
	.row = row,
	.fill_policy = fill,
};

static int group_rule_row(struct tables *tables, struct table_row *row)
{
	const struct security_group_rule *old = (const struct security_group_rule *)row->before;
	const struct security_group_rule *new = (const struct security_group_rule *)row->after;
	const struct rule_fact was = fact_of(tables, row->id);
	struct policy_entry before = {0}, after = {0};
	struct rule_fact is = {0};

	if (old)
		security_group_rule_row(old, was.vrf, was.stateful, &before);
	if (new) {
		const struct security_group *group =
			(const struct security_group *)tables_resource(tables, RESOURCE_SECURITY_GROUP, new->group->id);

		is.vrf = (uint16_t)group->vrf->id;
		is.stateful = !group->stateless;
		security_group_rule_row(new, is.vrf, is.stateful, &after);
	}
	id_array_set(facts(tables), tables_log(tables), row->id, &is);
	return policy_replace_rule(tables, &before, &after);
}

/* Whether connections are followed is said by the group. */
static void follow_group(struct tables *tables, const struct resource *before, const struct resource *after)
{
	const struct security_group *old = (const struct security_group *)before;
	const struct security_group *new = (const struct security_group *)after;

	if (old && new && (old->stateless != new->stateless || old->vrf != new->vrf))
		tables_mark_users(tables, TABLE_security_group_rules, after, RESOURCE_SECURITY_GROUP_RULE);
}

static int fill_group_rules(struct tables *tables)
{
	static const struct policy_entry none;

	for (uint32_t id = 1; id < tables_end(tables, RESOURCE_SECURITY_GROUP_RULE); id++) {
		const struct security_group_rule *rule =
			(const struct security_group_rule *)tables_resource(tables, RESOURCE_SECURITY_GROUP_RULE, id);
		const struct rule_fact fact = fact_of(tables, id);
		struct policy_entry entry;

		if (!rule)
			continue;
		security_group_rule_row(rule, fact.vrf, fact.stateful, &entry);
		if (policy_changes_rule(tables_policies(tables), &none, &entry))
			return -ENOMEM;
	}
	return 0;
}

const struct table security_group_rules_table = {
	.name = "security_group_rules",
	.kind = RESOURCE_SECURITY_GROUP_RULE,
	.kinds = {{RESOURCE_SECURITY_GROUP, follow_group}},
	.row = group_rule_row,
	.fill_policy = fill_group_rules,
};
