/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups in the policy engine: their members as a set, and what their rules don't allow, each way. */
#include <errno.h>

#include "vnf/features/policy/policy_facts.h"

int policy_replace_members(struct tables *tables, uint16_t vrf, uint32_t set, const struct ip_prefix *before,
			   size_t before_count, const struct ip_prefix *after, size_t after_count)
{
	struct policy_changes *changes = tables_policies(tables);
	size_t i = 0, j = 0;
	bool any = false;

	while (i < before_count || j < after_count) {
		int order = i == before_count ? 1 : j == after_count ? -1 : ip_prefix_compare(&before[i], &after[j]);

		if (order < 0 && policy_changes_member(changes, vrf, set, &before[i], false))
			return -ENOMEM;
		if (order > 0 && policy_changes_member(changes, vrf, set, &after[j], true))
			return -ENOMEM;
		any |= order != 0;
		i += order <= 0;
		j += order >= 0;
	}
	if (any)
		policy_vrf_count(tables, vrf, 0);
	return 0;
}

static const struct dp_limits *limits_of(struct tables *tables)
{
	return tables_writer(tables)->limits;
}

static int replace_defaults(struct tables *tables, const struct security_group *old, const struct security_group *new)
{
	for (int direction = SLUICE__V1__DIRECTION__DIRECTION_INGRESS;
	     direction <= SLUICE__V1__DIRECTION__DIRECTION_EGRESS; direction++) {
		struct policy_entry before = {0}, after = {0};

		if (old)
			default_rule_row(old, (Sluice__V1__Direction)direction, limits_of(tables), &before);
		if (new)
			default_rule_row(new, (Sluice__V1__Direction)direction, limits_of(tables), &after);
		if (policy_replace_rule(tables, &before, &after))
			return -ENOMEM;
	}
	return 0;
}

/* The VRF's handle keeps its id for as long as one of both banks may have it. */
static int row(struct tables *tables, struct table_row *row)
{
	const struct security_group *old = (const struct security_group *)row->before;
	const struct security_group *new = (const struct security_group *)row->after;
	uint32_t set = DP_MAX_ADDRESS_GROUPS + row->id;
	int error = 0;

	if (old && new && old->vrf == new->vrf) {
		error = policy_replace_members(tables, (uint16_t) new->vrf->id, set, old->member, old->count,
					       new->member, new->count);
		return error ? error : replace_defaults(tables, old, new);
	}
	if (old)
		error = policy_replace_members(tables, (uint16_t)old->vrf->id, set, old->member, old->count, NULL, 0);
	if (!error && new)
		error = policy_replace_members(tables, (uint16_t) new->vrf->id, set, NULL, 0, new->member, new->count);
	return error ? error : replace_defaults(tables, old, new);
}

static int fill(struct tables *tables)
{
	for (uint32_t id = 1; id < tables_end(tables, RESOURCE_SECURITY_GROUP); id++) {
		const struct security_group *group =
			(const struct security_group *)tables_resource(tables, RESOURCE_SECURITY_GROUP, id);

		for (size_t i = 0; group && i < group->count; i++)
			if (policy_changes_member(tables_policies(tables), (uint16_t)group->vrf->id,
						  DP_MAX_ADDRESS_GROUPS + id, &group->member[i], true))
				return -ENOMEM;
		for (int direction = 1; group && direction <= SLUICE__V1__DIRECTION__DIRECTION_EGRESS; direction++) {
			static const struct policy_entry none;
			struct policy_entry entry;

			default_rule_row(group, (Sluice__V1__Direction)direction, limits_of(tables), &entry);
			if (policy_changes_rule(tables_policies(tables), &none, &entry))
				return -ENOMEM;
		}
	}
	return 0;
}

const struct table security_groups_table = {
	.name = "security_groups",
	.kind = RESOURCE_SECURITY_GROUP,
	.row = row,
	.fill_policy = fill,
};
