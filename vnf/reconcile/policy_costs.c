/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/policy_costs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/tables.h"

#define NAMED	   4   /* rules in a fault */
#define NAMED_TEXT 160 /* their names */

void policy_costs_free(struct policy_costs *costs)
{
	free(costs->vrf);
	*costs = (struct policy_costs){0};
}

/* The resource with the id, or that the run takes away; NULL: none. */
static const struct resource *named(const struct tables *tables, enum resource_kind kind, uint32_t id)
{
	const struct resource *resource = tables_resource(tables, kind, id);

	return resource ? resource : tables_resource_before(tables, kind, id);
}

/* What a rule of the engine is there for, by its id (policy_ids()). */
static const struct resource *resource_of(const struct tables *tables, uint32_t id)
{
	uint32_t rules = tables->writer.limits->policy_rules;
	const struct resource *rule;

	if (id > rules)
		return named(tables, RESOURCE_SECURITY_GROUP, (id - rules + 1) / 2);
	rule = named(tables, RESOURCE_POLICY_RULE, id);
	return rule ? rule : named(tables, RESOURCE_SECURITY_GROUP_RULE, id);
}

const char *policy_rule_name(const struct tables *tables, uint32_t id)
{
	const struct resource *resource = resource_of(tables, id);

	return resource ? resource->self->text : "?";
}

const char *policy_vrf_name(const struct tables *tables, uint16_t id)
{
	const struct resource *vrf = named(tables, RESOURCE_VRF, id);

	return vrf ? vrf->self->text : "?";
}

/* The engine had no room for what the changes stopped at. */
static int explain(struct tables *tables, int cause)
{
	const struct policy_entry *entry = policy_changes_at(&tables->policies);
	struct error *error = tables->error;
	char what[96] = "a member of a group";
	uint16_t vrf;

	if (cause == -ENOMEM) {
		error_no_memory(error, NULL);
		return cause;
	}
	if (!entry) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "the policy's tables are full (%llu words are in use): have fewer addresses in groups, or "
			  "raise "
			  "limits.max_policy_rules in sluiced.yaml, and restart sluiced",
			  (unsigned long long)policy_words_used(tables->policy));
		return cause;
	}
	vrf = entry->vrf;
	snprintf(what, sizeof(what), "rule \"%s\"", policy_rule_name(tables, entry->rule.id));
	if (cause == -E2BIG)
		error_add(
			error, ERROR_RESOURCE_EXHAUSTED, NULL,
			"VRF \"%s\": %s makes the policy too varied: at most %d combinations of kinds of matches, %d "
			"values of a field inside each other, %d rules that differ in flags, states and the like alone",
			policy_vrf_name(tables, vrf), what, DP_POLICY_TUPLES, DP_POLICY_LAYERS - 1, DP_POLICY_CHAIN);
	else if (cause == -ENOSPC)
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "VRF \"%s\": no room for %s: the policy's tables are full: raise limits.max_policy_rules in "
			  "sluiced.yaml, and restart sluiced",
			  policy_vrf_name(tables, vrf), what);
	else
		error_add(error, ERROR_INTERNAL, NULL, "VRF \"%s\": the policy engine refuses %s: %s",
			  policy_vrf_name(tables, vrf), what, strerror(-cause));
	return cause;
}

static int refuse(struct tables *tables, uint16_t vrf, const struct policy_cost *cost)
{
	char names[NAMED_TEXT] = "";
	uint32_t id[NAMED];
	size_t count = policy_costly(tables->policy, vrf, id, NAMED), length = 0;

	for (size_t i = 0; i < count && length < sizeof(names); i++)
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s", i ? ", " : "",
					   policy_rule_name(tables, id[i]));
	error_add(
		tables->error, ERROR_RESOURCE_EXHAUSTED, NULL,
		"VRF \"%s\": a packet may have to be compared with rules of %u kinds, %d at most; among them: %s: use "
		"address groups in place of prefixes inside each other, and fewer different port ranges",
		policy_vrf_name(tables, vrf), cost->probes, DP_POLICY_PROBES, names);
	return -E2BIG;
}

/* One VRF's. Where it is too much, a better layout may be less. */
static int measure(struct tables *tables, uint16_t vrf)
{
	struct policy_costs *costs = &tables->costs;
	struct policy_cost cost = policy_cost(tables->policy, vrf);
	const struct resource *resource = tables_resource(tables, RESOURCE_VRF, vrf);

	if (cost.probes > DP_POLICY_PROBES && !policy_rebuild(tables->policy, vrf))
		cost = policy_cost(tables->policy, vrf);
	if (cost.probes > DP_POLICY_PROBES)
		return refuse(tables, vrf, &cost);
	if (!resource)
		return 0;
	if (costs->count == costs->room) {
		size_t room = costs->room ? costs->room * 2 : 16;
		struct vrf_cost *grown = realloc(costs->vrf, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		costs->vrf = grown;
		costs->room = room;
	}
	costs->vrf[costs->count++] = (struct vrf_cost){resource->self, cost};
	return 0;
}

int policy_costs_update(struct tables *tables)
{
	const struct policy_changes *changes = &tables->policies;
	int error = policy_changes_any(changes) ? policy_changes_do(&tables->policies, tables->policy) : 0;

	tables->costs.count = 0;
	if (error)
		return explain(tables, error);
	for (size_t i = 0; i < changes->vrfs && !error; i++)
		error = measure(tables, changes->vrf[i].vrf);
	return error;
}
