/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/dp/limits.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

static void decode_names(struct decoder *decoder, const char *field, enum resource_kind kind, char **from,
			 struct handle **to, size_t count)
{
	struct decode_item *items = calloc(count ? count : 1, sizeof(*items));

	if (!items) {
		decode_no_memory(decoder);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s[%zu]", field, i);
		to[i] = decode_name(decoder, kind, path, from[i]);
		items[i] = (struct decode_item){(uintptr_t)to[i], i};
	}
	decode_duplicates(decoder, items, count, field, "");
	free(items);
}

/* The count, or none after a fault. */
static size_t decode_count(struct decoder *decoder, const char *field, size_t count, size_t maximum)
{
	if (count >= 1 && count <= maximum)
		return count;
	decode_fault(decoder, field, "has %zu names: 1 to %zu", count, maximum);
	return 0;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__PortChain *from = message;
	size_t classifiers, groups;
	struct port_chain *chain;

	/* More than a VRF may have would be refused later. */
	classifiers = decode_count(decoder, "flow_classifiers", from->n_flow_classifiers, DP_VRF_CLASSIFIERS);
	groups = decode_count(decoder, "port_pair_groups", from->n_port_pair_groups, DP_MAX_CHAIN_STAGES);
	chain = (struct port_chain *)resource_new(RESOURCE_PORT_CHAIN,
						  sizeof(*chain) + (classifiers + groups) * sizeof(chain->handles[0]));
	if (!chain)
		return NULL;
	chain->symmetric = from->symmetric;
	chain->classifier_count = classifiers;
	chain->group_count = groups;
	chain->classifier = chain->handles;
	chain->group = chain->handles + classifiers;
	decode_names(decoder, "flow_classifiers", RESOURCE_FLOW_CLASSIFIER, from->flow_classifiers, chain->classifier,
		     classifiers);
	decode_names(decoder, "port_pair_groups", RESOURCE_PORT_PAIR_GROUP, from->port_pair_groups, chain->group,
		     groups);
	return &chain->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct port_chain *chain = (const struct port_chain *)resource;
	Sluice__V1__PortChain *to = message;

	to->symmetric = chain->symmetric;
	if (encode_names(&to->flow_classifiers, &to->n_flow_classifiers, chain->classifier, chain->classifier_count))
		return -ENOMEM;
	return encode_names(&to->port_pair_groups, &to->n_port_pair_groups, chain->group, chain->group_count);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct port_chain *x = (const struct port_chain *)a, *y = (const struct port_chain *)b;

	if (x->symmetric != y->symmetric || x->classifier_count != y->classifier_count ||
	    x->group_count != y->group_count)
		return false;
	for (size_t i = 0; i < x->classifier_count + x->group_count; i++)
		if (x->handles[i] != y->handles[i])
			return false;
	return true;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct port_chain *chain = (const struct port_chain *)resource;

	for (size_t i = 0; i < chain->classifier_count; i++)
		if (chain->classifier[i])
			visit(&(struct reference){chain->classifier[i], "flow_classifiers", (long)i, NULL, false},
			      context);
	for (size_t i = 0; i < chain->group_count; i++)
		if (chain->group[i])
			visit(&(struct reference){chain->group[i], "port_pair_groups", (long)i, NULL, false}, context);
}

static void hold(const struct handle *handle, size_t index, const char *field, const struct resource *resource,
		 holding_visit visit, void *context)
{
	struct holding holding = {.key = {.rule = &unique_use_rule, .handle = handle},
				  .holder = resource->self,
				  .field = field,
				  .index = (long)index};

	visit(&holding, context);
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct port_chain *chain = (const struct port_chain *)resource;

	for (size_t i = 0; i < chain->classifier_count; i++)
		hold(chain->classifier[i], i, "flow_classifiers", resource, visit, context);
	for (size_t i = 0; i < chain->group_count; i++)
		hold(chain->group[i], i, "port_pair_groups", resource, visit, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct port_chain *chain = (const struct port_chain *)after;
	const struct flow_classifier *first = NULL;

	(void)before;
	for (size_t i = 0; chain && i < chain->classifier_count; i++) {
		const struct flow_classifier *classifier =
			(const struct flow_classifier *)chain->classifier[i]->resource;

		if (classifier)
			check_classifiers_of(check, classifier->vrf);
		else
			continue;
		if (!first)
			first = classifier;
		if (classifier->vrf != first->vrf)
			check_fault(
				check, ERROR_INVALID_ARGUMENT, "flow_classifiers", (long)i, NULL,
				"flow classifier \"%s\" is of VRF \"%s\", but \"%s\" is of \"%s\": all of a chain's "
				"are of one VRF",
				classifier->resource.self->text, classifier->vrf->text, first->resource.self->text,
				first->vrf->text);
	}
	if (first)
		check_vrf_use(check, after->self, first->vrf, "flow_classifiers");
}

extern const struct kind_ops port_chain_ops;
const struct kind_ops port_chain_ops = {
	.kind = RESOURCE_PORT_CHAIN,
	.name = "port_chain",
	.label = "port chain",
	.plural = "port_chains",
	.limit = LIMIT_port_chains,
	.message = &sluice__v1__port_chain__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__PortChain, name), 0},
	.size = sizeof(struct port_chain),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
};
