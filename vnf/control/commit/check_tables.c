/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/check_tables.h"

#include <stdlib.h>

#include "api/dp/limits.h"
#include "vnf/control/commit/candidate.h"
#include "vnf/control/kinds/kinds.h"

/* Turns faults to the change that made the resource; false: it is older than the candidate. */
static bool attribute_fault(struct check *check, const struct resource *resource)
{
	size_t change;

	if (resource->revision != check->next->revision)
		return false;
	if (check->error->count >= ERROR_FAULTS)
		return true; /* of those that are only counted nobody reads the path */
	change = candidate_change_of(check->candidate, resource);
	if (change == SIZE_MAX)
		return false;
	check->change = change;
	check->kind = resource->kind;
	return true;
}

/* --- next hops whose tunnel endpoint no longer binds their VNI --- */

static bool visit_next_hop(void *object, void *context)
{
	const struct next_hop *next_hop = object;
	struct check *check = context;
	struct unique_key key;

	if (next_hop->target != NEXT_HOP_TUNNEL || next_hop->resource.revision == check->next->revision)
		return true;
	key = (struct unique_key){.rule = UNIQUE_BINDING, .number = next_hop->vni, .handle = next_hop->via};
	if (!unique_keys_holder(check->unique_keys, &key) && attribute_fault(check, next_hop->via->resource))
		check_fault(check, ERROR_FAILED_PRECONDITION, "vni_bindings", -1, NULL,
			    "next hop \"%s\" still uses VNI %u", next_hop->resource.self->text, next_hop->vni);
	return true;
}

/* --- groups with a next hop whose gateway changed its address family --- */

static bool visit_group(void *object, void *context)
{
	const struct next_hop_group *group = object;
	uint32_t ipv6 = group->resource.self->ipv6_users, ipv4 = group->resource.self->users - ipv6;
	struct check *check = context;

	if (group->resource.revision == check->next->revision)
		return true;
	for (size_t i = 0; i < group->count; i++) {
		uint8_t family = check_next_hop_families(group->member[i].next_hop);

		if (!((ipv4 && family == FAMILY_IPV6) || (ipv6 && family == FAMILY_IPV4)) ||
		    !attribute_fault(check, group->member[i].next_hop->resource))
			continue;
		check_fault(check, ERROR_INVALID_ARGUMENT, "gateway.address", -1, NULL,
			    "%s routes use next-hop group \"%s\", which has this next hop: RFC 8950 is not supported",
			    family == FAMILY_IPV6 ? "IPv4" : "IPv6", group->resource.self->text);
	}
	return true;
}

/* --- VRFs that need a tunnel whose underlay needs them --- */

struct underlays {
	struct check *check;
	bool live[DP_MAX_VRFS + 1];			/* may be on a cycle */
	bool in[DP_MAX_VRFS + 1], out[DP_MAX_VRFS + 1]; /* reached from, reaching a live one */
};

static bool all_live(void *object, void *context)
{
	((struct underlays *)context)->live[((const struct resource *)object)->self->id] = true;
	return true;
}

static bool visit_edges(void *object, void *context)
{
	const struct tunnel_endpoint *endpoint = object;
	struct underlays *underlays = context;
	uint32_t to = endpoint->underlay_vrf->id;

	for (size_t i = 0; i < endpoint->count && underlays->live[to]; i++) {
		uint32_t from = endpoint->binding[i].vrf->id;

		if (underlays->live[from])
			underlays->out[from] = underlays->in[to] = true;
	}
	return true;
}

static bool visit_cyclic(void *object, void *context)
{
	const struct tunnel_endpoint *endpoint = object;
	struct underlays *underlays = context;

	if (endpoint->resource.revision != underlays->check->next->revision ||
	    !underlays->live[endpoint->underlay_vrf->id])
		return true;
	for (size_t i = 0; i < endpoint->count; i++) {
		if (!underlays->live[endpoint->binding[i].vrf->id] ||
		    !attribute_fault(underlays->check, &endpoint->resource))
			continue;
		check_fault(underlays->check, ERROR_INVALID_ARGUMENT, "underlay_vrf", -1, NULL,
			    "circular: VRF \"%s\" is itself reached through VNIs of tunnels over VRF \"%s\"",
			    endpoint->underlay_vrf->text, endpoint->binding[i].vrf->text);
		break;
	}
	return true;
}

