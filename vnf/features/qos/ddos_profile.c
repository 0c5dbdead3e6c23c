/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/qos/qos.h"

#define RATE_MOST 10000000

static void decode_ports(struct decoder *decoder, const Sluice__V1__DdosProfile *from, struct ddos_profile *profile)
{
	struct decode_item items[DP_DDOS_PORTS] = {0};

	for (size_t i = 0; i < profile->count; i++) {
		char field[64];

		snprintf(field, sizeof(field), "amplification_ports[%zu]", i);
		decode_range(decoder, field, from->amplification_ports[i], 1, UINT16_MAX);
		profile->port[i] = (uint16_t)from->amplification_ports[i];
		items[i] = (struct decode_item){from->amplification_ports[i], i};
	}
	decode_duplicates(decoder, items, profile->count, "amplification_ports", "");
	if (profile->count)
		decode_range(decoder, "amplification_rate", from->amplification_rate, 1, RATE_MOST);
	else if (from->amplification_rate)
		decode_fault(decoder, "amplification_rate", "has no effect without amplification_ports: leave it out");
	profile->amplification_rate = from->amplification_rate;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__DdosProfile *from = message;
	size_t count = from->n_amplification_ports;
	struct ddos_profile *profile;

	if (count > DP_DDOS_PORTS) {
		decode_fault(decoder, "amplification_ports", "has %zu ports: at most %d", count, DP_DDOS_PORTS);
		count = DP_DDOS_PORTS;
	}
	profile = (struct ddos_profile *)resource_new(RESOURCE_DDOS_PROFILE,
						      sizeof(*profile) + count * sizeof(profile->port[0]));
	if (!profile)
		return NULL;
	profile->count = count;
	profile->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	decode_range(decoder, "syn_rate", from->syn_rate, 0, RATE_MOST);
	profile->syn_rate = from->syn_rate;
	decode_ports(decoder, from, profile);
	if (!from->syn_rate && !count)
		decode_fault(decoder, "", "protects from nothing: set syn_rate, amplification_ports or both");
	return &profile->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct ddos_profile *profile = (const struct ddos_profile *)resource;
	Sluice__V1__DdosProfile *to = message;

	to->syn_rate = profile->syn_rate;
	to->amplification_rate = profile->amplification_rate;
	if (profile->count) {
		to->amplification_ports = calloc(profile->count, sizeof(*to->amplification_ports));
		if (!to->amplification_ports)
			return -ENOMEM;
	}
	for (size_t i = 0; i < profile->count; i++)
		to->amplification_ports[to->n_amplification_ports++] = profile->port[i];
	return encode_text(&to->vrf, profile->vrf->text);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct ddos_profile *x = (const struct ddos_profile *)a, *y = (const struct ddos_profile *)b;

	if (x->vrf != y->vrf || x->syn_rate != y->syn_rate || x->amplification_rate != y->amplification_rate ||
	    x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (x->port[i] != y->port[i])
			return false;
	return true;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	struct handle *vrf = ((const struct ddos_profile *)resource)->vrf;

	if (vrf)
		visit(&(struct reference){vrf, "vrf", -1, NULL, false}, context);
}

static void vrf_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "DDoS profile \"%s\" is VRF \"%s\"'s, which has but one", holder->text,
		 holding->key.handle->text);
}

static const struct unique_rule vrf_rule = {.taken = vrf_taken};

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	visit(&(struct holding){.key = {.rule = &vrf_rule, .handle = ((const struct ddos_profile *)resource)->vrf},
				.holder = resource->self,
				.field = "vrf",
				.index = -1},
	      context);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct ddos_profile *)resource)->vrf;
}

extern const struct kind_ops ddos_profile_ops;
const struct kind_ops ddos_profile_ops = {
	.kind = RESOURCE_DDOS_PROFILE,
	.name = "ddos_profile",
	.label = "DDoS profile",
	.plural = "ddos_profiles",
	.limit = LIMIT_ddos_profiles,
	.message = &sluice__v1__ddos_profile__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__DdosProfile, name), 0},
	.size = sizeof(struct ddos_profile),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.vrf = vrf,
};
