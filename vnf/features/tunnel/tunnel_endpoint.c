/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/counters.h"
#include "tunnels/tunnel.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/base/vrf_address.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"
#include "vnf/reconcile/reconciler.h"

#define VNI_MAX 0xffffff

#define SAME_KIND(NAME, name, label)                                                                                   \
	_Static_assert((int)DP_TUNNEL_##NAME == SLUICE__V1__TUNNEL_KIND__TUNNEL_KIND_##NAME, "sluice.v1.TunnelKind");
DP_TUNNEL_KINDS(SAME_KIND)
#undef SAME_KIND

static void decode_bindings(struct decoder *decoder, const Sluice__V1__TunnelEndpoint *from,
			    struct tunnel_endpoint *endpoint)
{
	uint32_t first = 0;
	struct decode_item *items = calloc(endpoint->count ? endpoint->count : 1, sizeof(*items));

	if (!items) {
		decode_no_memory(decoder);
		return;
	}
	for (size_t i = 0; i < endpoint->count; i++) {
		const Sluice__V1__VniBinding *binding = from->vni_bindings[i];
		size_t above = decoder_enter(decoder, "vni_bindings[%zu]", i);

		if (decode_range(decoder, "vni", binding->vni, 1, VNI_MAX))
			items[i].value = binding->vni;
		items[i].index = i;
		endpoint->binding[i].vni = binding->vni;
		endpoint->binding[i].vrf = decode_name(decoder, RESOURCE_VRF, "vrf", binding->vrf);
		endpoint->binding[i].first = first;
		endpoint->binding[i].count =
			(uint32_t)gateway_addresses_count(decoder, binding->n_gateway_addresses, BINDING_GATEWAYS);
		gateway_addresses_decode(decoder, binding->gateway_addresses, endpoint->binding[i].count,
					 tunnel_endpoint_gateways(endpoint) + first);
		first += endpoint->binding[i].count;
		decoder_leave(decoder, above);
	}
	decode_duplicates(decoder, items, endpoint->count, "vni_bindings", ".vni");
	free(items);
}

/* " or TUNNEL_KIND_... or TUNNEL_KIND_..." */
#define OR_KIND(NAME, name, label) " or TUNNEL_KIND_" #NAME
static const char kinds_text[] = DP_TUNNEL_KINDS(OR_KIND);
#undef OR_KIND

static void decode_checksum(struct decoder *decoder, Sluice__V1__UdpChecksum from, struct tunnel_endpoint *endpoint)
{
	switch (from) {
	case SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_UNSPECIFIED:
	case SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_ZERO:
	case SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_COMPUTED:
		endpoint->checksum = (uint8_t)from;
		return;
	default:
		decode_fault(decoder, "udp_checksum",
			     "%d is none: UDP_CHECKSUM_UNSPECIFIED or UDP_CHECKSUM_ZERO or UDP_CHECKSUM_COMPUTED",
			     (int)from);
	}
}

bool tunnel_endpoint_has_checksum(const struct tunnel_endpoint *endpoint)
{
	switch ((Sluice__V1__UdpChecksum)endpoint->checksum) {
	case SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_ZERO:
		return false;
	case SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_COMPUTED:
		return true;
	default:
		return endpoint->local.family == 6;
	}
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__TunnelEndpoint *from = message;
	const struct tunnel_ops *tunnel = tunnel_ops((enum dp_tunnel_kind)from->kind);
	size_t size = sizeof(struct tunnel_endpoint) + from->n_vni_bindings * sizeof(struct vni_binding);
	struct tunnel_endpoint *endpoint;

	for (size_t i = 0; i < from->n_vni_bindings; i++)
		size += from->vni_bindings[i]->n_gateway_addresses * sizeof(struct gateway_address);
	endpoint = (struct tunnel_endpoint *)resource_new(RESOURCE_TUNNEL_ENDPOINT, size);
	if (!endpoint)
		return NULL;
	endpoint->count = from->n_vni_bindings;
	endpoint->kind = (uint8_t)from->kind;
	if (!tunnel)
		decode_fault(decoder, "kind", "%d is not a tunnel kind: %s", (int)from->kind,
			     kinds_text + strlen(" or "));
	decode_host(decoder, "local_address", from->local_address, &endpoint->local);
	decode_host(decoder, "remote_address", from->remote_address, &endpoint->remote);
	if (endpoint->local.family && endpoint->remote.family) {
		if (endpoint->local.family != endpoint->remote.family)
			decode_fault(decoder, "remote_address", "%s is not of the family of local_address %s",
				     from->remote_address, from->local_address);
		else if (ip_address_compare(&endpoint->local, &endpoint->remote) == 0)
			decode_fault(decoder, "remote_address", "%s is the local address too", from->remote_address);
	}
	decode_range(decoder, "udp_port", from->udp_port, 0, 65535);
	endpoint->udp_port = (uint16_t)from->udp_port;
	if (!endpoint->udp_port && tunnel)
		endpoint->udp_port = tunnel->default_udp_port;
	decode_checksum(decoder, from->udp_checksum, endpoint);
	endpoint->underlay_vrf = decode_name(decoder, RESOURCE_VRF, "underlay_vrf", from->underlay_vrf);
	decode_bindings(decoder, from, endpoint);
	return &endpoint->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)resource;
	Sluice__V1__TunnelEndpoint *to = message;

	to->kind = (Sluice__V1__TunnelKind)endpoint->kind;
	to->udp_port = endpoint->udp_port;
	to->udp_checksum = (Sluice__V1__UdpChecksum)endpoint->checksum;
	if (encode_address(&to->local_address, &endpoint->local) ||
	    encode_address(&to->remote_address, &endpoint->remote) ||
	    encode_text(&to->underlay_vrf, endpoint->underlay_vrf->text))
		return -ENOMEM;
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

static int status(const struct resource *resource, const struct snapshot *snapshot, struct reconciler *reconciler,
		  Sluice__V1__ResourceState *state)
{
	Sluice__V1__TunnelEndpointStatus *status = message_new(&sluice__v1__tunnel_endpoint_status__descriptor);
	struct tunnel_facts facts;
	char note[160];

	(void)snapshot;
	if (!status)
		return -ENOMEM;
	state->tunnel_endpoint_status = status;
	reconciler_tunnel(reconciler, resource_id(resource), &facts);
	status->path_mtu = facts.path_mtu;
	status->path_mtu_age = facts.age;
	status->fragments_refused = facts.fragments;
	if (!facts.fragments)
		return 0;
	snprintf(note, sizeof(note), "%llu fragments refused: raise the underlay's MTU, or lower that behind the peer",
		 (unsigned long long)facts.fragments);
	return encode_text(&status->note, note);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct tunnel_endpoint *x = (const struct tunnel_endpoint *)a, *y = (const struct tunnel_endpoint *)b;

	if (x->kind != y->kind || x->udp_port != y->udp_port || x->checksum != y->checksum ||
	    x->underlay_vrf != y->underlay_vrf || x->count != y->count ||
	    ip_address_compare(&x->local, &y->local) != 0 || ip_address_compare(&x->remote, &y->remote) != 0)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (x->binding[i].vni != y->binding[i].vni || x->binding[i].vrf != y->binding[i].vrf ||
		    !gateway_addresses_equal(tunnel_endpoint_gateways(x) + x->binding[i].first, x->binding[i].count,
					     tunnel_endpoint_gateways(y) + y->binding[i].first, y->binding[i].count))
			return false;
	return true;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)resource;

	if (endpoint->underlay_vrf)
		visit(&(struct reference){endpoint->underlay_vrf, "underlay_vrf", -1, NULL, false}, context);
	for (size_t i = 0; i < endpoint->count; i++)
		if (endpoint->binding[i].vrf)
			visit(&(struct reference){endpoint->binding[i].vrf, "vni_bindings", (long)i, "vrf", false},
			      context);
}

