/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/tunnel/vni_bindings.h"

#include <errno.h>
#include <stdlib.h>

#include "tunnels/tunnel.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

#define VNI_MAX 0xffffff

/* What a binding of a kind without VNIs, and so without frames, cannot have. */
static void decode_plain(struct decoder *decoder, const Sluice__V1__VniBinding *binding,
			 const struct tunnel_ops *tunnel)
{
	if (binding->vni)
		decode_fault(decoder, "vni", "%u, but %s tunnels have no VNI: leave it 0", binding->vni, tunnel->name);
	if (binding->n_gateway_addresses)
		decode_fault(decoder, "gateway_addresses",
			     "%s tunnels have no segment of hosts: give the addresses to the VRF", tunnel->name);
}

static void decode_binding(struct decoder *decoder, const Sluice__V1__VniBinding *binding,
			   struct tunnel_endpoint *endpoint, struct vni_binding *to)
{
	to->vni = binding->vni;
	to->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", binding->vrf);
	to->count = (uint32_t)gateway_addresses_count(decoder, binding->n_gateway_addresses, BINDING_GATEWAYS);
	gateway_addresses_decode(decoder, binding->gateway_addresses, to->count,
				 tunnel_endpoint_gateways(endpoint) + to->first);
}

void vni_bindings_decode(struct decoder *decoder, const Sluice__V1__TunnelEndpoint *from,
			 const struct tunnel_ops *tunnel, struct tunnel_endpoint *endpoint)
{
	const bool has_vni = !tunnel || tunnel_has_vni(tunnel);
	struct decode_item *items = calloc(endpoint->count ? endpoint->count : 1, sizeof(*items));
	uint32_t first = 0;

	if (!items) {
		decode_no_memory(decoder);
		return;
	}
	if (!has_vni && endpoint->count > 1)
		decode_fault(decoder, "vni_bindings",
			     "%s tunnels have no VNI: at most one, which says the VRF of all inner packets",
			     tunnel->name);
	for (size_t i = 0; i < endpoint->count; i++) {
		const Sluice__V1__VniBinding *binding = from->vni_bindings[i];
		size_t above = decoder_enter(decoder, "vni_bindings[%zu]", i);

		if (!has_vni)
			decode_plain(decoder, binding, tunnel);
		else if (decode_range(decoder, "vni", binding->vni, 1, VNI_MAX))
			items[i].value = binding->vni;
		items[i].index = i;
		endpoint->binding[i].first = first;
		decode_binding(decoder, binding, endpoint, &endpoint->binding[i]);
		first += endpoint->binding[i].count;
		decoder_leave(decoder, above);
	}
	if (has_vni)
		decode_duplicates(decoder, items, endpoint->count, "vni_bindings", ".vni");
	free(items);
}

int vni_bindings_encode(const struct tunnel_endpoint *endpoint, Sluice__V1__TunnelEndpoint *to)
{
	if (!endpoint->count)
		return 0;
	to->vni_bindings = calloc(endpoint->count, sizeof(to->vni_bindings[0]));
	if (!to->vni_bindings)
		return -ENOMEM;
	for (size_t i = 0; i < endpoint->count; i++) {
		Sluice__V1__VniBinding *binding = message_new(&sluice__v1__vni_binding__descriptor);

		if (!binding)
			return -ENOMEM;
		to->vni_bindings[to->n_vni_bindings++] = binding;
		binding->vni = endpoint->binding[i].vni;
		if (encode_text(&binding->vrf, endpoint->binding[i].vrf->text) ||
		    gateway_addresses_encode(&binding->gateway_addresses, &binding->n_gateway_addresses,
					     tunnel_endpoint_gateways(endpoint) + endpoint->binding[i].first,
					     endpoint->binding[i].count))
			return -ENOMEM;
	}
	return 0;
}

static bool visit_next_hop(void *object, void *context)
{
	const struct next_hop *next_hop = object;
	struct check *check = context;
	struct unique_key key;

	if (next_hop->target != NEXT_HOP_TUNNEL || check_is_new(check, &next_hop->resource))
		return true;
	key = (struct unique_key){.rule = &vni_binding_rule, .number = next_hop->vni, .handle = next_hop->via};
	if (!next_hop->vni)
		key.rule = &no_vni_rule;
	if (unique_keys_holder(check->unique_keys, &key) || !check_attribute(check, next_hop->via->resource))
		return true;
	if (next_hop->vni)
		check_fault(check, ERROR_FAILED_PRECONDITION, "vni_bindings", -1, NULL,
			    "next hop \"%s\" still uses VNI %u", next_hop->resource.self->text, next_hop->vni);
	else
		check_fault(check, ERROR_FAILED_PRECONDITION, "kind", -1, NULL,
			    "next hop \"%s\" still uses the tunnel without a VNI", next_hop->resource.self->text);
	return true;
}

/* Checks that no next hop uses a VNI that its tunnel endpoint no longer binds, or none where it is of another kind. */
static void check_bindings(struct check *check)
{
	check_walk(check, RESOURCE_NEXT_HOP, visit_next_hop, check);
}

/* A next hop uses a VNI of the endpoint that is not bound any more. */
static bool uses_lost_binding(const struct unique_keys *unique_keys, const struct tunnel_endpoint *before)
{
	struct unique_key bound = {.rule = &vni_binding_rule, .handle = before->resource.self};
	struct unique_key used = {.rule = &vni_use_rule, .handle = before->resource.self};

	for (size_t i = 0; i < before->count; i++) {
		bound.number = used.number = before->binding[i].vni;
		if (!unique_keys_holder(unique_keys, &bound) && unique_keys_holder(unique_keys, &used))
			return true;
	}
	return false;
}

void vni_bindings_check(struct check *check, const struct tunnel_endpoint *before, const struct tunnel_endpoint *after)
{
	const bool had_none = before && !tunnel_endpoint_has_vni(before);

	if (before &&
	    (uses_lost_binding(check->unique_keys, before) || (after && had_none && tunnel_endpoint_has_vni(after))))
		check_at_end(check, check_bindings);
}
