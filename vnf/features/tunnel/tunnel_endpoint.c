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
#include "vnf/features/tunnel/vni_bindings.h"
#include "vnf/reconcile/reconciler.h"

#define SAME_KIND(NAME, name, label)                                                                                   \
	_Static_assert((int)DP_TUNNEL_##NAME == SLUICE__V1__TUNNEL_KIND__TUNNEL_KIND_##NAME, "sluice.v1.TunnelKind");
DP_TUNNEL_KINDS(SAME_KIND)
#undef SAME_KIND

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

bool tunnel_endpoint_has_vni(const struct tunnel_endpoint *endpoint)
{
	return tunnel_has_vni(tunnel_ops((enum dp_tunnel_kind)endpoint->kind));
}

bool tunnel_endpoint_has_checksum(const struct tunnel_endpoint *endpoint)
{
	if (!endpoint->udp_port)
		return false;
	switch ((Sluice__V1__UdpChecksum)endpoint->checksum) {
	case SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_ZERO:
		return false;
	case SLUICE__V1__UDP_CHECKSUM__UDP_CHECKSUM_COMPUTED:
		return true;
	default:
		return endpoint->local.family == 6;
	}
}

static void decode_addresses(struct decoder *decoder, const Sluice__V1__TunnelEndpoint *from,
			     struct tunnel_endpoint *endpoint)
{
	decode_host(decoder, "local_address", from->local_address, &endpoint->local);
	decode_host(decoder, "remote_address", from->remote_address, &endpoint->remote);
	if (!endpoint->local.family || !endpoint->remote.family)
		return;
	if (endpoint->local.family != endpoint->remote.family)
		decode_fault(decoder, "remote_address", "%s is not of the family of local_address %s",
			     from->remote_address, from->local_address);
	else if (ip_address_compare(&endpoint->local, &endpoint->remote) == 0)
		decode_fault(decoder, "remote_address", "%s is the local address too", from->remote_address);
}

static void decode_udp(struct decoder *decoder, const Sluice__V1__TunnelEndpoint *from, const struct tunnel_ops *tunnel,
		       struct tunnel_endpoint *endpoint)
{
	decode_range(decoder, "udp_port", from->udp_port, 0, 65535);
	endpoint->udp_port = (uint16_t)from->udp_port;
	decode_checksum(decoder, from->udp_checksum, endpoint);
	if (!tunnel)
		return;
	if (!endpoint->udp_port)
		endpoint->udp_port = tunnel->default_udp_port;
	if (tunnel->default_udp_port)
		return;
	if (from->udp_port)
		decode_fault(decoder, "udp_port", "%s tunnels have no UDP header: leave it 0", tunnel->name);
	if (from->udp_checksum)
		decode_fault(decoder, "udp_checksum", "%s tunnels have no UDP header: leave it unspecified",
			     tunnel->name);
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
	decode_addresses(decoder, from, endpoint);
	decode_udp(decoder, from, tunnel, endpoint);
	endpoint->underlay_vrf = decode_name(decoder, RESOURCE_VRF, "underlay_vrf", from->underlay_vrf);
	vni_bindings_decode(decoder, from, tunnel, endpoint);
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
	return vni_bindings_encode(endpoint, to);
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
	const bool has_vni = tunnel_endpoint_has_vni(endpoint);
	struct holding tunnel = {
		.key.rule = &tunnel_rule, .holder = resource->self, .field = "remote_address", .index = -1};
	struct holding port = {.key.rule = &port_rule,
			       .holder = port_holders[endpoint->kind],
			       .shared = true,
			       .field = "udp_port",
			       .index = -1};

	vtep_key(endpoint, &tunnel.key);
	memcpy(&tunnel.key.byte[20], endpoint->remote.byte, 16);
	if (resource_is_learned(resource)) /* of one source, beside those of clients and of other sources */
		memcpy(&tunnel.key.byte[36], &resource->owner, sizeof(resource->owner));
	visit(&tunnel, context);
	vtep_key(endpoint, &port.key);
	port.key.byte[17] = 0; /* whatever the kind */
	visit(&port, context);
	visit_addresses(endpoint, visit, context);
	if (!has_vni)
		visit(&(struct holding){.key = {.rule = &no_vni_rule, .handle = resource->self},
					.holder = resource->self,
					.field = "kind",
					.index = -1},
		      context);
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
		if (has_vni) /* else each remote has a VRF of its own */
			visit(&vni, context);
		vni.key = (struct unique_key){.rule = &bound_vrf_rule, .handle = endpoint->binding[i].vrf};
		visit(&vni, context);
	}
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

	vni_bindings_check(check, old, new);
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