/* What a UDP port is held by: the dataplane tells tunnels apart by address and port alone. */
#define HOLDER(NAME, name, label) static const struct handle name##_holder = {.text = label};
DP_TUNNEL_KINDS(HOLDER)
#undef HOLDER

static const struct handle *const port_holders[] = {
#define HOLDER(NAME, name, label) [DP_TUNNEL_##NAME] = &name##_holder,
	DP_TUNNEL_KINDS(HOLDER)
#undef HOLDER
};

/* The VTEP's part of a key: local address, kind, port; the underlay VRF is the key's handle. */
static void vtep_key(const struct tunnel_endpoint *endpoint, struct unique_key *key)
{
	key->handle = endpoint->underlay_vrf;
	memcpy(key->byte, endpoint->local.byte, 16);
	key->byte[16] = endpoint->local.family;
	key->byte[17] = endpoint->kind;
	memcpy(&key->byte[18], &endpoint->udp_port, 2);
}

static void tunnel_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	(void)holding;
	snprintf(text, size, "tunnel endpoint \"%s\" has the same underlay VRF, addresses, kind and UDP port",
		 holder->text);
}

static void port_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	(void)holding;
	snprintf(text, size, "%s tunnels use this UDP port of the local address", holder->text);
}

static void vni_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	vni_binding_rule.taken(holding, holder, text, size);
}

static const struct unique_rule tunnel_rule = {.taken = tunnel_taken}; /* VTEP and remote: one endpoint */
static const struct unique_rule port_rule = {.taken = port_taken};     /* a VTEP's UDP port: one kind of tunnel */
static const struct unique_rule vni_rule = {.taken = vni_taken};       /* a VTEP's VNI: one VRF */

