/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/source/source.h"

static struct handle *decode_owner(struct decoder *decoder, const Sluice__V1__RouteOwner *from)
{
	switch (from->owner_case) {
	case SLUICE__V1__ROUTE_OWNER__OWNER_ROUTE_SOURCE:
		return decode_name(decoder, RESOURCE_ROUTE_SOURCE, "route_source", from->route_source);
	case SLUICE__V1__ROUTE_OWNER__OWNER_CLIENT:
		return decode_name(decoder, HANDLE_OWNER, "client", from->client);
	default:
		decode_fault(decoder, "", "names nobody: set route_source or client");
		return NULL;
	}
}

static int compare_owners(const void *a, const void *b)
{
	const struct handle *one = *(struct handle *const *)a, *other = *(struct handle *const *)b;
	int order = strcmp(one->text, other->text);

	return order ? order : (int)one->kind - (int)other->kind;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__ProtectedPrefix *from = message;
	struct protected_prefix *prefix =
		(struct protected_prefix *)resource_new(RESOURCE_PROTECTED_PREFIX, sizeof(*prefix));
	struct decode_item item[PROTECTED_OWNERS];

	if (!prefix)
		return NULL;
	if (!from->n_owners || from->n_owners > PROTECTED_OWNERS) {
		decode_fault(decoder, "owners", "has %zu: 1 to %d", from->n_owners, PROTECTED_OWNERS);
		return &prefix->resource;
	}
	for (size_t i = 0; i < from->n_owners; i++) {
		size_t above = decoder_enter_element(decoder, "owners", i);
		struct handle *owner = decode_owner(decoder, from->owners[i]);

		decoder_leave(decoder, above);
		item[i] = (struct decode_item){owner ? (uintptr_t)owner : i + 1, i};
		if (owner)
			prefix->owner[prefix->count++] = owner;
	}
	decode_duplicates(decoder, item, from->n_owners, "owners", "");
	qsort(prefix->owner, prefix->count, sizeof(prefix->owner[0]), compare_owners);
	return &prefix->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct protected_prefix *prefix = (const struct protected_prefix *)resource;
	Sluice__V1__ProtectedPrefix *to = message;

	to->owners = calloc(prefix->count, sizeof(*to->owners));
	if (!to->owners)
		return -ENOMEM;
	for (size_t i = 0; i < prefix->count; i++) {
		Sluice__V1__RouteOwner *owner = message_new(&sluice__v1__route_owner__descriptor);
		bool client = prefix->owner[i]->kind == HANDLE_OWNER;

		if (!owner)
			return -ENOMEM;
		to->owners[to->n_owners++] = owner;
		if (encode_text(client ? &owner->client : &owner->route_source, prefix->owner[i]->text))
			return -ENOMEM;
		owner->owner_case =
			client ? SLUICE__V1__ROUTE_OWNER__OWNER_CLIENT : SLUICE__V1__ROUTE_OWNER__OWNER_ROUTE_SOURCE;
	}
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct protected_prefix *x = (const struct protected_prefix *)a, *y = (const struct protected_prefix *)b;

	return x->count == y->count && memcmp(x->owner, y->owner, x->count * sizeof(x->owner[0])) == 0;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct protected_prefix *prefix = (const struct protected_prefix *)resource;

	if (prefix->key.vrf)
		visit(&(struct reference){prefix->key.vrf, "vrf", -1, NULL, false}, context);
	for (size_t i = 0; i < prefix->count; i++)
		visit(&(struct reference){prefix->owner[i], "owners", (long)i, NULL, false}, context);
}

static bool protects(const struct resource *resource, const struct resource *candidate)
{
	const struct protected_prefix *prefix = (const struct protected_prefix *)resource;

	for (size_t i = 0; i < prefix->count; i++)
		if (prefix->owner[i] == candidate->owner)
			return false;
	return true;
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct protected_prefix *)resource)->key.vrf;
}

_Static_assert(offsetof(struct protected_prefix, key) == sizeof(struct resource), "resource_vrf_key() finds it there");

extern const struct kind_ops protected_prefix_ops;
const struct kind_ops protected_prefix_ops = {
	.kind = RESOURCE_PROTECTED_PREFIX,
	.name = "protected_prefix",
	.label = "protected prefix",
	.plural = "protected_prefixes",
	.limit = LIMIT_policy_rules, /* it is a rule about routes */
	.message = &sluice__v1__protected_prefix__descriptor,
	.key = {KEY_VRF_PREFIX, offsetof(Sluice__V1__ProtectedPrefix, vrf),
		offsetof(Sluice__V1__ProtectedPrefix, prefix), 0},
	.size = sizeof(struct protected_prefix),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.vrf = vrf,
	.protects = protects,
};
