/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "api/dp/counters.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

static void decode_protocol(struct decoder *decoder, Sluice__V1__IpProtocol protocol, struct flow_classifier *to)
{
	switch (protocol) {
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_UNSPECIFIED:
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_ICMP:
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_TCP:
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_UDP:
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_ICMPV6:
	case SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_SCTP:
		to->protocol = (uint8_t)protocol;
		break;
	default:
		decode_fault(decoder, "protocol",
			     "%d is not a protocol that can be selected: ICMP, TCP, UDP, ICMPV6, SCTP", (int)protocol);
	}
}

static bool has_ports(uint8_t protocol)
{
	return protocol == SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_TCP ||
	       protocol == SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_UDP ||
	       protocol == SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_SCTP;
}

static void decode_ports(struct decoder *decoder, const char *field, const Sluice__V1__PortRange *range,
			 uint8_t protocol, uint16_t *first, uint16_t *last)
{
	size_t above;

	*first = 0;
	*last = 65535;
	if (!range)
		return;
	if (!has_ports(protocol))
		decode_fault(decoder, field, "needs protocol TCP, UDP or SCTP");
	above = decoder_enter(decoder, "%s", field);
	if (!range->first && !range->last)
		decode_fault(decoder, "first", "names no port: leave the range out to match every port");
	if (decode_range(decoder, "first", range->first, 0, 65535) &&
	    decode_range(decoder, "last", range->last, 0, 65535) && range->last && range->last < range->first)
		decode_fault(decoder, "last", "%u is below first, %u", range->last, range->first);
	decoder_leave(decoder, above);
	*first = (uint16_t)range->first;
	*last = (uint16_t)(range->last ? range->last : range->first);
}

static void decode_prefixes(struct decoder *decoder, const Sluice__V1__FlowClassifier *from, struct flow_classifier *to)
{
	uint8_t family;

	if (*from->source_prefix)
		decode_prefix(decoder, "source_prefix", from->source_prefix, &to->source);
	if (*from->destination_prefix)
		decode_prefix(decoder, "destination_prefix", from->destination_prefix, &to->destination);
	if (to->source.address.family && to->destination.address.family &&
	    to->source.address.family != to->destination.address.family)
		decode_fault(decoder, "destination_prefix", "%s is not of the family of source_prefix %s",
			     from->destination_prefix, from->source_prefix);
	family = to->source.address.family ? to->source.address.family : to->destination.address.family;
	if ((family == 4 && to->protocol == SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_ICMPV6) ||
	    (family == 6 && to->protocol == SLUICE__V1__IP_PROTOCOL__IP_PROTOCOL_ICMP))
		decode_fault(decoder, "protocol", "%s does not occur in IPv%d", family == 4 ? "ICMPv6" : "ICMP",
			     family);
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__FlowClassifier *from = message;
	struct flow_classifier *to;

	to = (struct flow_classifier *)resource_new(RESOURCE_FLOW_CLASSIFIER, sizeof(*to));
	if (!to)
		return NULL;
	to->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	decode_range(decoder, "priority", from->priority, 0, 65535);
	to->priority = (uint16_t)from->priority;
	decode_protocol(decoder, from->protocol, to);
	decode_prefixes(decoder, from, to);
	decode_ports(decoder, "source_ports", from->source_ports, to->protocol, &to->source_first, &to->source_last);
	decode_ports(decoder, "destination_ports", from->destination_ports, to->protocol, &to->destination_first,
		     &to->destination_last);
	return &to->resource;
}

static int encode_ports(Sluice__V1__PortRange **to, uint16_t first, uint16_t last)
{
	if (first == 0 && last == 65535)
		return 0;
	*to = message_new(&sluice__v1__port_range__descriptor);
	if (!*to)
		return -ENOMEM;
	(*to)->first = first;
	(*to)->last = last;
	return 0;
}

static int encode(const struct resource *resource, void *message)
{
	const struct flow_classifier *from = (const struct flow_classifier *)resource;
	Sluice__V1__FlowClassifier *to = message;

	to->priority = from->priority;
	to->protocol = (Sluice__V1__IpProtocol)from->protocol;
	if (encode_text(&to->vrf, from->vrf->text) || encode_prefix(&to->source_prefix, &from->source) ||
	    encode_prefix(&to->destination_prefix, &from->destination) ||
	    encode_ports(&to->source_ports, from->source_first, from->source_last))
		return -ENOMEM;
	return encode_ports(&to->destination_ports, from->destination_first, from->destination_last);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct flow_classifier *x = (const struct flow_classifier *)a, *y = (const struct flow_classifier *)b;

	return x->vrf == y->vrf && x->priority == y->priority && x->protocol == y->protocol &&
	       ip_prefix_compare(&x->source, &y->source) == 0 &&
	       ip_prefix_compare(&x->destination, &y->destination) == 0 && x->source_first == y->source_first &&
	       x->source_last == y->source_last && x->destination_first == y->destination_first &&
	       x->destination_last == y->destination_last;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct flow_classifier *classifier = (const struct flow_classifier *)resource;

	if (classifier->vrf)
		visit(&(struct reference){classifier->vrf, "vrf", -1, NULL, false}, context);
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct flow_classifier *classifier = (const struct flow_classifier *)resource;

	visit(&(struct holding){.key = {.rule = &classifier_vrf_rule, .handle = classifier->vrf},
				.holder = classifier->vrf,
				.shared = true,
				.field = "vrf",
				.index = -1},
	      context);
}

/* A classifier that moves to another VRF must not leave the others of its chain behind. */
static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct flow_classifier *old = (const struct flow_classifier *)before;
	const struct flow_classifier *classifier = (const struct flow_classifier *)after;
	const struct port_chain *chain;
	const struct handle *holder;

	if (classifier)
		check_classifiers_of(check, classifier->vrf);
	if (!old || !classifier || old->vrf == classifier->vrf)
		return;
	holder = unique_keys_holder(check->unique_keys,
				    &(struct unique_key){.rule = &unique_use_rule, .handle = after->self});
	if (!holder || !holder->resource)
		return;
	chain = (const struct port_chain *)holder->resource;
	check_vrf_use(check, holder, classifier->vrf, "vrf");
	for (size_t i = 0; i < chain->classifier_count; i++) {
		const struct flow_classifier *other = (const struct flow_classifier *)chain->classifier[i]->resource;

		if (other && other->vrf != classifier->vrf) {
			check_fault(check, ERROR_INVALID_ARGUMENT, "vrf", -1, NULL,
				    "port chain \"%s\" also has flow classifier \"%s\" of VRF \"%s\": all of a chain's "
				    "are of one VRF",
				    holder->text, other->resource.self->text, other->vrf->text);
			return;
		}
	}
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct flow_classifier *)resource)->vrf;
}

extern const struct kind_ops flow_classifier_ops;
const struct kind_ops flow_classifier_ops = {
	.kind = RESOURCE_FLOW_CLASSIFIER,
	.name = "flow_classifier",
	.label = "flow classifier",
	.plural = "flow_classifiers",
	.limit = LIMIT_flow_classifiers,
	.message = &sluice__v1__flow_classifier__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__FlowClassifier, name), 0},
	.size = sizeof(struct flow_classifier),
	.counters = {{DP_COUNTER_CLASSIFIERS, offsetof(Sluice__V1__ResourceState, counters)}},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
	.vrf = vrf,
};