/* Every endpoint holds this one for each VRF that it binds a VNI to: shared among them. */
static const struct unique_rule bound_vrf_rule = {0};

static void visit_addresses(const struct tunnel_endpoint *endpoint, holding_visit visit, void *context)
{
	visit_vrf_address(endpoint->underlay_vrf, &endpoint->local, "local_address", -1, NULL, visit, context);
	for (size_t i = 0; i < endpoint->count; i++) {
		const struct vni_binding *binding = &endpoint->binding[i];

		for (uint32_t j = 0; j < binding->count; j++) {
			char member[48];

			snprintf(member, sizeof(member), "gateway_addresses[%u].address", j);
			visit_vrf_address(binding->vrf, &tunnel_endpoint_gateways(endpoint)[binding->first + j].address,
					  "vni_bindings", (long)i, member, visit, context);
		}
	}
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)resource;
	struct holding tunnel = {
		.key.rule = &tunnel_rule, .holder = resource->self, .field = "remote_address", .index = -1};
	struct holding port = {.key.rule = &port_rule,
			       .holder = port_holders[endpoint->kind],
			       .shared = true,
			       .field = "udp_port",
			       .index = -1};

	vtep_key(endpoint, &tunnel.key);
	memcpy(&tunnel.key.byte[20], endpoint->remote.byte, 16);
	visit(&tunnel, context);
	vtep_key(endpoint, &port.key);
	port.key.byte[17] = 0; /* whatever the kind */
	visit(&port, context);
	visit_addresses(endpoint, visit, context);
	for (size_t i = 0; i < endpoint->count; i++) {
		struct holding binding = {.key = {.rule = &vni_binding_rule, .number = endpoint->binding[i].vni},
					  .holder = endpoint->binding[i].vrf,
					  .field = "vni_bindings",
					  .index = (long)i,
					  .member = "vni"};
		struct holding vni = binding;

		binding.key.handle = resource->self;
		visit(&binding, context);
		vni.key.rule = &vni_rule;
		vni.shared = true;
		vtep_key(endpoint, &vni.key);
		visit(&vni, context);
		vni.key = (struct unique_key){.rule = &bound_vrf_rule, .handle = endpoint->binding[i].vrf};
		visit(&vni, context);
	}
}

static bool visit_next_hop(void *object, void *context)
{
	const struct next_hop *next_hop = object;
	struct check *check = context;
	struct unique_key key;

	if (next_hop->target != NEXT_HOP_TUNNEL || check_is_new(check, &next_hop->resource))
		return true;
	key = (struct unique_key){.rule = &vni_binding_rule, .number = next_hop->vni, .handle = next_hop->via};
	if (!unique_keys_holder(check->unique_keys, &key) && check_attribute(check, next_hop->via->resource))
		check_fault(check, ERROR_FAILED_PRECONDITION, "vni_bindings", -1, NULL,
			    "next hop \"%s\" still uses VNI %u", next_hop->resource.self->text, next_hop->vni);
	return true;
}

/* Checks that no next hop uses a VNI that its tunnel endpoint no longer binds. */
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

static uint32_t count_bindings(const struct resource *resource)
{
	return (uint32_t)((const struct tunnel_endpoint *)resource)->count;
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct tunnel_endpoint *old = (const struct tunnel_endpoint *)before;
	const struct tunnel_endpoint *new = (const struct tunnel_endpoint *)after;
	struct unique_key underlay = {.rule = &bound_vrf_rule};

	if (old && uses_lost_binding(check->unique_keys, old))
		check_at_end(check, check_bindings);
	if (!new)
		return;
	/* Where no VNI leads to the underlay VRF, the endpoint is on no circle. */
	underlay.handle = new->underlay_vrf;
	if (unique_keys_holder(check->unique_keys, &underlay))
		check_at_end(check, check_underlay_cycles);
}

extern const struct kind_ops tunnel_endpoint_ops;
const struct kind_ops tunnel_endpoint_ops = {
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.name = "tunnel_endpoint",
	.label = "tunnel endpoint",
	.plural = "tunnel_endpoints",
	.limit = LIMIT_tunnel_endpoints,
	.message = &sluice__v1__tunnel_endpoint__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__TunnelEndpoint, name), 0},
	.size = sizeof(struct tunnel_endpoint),
	.counters = {{DP_COUNTER_DECAP, offsetof(Sluice__V1__ResourceState, counters)},
		     {DP_COUNTER_ENCAP, offsetof(Sluice__V1__ResourceState, sent)}},
	.parts = {"vni_bindings", LIMIT_vni_bindings, count_bindings},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
	.status = status,
};
