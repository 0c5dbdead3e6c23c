/* SPDX-License-Identifier: Apache-2.0 */
/* A packet is compared with the flow classifiers of its VRF one by one, so their number in a VRF is limited. */
#include <stdlib.h>

#include "api/dp/limits.h"
#include "vnf/control/kinds/check.h"
#include "vnf/features/chain/chain.h"

struct classifiers {
	struct check *check;
	uint32_t count[DP_MAX_VRFS + 1]; /* by VRF; 0 once a fault is reported */
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

static void check_vrf(struct classifiers *classifiers, const struct resource *resource, const char *field)
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

static void visit_change(const struct resource *after, void *context)
{
	if (after->kind == RESOURCE_FLOW_CLASSIFIER)
		check_vrf(context, after, "vrf");
	else if (after->kind == RESOURCE_PORT_CHAIN)
		check_vrf(context, ((const struct port_chain *)after)->classifier[0]->resource, "flow_classifiers");
}

const struct unique_rule classifier_vrf_rule = {0};

void check_classifiers_of(struct check *check, const struct handle *vrf)
{
	const struct unique_key key = {.rule = &classifier_vrf_rule, .handle = vrf};

	if (2 * unique_keys_count(check->unique_keys, &key) > DP_VRF_CLASSIFIERS)
		check_at_end(check, check_classifiers);
}

void check_classifiers(struct check *check)
{
	struct classifiers *classifiers = calloc(1, sizeof(*classifiers));

	if (!classifiers) {
		error_no_memory(check->error, NULL);
		return;
	}
	classifiers->check = check;
	check_walk(check, RESOURCE_FLOW_CLASSIFIER, count_classifier, classifiers);
	check_walk(check, RESOURCE_PORT_CHAIN, count_reverse, classifiers);
	check_changes(check, visit_change, classifiers);
	free(classifiers);
}
