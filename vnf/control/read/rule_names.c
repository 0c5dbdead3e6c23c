/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/rule_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vnf/control/kinds/kinds.h"

static const enum resource_kind rule_kinds[] = {RESOURCE_POLICY_RULE, RESOURCE_SECURITY_GROUP_RULE};

#define RULE_KINDS (sizeof(rule_kinds) / sizeof(*rule_kinds))

static void take(const char **name, uint32_t most, const struct snapshot *snapshot, enum resource_kind kind)
{
	const struct resource *resource = snapshot_next(snapshot, kind, NULL);

	for (; resource; resource = snapshot_next(snapshot, kind, resource))
		if (resource_id(resource) <= most)
			name[resource_id(resource)] = resource->self->text;
}

int rule_names_init(struct rule_names *names, const struct snapshot *snapshot, const struct dp_limits *limits)
{
	*names = (struct rule_names){.vrfs = limits->vrfs,
				     .rules = limits->policy_rules,
				     .members = limits->members,
				     .listeners = limits->listeners};
	names->vrf = calloc(names->vrfs + 1, sizeof(*names->vrf));
	names->rule = calloc(names->rules + 1, sizeof(*names->rule));
	names->member = calloc(names->members + 1UL, sizeof(*names->member));
	names->listener = calloc(names->listeners + 1UL, sizeof(*names->listener));
	if (!names->vrf || !names->rule || !names->member || !names->listener) {
		rule_names_clear(names);
		return -ENOMEM;
	}
	take(names->vrf, names->vrfs, snapshot, RESOURCE_VRF);
	take(names->member, names->members, snapshot, RESOURCE_MEMBER);
	take(names->listener, names->listeners, snapshot, RESOURCE_LISTENER);
	for (size_t i = 0; i < RULE_KINDS; i++)
		take(names->rule, names->rules, snapshot, rule_kinds[i]);
	names->vrf[0] = names->rule[0] = names->member[0] = names->listener[0] =
		NULL; /* those that are being taken away */
	return 0;
}

void rule_names_clear(struct rule_names *names)
{
	free(names->vrf);
	free(names->rule);
	free(names->member);
	free(names->listener);
	*names = (struct rule_names){0};
}

const char *vrf_name(const struct rule_names *names, uint32_t id)
{
	return id <= names->vrfs && names->vrf[id] ? names->vrf[id] : "";
}

const char *member_name(const struct rule_names *names, uint32_t id)
{
	return id <= names->members && names->member[id] ? names->member[id] : "";
}

const char *listener_name(const struct rule_names *names, uint32_t id)
{
	return id <= names->listeners && names->listener[id] ? names->listener[id] : "";
}

const char *rule_name(const struct rule_names *names, uint32_t id, char number[16])
{
	if (!id)
		return "";
	if (id <= names->rules && names->rule[id])
		return names->rule[id];
	snprintf(number, 16, "%u", id);
	return number;
}

uint32_t rule_id(const struct snapshot *snapshot, const char *name)
{
	for (size_t i = 0; i < RULE_KINDS; i++) {
		const struct resource *rule = snapshot_find(snapshot, rule_kinds[i], name);

		if (rule)
			return resource_id(rule);
	}
	return 0;
}
