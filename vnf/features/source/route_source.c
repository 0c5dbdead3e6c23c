/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/core/bogons.h"
#include "vnf/features/source/source.h"

#define PREFERENCE 100 /* where none is given */

static int compare_protocols(const void *a, const void *b)
{
	return ((const struct source_protocol *)a)->protocol - ((const struct source_protocol *)b)->protocol;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct source_range *one = a, *other = b;
	int order = ip_prefix_compare(&one->prefix, &other->prefix);

	if (order)
		return order;
	return one->length_least != other->length_least ? one->length_least - other->length_least
							: one->length_most - other->length_most;
}

static void decode_protocols(struct decoder *decoder, const Sluice__V1__RouteSource *from, struct route_source *source)
{
	struct decode_item item[SOURCE_PROTOCOLS];

	if (from->n_protocols > SOURCE_PROTOCOLS) {
		decode_fault(decoder, "protocols", "has %zu: at most %d", from->n_protocols, SOURCE_PROTOCOLS);
		return;
	}
	for (size_t i = 0; i < from->n_protocols; i++) {
		size_t above = decoder_enter_element(decoder, "protocols", i);

		decode_range(decoder, "protocol", from->protocols[i]->protocol, 0, 255);
		decode_range(decoder, "preference", from->protocols[i]->preference, 0, 255);
		decoder_leave(decoder, above);
		source->protocol[i] = (struct source_protocol){(uint8_t)from->protocols[i]->protocol,
							       (uint8_t)from->protocols[i]->preference};
		item[i] = (struct decode_item){from->protocols[i]->protocol, i};
	}
	decode_duplicates(decoder, item, from->n_protocols, "protocols", ".protocol");
	source->protocols = (uint8_t)from->n_protocols;
	qsort(source->protocol, source->protocols, sizeof(source->protocol[0]), compare_protocols);
}

static void decode_allowed(struct decoder *decoder, const Sluice__V1__PrefixRange *from, struct source_range *range)
{
	uint32_t most;

	decode_prefix(decoder, "prefix", from->prefix, &range->prefix);
	if (!range->prefix.address.family)
		return;
	most = range->prefix.address.family == 4 ? 32 : 128;
	range->length_least = from->length_least ? (uint8_t)from->length_least : range->prefix.length;
	range->length_most = from->length_most ? (uint8_t)from->length_most : range->length_least;
	if (from->length_least && (from->length_least < range->prefix.length || from->length_least > most))
		decode_fault(decoder, "length_least", "%u allows nothing: %u, the prefix's own, to %u",
			     from->length_least, range->prefix.length, most);
	if (from->length_most && (from->length_most < range->length_least || from->length_most > most))
		decode_fault(decoder, "length_most", "%u allows nothing: %u, the least, to %u", from->length_most,
			     range->length_least, most);
}

static void check_guard(struct decoder *decoder, const struct route_source *source)
{
	if (!source->ranges || source->allow_bogons)
		return;
	for (size_t i = 0; i < source->ranges; i++)
		if (!ip_prefix_is_bogon(&source->range[i].prefix))
			return;
	decode_fault(decoder, "allowed", "lets nothing in: all its prefixes are bogons, which allow_bogons takes");
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__RouteSource *from = message;
	size_t ranges = from->n_allowed <= SOURCE_RANGES ? from->n_allowed : 0;
	struct route_source *source = (struct route_source *)resource_new(
		RESOURCE_ROUTE_SOURCE, sizeof(*source) + ranges * sizeof(source->range[0]));

	if (!source)
		return NULL;
	source->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	if (*from->underlay_vrf)
		source->underlay = decode_name(decoder, RESOURCE_VRF, "underlay_vrf", from->underlay_vrf);
	source->table = from->table;
	if (!from->table)
		decode_fault(decoder, "table", "is 0: give a number of the kernel's, such as 254 (main)");
	decode_range(decoder, "preference", from->preference, 0, 255);
	source->preference = from->preference ? (uint8_t)from->preference : PREFERENCE;
	source->max_routes = from->max_routes;
	source->allow_bogons = from->allow_bogons;
	source->acknowledge = from->acknowledge;
	decode_protocols(decoder, from, source);
	if (from->n_allowed > SOURCE_RANGES)
		decode_fault(decoder, "allowed", "has %zu ranges: at most %d", from->n_allowed, SOURCE_RANGES);
	for (size_t i = 0; i < ranges; i++) {
		size_t above = decoder_enter_element(decoder, "allowed", i);

		decode_allowed(decoder, from->allowed[i], &source->range[i]);
		decoder_leave(decoder, above);
	}
	source->ranges = ranges;
	qsort(source->range, ranges, sizeof(source->range[0]), compare_ranges);
	check_guard(decoder, source);
	return &source->resource;
}