/* Takes away VRFs that have no way in or no way out until only cycles (and what lies between two of them) are left. */
static void check_cycles(struct check *check)
{
	const struct pmap *vrfs = &check->next->map[RESOURCE_VRF];
	const struct pmap *endpoints = &check->next->map[RESOURCE_TUNNEL_ENDPOINT];
	struct underlays *underlays = calloc(1, sizeof(*underlays));
	bool smaller = true;

	if (!underlays) {
		error_no_memory(check->error, NULL);
		return;
	}
	underlays->check = check;
	pmap_walk(vrfs, all_live, underlays);
	while (smaller) {
		smaller = false;
		pmap_walk(endpoints, visit_edges, underlays);
		for (int vrf = 1; vrf <= DP_MAX_VRFS; vrf++) {
			smaller |= underlays->live[vrf] && !(underlays->in[vrf] && underlays->out[vrf]);
			underlays->live[vrf] &= underlays->in[vrf] && underlays->out[vrf];
			underlays->in[vrf] = underlays->out[vrf] = false;
		}
	}
	pmap_walk(endpoints, visit_cyclic, underlays);
	free(underlays);
}

/* --- VRFs with more classifiers than a packet may be compared with --- */

struct classifiers {
	struct check *check;
	uint32_t count[DP_MAX_VRFS + 1]; /* 0 once blamed */
};

static bool count_classifier(void *object, void *context)
{
	((struct classifiers *)context)->count[((const struct flow_classifier *)object)->vrf->id]++;
	return true;
}

static bool count_reverse(void *object, void *context)
{
	const struct port_chain *chain = object;

	for (size_t i = 0; chain->symmetric && i < chain->classifier_count; i++)
		count_classifier((void *)chain->classifier[i]->resource, context);
	return true;
}

static void judge_vrf(struct classifiers *classifiers, const struct resource *resource, const char *field)
{
	const struct handle *vrf = ((const struct flow_classifier *)resource)->vrf;
	uint32_t *count = &classifiers->count[vrf->id];

	if (*count <= DP_VRF_CLASSIFIERS)
		return;
	check_fault(
		classifiers->check, ERROR_RESOURCE_EXHAUSTED, field, -1, NULL,
		"VRF \"%s\" would have %u flow classifiers, those of symmetric chains counted twice: the limit is %d",
		vrf->text, *count, DP_VRF_CLASSIFIERS);
	*count = 0;
}

static void check_classifiers(struct check *check)
{
	struct classifiers *classifiers = calloc(1, sizeof(*classifiers));

	if (!classifiers) {
		error_no_memory(check->error, NULL);
		return;
	}
	classifiers->check = check;
	pmap_walk(&check->next->map[RESOURCE_FLOW_CLASSIFIER], count_classifier, classifiers);
	pmap_walk(&check->next->map[RESOURCE_PORT_CHAIN], count_reverse, classifiers);
	for (size_t i = 0; i < check->candidate->delta.count; i++) {
		const struct resource *after = check->candidate->delta.entry[i].after;

		if (!after)
			continue;
		check->change = candidate_change(check->candidate, i);
		check->kind = after->kind;
		if (after->kind == RESOURCE_FLOW_CLASSIFIER)
			judge_vrf(classifiers, after, "vrf");
		else if (after->kind == RESOURCE_PORT_CHAIN)
			judge_vrf(classifiers, ((const struct port_chain *)after)->classifier[0]->resource,
				  "flow_classifiers");
	}
	free(classifiers);
}

void check_tables(struct check *check)
{
	if (check->bindings_lost)
		pmap_walk(&check->next->map[RESOURCE_NEXT_HOP], visit_next_hop, check);
	if (check->next_hop_family_changed)
		pmap_walk(&check->next->map[RESOURCE_NEXT_HOP_GROUP], visit_group, check);
	if (check->endpoints_changed)
		check_cycles(check);
	if (check->classifiers_changed)
		check_classifiers(check);
}
