/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/chain/chain.h"

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__PortPair *from = message;
	struct port_pair *pair = (struct port_pair *)resource_new(RESOURCE_PORT_PAIR, sizeof(*pair));

	if (!pair)
		return NULL;
	pair->ingress = decode_name(decoder, RESOURCE_INTERFACE, "ingress", from->ingress);
	pair->egress = decode_name(decoder, RESOURCE_INTERFACE, "egress", from->egress);
	if (pair->ingress && pair->ingress == pair->egress)
		decode_fault(decoder, "egress", "is the same interface as ingress");
	return &pair->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct port_pair *pair = (const struct port_pair *)resource;
	Sluice__V1__PortPair *to = message;

	if (encode_text(&to->ingress, pair->ingress->text))
		return -ENOMEM;
	return encode_text(&to->egress, pair->egress->text);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct port_pair *x = (const struct port_pair *)a, *y = (const struct port_pair *)b;

	return x->ingress == y->ingress && x->egress == y->egress;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct port_pair *pair = (const struct port_pair *)resource;

	if (pair->ingress)
		visit(&(struct reference){pair->ingress, "ingress", -1, NULL, false}, context);
	if (pair->egress)
		visit(&(struct reference){pair->egress, "egress", -1, NULL, false}, context);
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct port_pair *pair = (const struct port_pair *)resource;
	struct holding holding = {.key.rule = &unique_use_rule, .holder = resource->self, .index = -1};

	holding.key.handle = pair->ingress;
	holding.field = "ingress";
	visit(&holding, context);
	holding.key.handle = pair->egress;
	holding.field = "egress";
	visit(&holding, context);
}

extern const struct kind_ops port_pair_ops;
const struct kind_ops port_pair_ops = {
	.kind = RESOURCE_PORT_PAIR,
	.name = "port_pair",
	.label = "port pair",
	.plural = "port_pairs",
	.limit = LIMIT_port_pairs,
	.message = &sluice__v1__port_pair__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__PortPair, name), 0},
	.size = sizeof(struct port_pair),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
};