static int encode_protocols(const struct route_source *source, Sluice__V1__RouteSource *to)
{
	if (!source->protocols)
		return 0;
	to->protocols = calloc(source->protocols, sizeof(*to->protocols));
	if (!to->protocols)
		return -ENOMEM;
	for (size_t i = 0; i < source->protocols; i++) {
		to->protocols[i] = message_new(&sluice__v1__source_protocol__descriptor);
		if (!to->protocols[i])
			return -ENOMEM;
		to->protocols[to->n_protocols++]->protocol = source->protocol[i].protocol;
		to->protocols[i]->preference = source->protocol[i].preference;
	}
	return 0;
}

static int encode_allowed(const struct route_source *source, Sluice__V1__RouteSource *to)
{
	if (!source->ranges)
		return 0;
	to->allowed = calloc(source->ranges, sizeof(*to->allowed));
	if (!to->allowed)
		return -ENOMEM;
	for (size_t i = 0; i < source->ranges; i++) {
		to->allowed[i] = message_new(&sluice__v1__prefix_range__descriptor);
		if (!to->allowed[i])
			return -ENOMEM;
		to->allowed[to->n_allowed++]->length_least = source->range[i].length_least;
		to->allowed[i]->length_most = source->range[i].length_most;
		if (encode_prefix(&to->allowed[i]->prefix, &source->range[i].prefix))
			return -ENOMEM;
	}
	return 0;
}

static int encode(const struct resource *resource, void *message)
{
	const struct route_source *source = (const struct route_source *)resource;
	Sluice__V1__RouteSource *to = message;

	to->table = source->table;
	to->preference = source->preference;
	to->max_routes = source->max_routes;
	to->allow_bogons = source->allow_bogons;
	to->acknowledge = source->acknowledge;
	if (encode_text(&to->vrf, source->vrf->text) ||
	    (source->underlay && encode_text(&to->underlay_vrf, source->underlay->text)) ||
	    encode_protocols(source, to))
		return -ENOMEM;
	return encode_allowed(source, to);
}

static bool equal_ranges(const struct route_source *x, const struct route_source *y)
{
	if (x->ranges != y->ranges)
		return false;
	for (size_t i = 0; i < x->ranges; i++)
		if (compare_ranges(&x->range[i], &y->range[i]) != 0)
			return false;
	return true;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct route_source *x = (const struct route_source *)a, *y = (const struct route_source *)b;

	return x->vrf == y->vrf && x->underlay == y->underlay && x->table == y->table &&
	       x->max_routes == y->max_routes && x->preference == y->preference && x->allow_bogons == y->allow_bogons &&
	       x->acknowledge == y->acknowledge && x->protocols == y->protocols &&
	       memcmp(x->protocol, y->protocol, x->protocols * sizeof(x->protocol[0])) == 0 && equal_ranges(x, y);
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct route_source *source = (const struct route_source *)resource;

	if (source->vrf)
		visit(&(struct reference){source->vrf, "vrf", -1, NULL, false}, context);
	if (source->underlay)
		visit(&(struct reference){source->underlay, "underlay_vrf", -1, NULL, false}, context);
}

static void table_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size,
		 "%u is followed by route source \"%s\" already: name its further protocols there, or another table",
		 holding->key.number, holder->text);
}

static const struct unique_rule table_rule = {table_taken};

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct route_source *source = (const struct route_source *)resource;

	visit(&(struct holding){.key = {.rule = &table_rule, .number = source->table},
				.holder = resource->self,
				.field = "table",
				.index = -1},
	      context);
}

/* What it has learned counts in one VRF, and its tunnels in one underlay. */
static bool forgets(const struct resource *before, const struct resource *after)
{
	const struct route_source *x = (const struct route_source *)before, *y = (const struct route_source *)after;

	return !y || x->vrf != y->vrf || x->underlay != y->underlay;
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct route_source *)resource)->vrf;
}

uint8_t route_source_preference(const struct route_source *source, uint8_t protocol)
{
	for (size_t i = 0; i < source->protocols; i++)
		if (source->protocol[i].protocol == protocol && source->protocol[i].preference)
			return source->protocol[i].preference;
	return source->preference;
}

extern const struct kind_ops route_source_ops;
const struct kind_ops route_source_ops = {
	.kind = RESOURCE_ROUTE_SOURCE,
	.name = "route_source",
	.label = "route source",
	.plural = "route_sources",
	.limit = LIMIT_vrfs, /* a table of the kernel's for each */
	.message = &sluice__v1__route_source__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__RouteSource, name), 0, 0},
	.size = sizeof(struct route_source),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.vrf = vrf,
	.forgets = forgets,
};
