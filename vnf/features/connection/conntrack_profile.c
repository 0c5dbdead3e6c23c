/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/connection/connection.h"

#define MOST_SECONDS 864000 /* ten days: times in entries begin again after 26 */

static uint32_t decode_seconds(struct decoder *decoder, const char *field, uint32_t seconds)
{
	decode_range(decoder, field, seconds, 0, MOST_SECONDS);
	return seconds;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__ConntrackProfile *from = message;
	struct conntrack_profile *profile =
		(struct conntrack_profile *)resource_new(RESOURCE_CONNTRACK_PROFILE, sizeof(*profile));

	if (!profile)
		return NULL;
	profile->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	profile->tcp_established = decode_seconds(decoder, "tcp_established_seconds", from->tcp_established_seconds);
	profile->tcp_transitory = decode_seconds(decoder, "tcp_transitory_seconds", from->tcp_transitory_seconds);
	profile->udp = decode_seconds(decoder, "udp_seconds", from->udp_seconds);
	profile->icmp = decode_seconds(decoder, "icmp_seconds", from->icmp_seconds);
	profile->tcp_pickup = from->tcp_pickup;
	decode_range(decoder, "on_full", (uint32_t)from->on_full, 0, SLUICE__V1__ON_FULL__ON_FULL_PASS_UNTRACKED);
	profile->on_full = from->on_full ? (uint8_t)from->on_full : SLUICE__V1__ON_FULL__ON_FULL_DROP_NEW;
	return &profile->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct conntrack_profile *profile = (const struct conntrack_profile *)resource;
	Sluice__V1__ConntrackProfile *to = message;

	to->tcp_established_seconds = profile->tcp_established;
	to->tcp_transitory_seconds = profile->tcp_transitory;
	to->udp_seconds = profile->udp;
	to->icmp_seconds = profile->icmp;
	to->tcp_pickup = profile->tcp_pickup;
	to->on_full = (Sluice__V1__OnFull)profile->on_full;
	return encode_text(&to->vrf, profile->vrf->text);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct conntrack_profile *x = (const struct conntrack_profile *)a;
	const struct conntrack_profile *y = (const struct conntrack_profile *)b;

	return x->vrf == y->vrf && x->tcp_established == y->tcp_established && x->tcp_transitory == y->tcp_transitory &&
	       x->udp == y->udp && x->icmp == y->icmp && x->tcp_pickup == y->tcp_pickup && x->on_full == y->on_full;
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct conntrack_profile *)resource)->vrf;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	if (vrf(resource))
		visit(&(struct reference){((const struct conntrack_profile *)resource)->vrf, "vrf", -1, NULL, false},
		      context);
}

static void taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "VRF \"%s\" has the conntrack profile \"%s\" already: change that one, or delete it",
		 holding->key.handle->text, holder->text);
}

static const struct unique_rule profile_rule = {.taken = taken};

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct conntrack_profile *profile = (const struct conntrack_profile *)resource;
	struct holding holding = {.key = {.rule = &profile_rule, .handle = profile->vrf},
				  .holder = resource->self,
				  .field = "vrf",
				  .index = -1};

	if (profile->vrf)
		visit(&holding, context);
}

extern const struct kind_ops conntrack_profile_ops;
const struct kind_ops conntrack_profile_ops = {
	.kind = RESOURCE_CONNTRACK_PROFILE,
	.name = "conntrack_profile",
	.label = "conntrack profile",
	.plural = "conntrack_profiles",
	.limit = LIMIT_conntrack_profiles,
	.message = &sluice__v1__conntrack_profile__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__ConntrackProfile, name), 0},
	.size = sizeof(struct conntrack_profile),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.vrf = vrf,
};
