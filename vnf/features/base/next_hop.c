/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/reconcile/reconciler.h"

#define VNI_MAX 0xffffff

static void decode_gateway(struct decoder *decoder, const Sluice__V1__Gateway *from, struct next_hop *next_hop)
{
	size_t above = decoder_enter(decoder, "gateway");

	next_hop->target = NEXT_HOP_GATEWAY;
	next_hop->via = decode_name(decoder, RESOURCE_INTERFACE, "interface", from->interface);
	decode_host(decoder, "address", from->address, &next_hop->address);
	next_hop->has_mac = *from->mac;
	if (next_hop->has_mac)
		decode_mac(decoder, "mac", from->mac, next_hop->mac);
	decoder_leave(decoder, above);
}

static void decode_tunnel(struct decoder *decoder, const Sluice__V1__TunnelHop *from, struct next_hop *next_hop)
{
	size_t above = decoder_enter(decoder, "tunnel");

	next_hop->target = NEXT_HOP_TUNNEL;
	next_hop->via = decode_name(decoder, RESOURCE_TUNNEL_ENDPOINT, "tunnel_endpoint", from->tunnel_endpoint);
	decode_range(decoder, "vni", from->vni, 0, VNI_MAX);
	next_hop->vni = from->vni;
	next_hop->has_mac = *from->mac || from->vni; /* a tunnel without VNIs has no frames, either */
	if (next_hop->has_mac)
		decode_mac(decoder, "mac", from->mac, next_hop->mac);
	decoder_leave(decoder, above);
}

static void decode_discard(struct decoder *decoder, const Sluice__V1__Discard *from, struct next_hop *next_hop)
{
	static const enum discard_reason reasons[] = {DISCARD_BLACKHOLE, DISCARD_BLACKHOLE, DISCARD_UNREACHABLE,
						      DISCARD_PROHIBIT};
	size_t above = decoder_enter(decoder, "discard");

	next_hop->target = NEXT_HOP_DISCARD;
	if (decode_range(decoder, "reason", (uint32_t)from->reason, 0,
			 SLUICE__V1__DISCARD_REASON__DISCARD_REASON_PROHIBIT))
		next_hop->discard = reasons[from->reason];
	decoder_leave(decoder, above);
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__NextHop *from = message;
	struct next_hop *next_hop = (struct next_hop *)resource_new(RESOURCE_NEXT_HOP, sizeof(*next_hop));

	if (!next_hop)
		return NULL;
	switch (from->target_case) {
	case SLUICE__V1__NEXT_HOP__TARGET_GATEWAY:
		decode_gateway(decoder, from->gateway, next_hop);
		break;
	case SLUICE__V1__NEXT_HOP__TARGET_TUNNEL:
		decode_tunnel(decoder, from->tunnel, next_hop);
		break;
	case SLUICE__V1__NEXT_HOP__TARGET_DISCARD:
		decode_discard(decoder, from->discard, next_hop);
		break;
	default:
		decode_fault(decoder, "", "has no target: set gateway, tunnel or discard");
	}
	return &next_hop->resource;
}

static int encode_gateway(const struct next_hop *next_hop, Sluice__V1__NextHop *to)
{
	to->gateway = message_new(&sluice__v1__gateway__descriptor);
	if (!to->gateway)
		return -ENOMEM;
	to->target_case = SLUICE__V1__NEXT_HOP__TARGET_GATEWAY;
	if (encode_text(&to->gateway->interface, next_hop->via->text) ||
	    encode_address(&to->gateway->address, &next_hop->address))
		return -ENOMEM;
	return next_hop->has_mac ? encode_mac(&to->gateway->mac, next_hop->mac) : 0;
}

static int encode_tunnel(const struct next_hop *next_hop, Sluice__V1__NextHop *to)
{
	to->tunnel = message_new(&sluice__v1__tunnel_hop__descriptor);
	if (!to->tunnel)
		return -ENOMEM;
	to->target_case = SLUICE__V1__NEXT_HOP__TARGET_TUNNEL;
	to->tunnel->vni = next_hop->vni;
	if (encode_text(&to->tunnel->tunnel_endpoint, next_hop->via->text))
		return -ENOMEM;
	return next_hop->has_mac ? encode_mac(&to->tunnel->mac, next_hop->mac) : 0;
}

static int encode_discard(const struct next_hop *next_hop, Sluice__V1__NextHop *to)
{
	static const Sluice__V1__DiscardReason reasons[] = {
		[DISCARD_BLACKHOLE] = SLUICE__V1__DISCARD_REASON__DISCARD_REASON_BLACKHOLE,
		[DISCARD_UNREACHABLE] = SLUICE__V1__DISCARD_REASON__DISCARD_REASON_UNREACHABLE,
		[DISCARD_PROHIBIT] = SLUICE__V1__DISCARD_REASON__DISCARD_REASON_PROHIBIT,
	};

	to->discard = message_new(&sluice__v1__discard__descriptor);
	if (!to->discard)
		return -ENOMEM;
	to->target_case = SLUICE__V1__NEXT_HOP__TARGET_DISCARD;
	to->discard->reason = reasons[next_hop->discard];
	return 0;
}

static int encode(const struct resource *resource, void *message)
{
	const struct next_hop *next_hop = (const struct next_hop *)resource;
	Sluice__V1__NextHop *to = message;

	if (next_hop->target == NEXT_HOP_GATEWAY)
		return encode_gateway(next_hop, to);
	if (next_hop->target == NEXT_HOP_TUNNEL)
		return encode_tunnel(next_hop, to);
	return encode_discard(next_hop, to);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct next_hop *x = (const struct next_hop *)a, *y = (const struct next_hop *)b;

	return x->target == y->target && x->via == y->via && x->discard == y->discard && x->vni == y->vni &&
	       x->has_mac == y->has_mac && memcmp(x->mac, y->mac, sizeof(x->mac)) == 0 &&
	       ip_address_compare(&x->address, &y->address) == 0;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct next_hop *next_hop = (const struct next_hop *)resource;

	if (next_hop->via)
		visit(&(struct reference){next_hop->via,
					  next_hop->target == NEXT_HOP_GATEWAY ? "gateway.interface"
									       : "tunnel.tunnel_endpoint",
					  -1, NULL, false},
		      context);
}

static void binding_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "VNI %u is bound to VRF \"%s\" on this local address, kind and UDP port",
		 holding->key.number, holder->text);
}

const struct unique_rule vni_binding_rule = {.taken = binding_taken};

const struct unique_rule vni_use_rule = {0}; /* shared: nobody stands in another's way */
const struct unique_rule no_vni_rule = {0};  /* one endpoint, one holder */

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct next_hop *next_hop = (const struct next_hop *)resource;

	if (next_hop->target == NEXT_HOP_TUNNEL)
		visit(
			&(struct holding){
				.key = {.rule = &vni_use_rule, .number = next_hop->vni, .handle = next_hop->via},
				.holder = next_hop->via,
				.shared = true,
				.field = "tunnel.vni",
				.index = -1},
			context);
}

/* Into a tunnel whose kind has neither VNIs nor frames. */
static void check_plain(struct check *check, const struct next_hop *next_hop)
{
	if (next_hop->vni)
		check_fault(check, ERROR_INVALID_ARGUMENT, "tunnel.vni", -1, NULL,
			    "%u, but tunnel endpoint \"%s\" is of a kind that has no VNI: leave it 0", next_hop->vni,
			    next_hop->via->text);
	if (next_hop->has_mac)
		check_fault(check, ERROR_INVALID_ARGUMENT, "tunnel.mac", -1, NULL,
			    "tunnel endpoint \"%s\" is of a kind without inner frames: leave it empty",
			    next_hop->via->text);
}

static void check_tunnel(struct check *check, const struct next_hop *next_hop)
{
	const struct unique_key plain = {.rule = &no_vni_rule, .handle = next_hop->via};
	const struct unique_key bound = {.rule = &vni_binding_rule, .number = next_hop->vni, .handle = next_hop->via};

	if (unique_keys_holder(check->unique_keys, &plain)) {
		check_plain(check, next_hop);
		return;
	}
	if (!next_hop->has_mac)
		check_fault(check, ERROR_INVALID_ARGUMENT, "tunnel.mac", -1, NULL,
			    "must not be empty: a MAC such as 02:00:00:00:00:01");
	if (!next_hop->vni)
		check_fault(check, ERROR_INVALID_ARGUMENT, "tunnel.vni", -1, NULL, "0 is out of range: 1 to %u",
			    VNI_MAX);
	else if (!unique_keys_holder(check->unique_keys, &bound))
		check_fault(check, ERROR_INVALID_ARGUMENT, "tunnel.vni", -1, NULL,
			    "VNI %u is not bound in tunnel endpoint \"%s\": add it to its vni_bindings", next_hop->vni,
			    next_hop->via->text);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct next_hop *old = (const struct next_hop *)before, *next_hop = (const struct next_hop *)after;

	if (!next_hop)
		return;
	if (old && old->address.family != next_hop->address.family)
		check_at_end(check, check_gateway_families);
	if (old && old->target == NEXT_HOP_GATEWAY && next_hop->target != NEXT_HOP_GATEWAY)
		check_at_end(check, check_probed_next_hops);
	if (next_hop->target == NEXT_HOP_TUNNEL && next_hop->via->resource)
		check_tunnel(check, next_hop);
}

/* The MAC that frames go to: a gateway's is looked up by its interface of the same snapshot. */
static int status(const struct resource *resource, const struct snapshot *snapshot, struct reconciler *reconciler,
		  Sluice__V1__ResourceState *state)
{
	const struct next_hop *next_hop = (const struct next_hop *)resource;
	const struct interface *interface;
	uint8_t mac[6];

	if (next_hop->target == NEXT_HOP_DISCARD)
		return 0;
	state->next_hop_status = message_new(&sluice__v1__next_hop_status__descriptor);
	if (!state->next_hop_status)
		return -ENOMEM;
	if (next_hop->has_mac)
		return encode_mac(&state->next_hop_status->mac, next_hop->mac);
	if (next_hop->target == NEXT_HOP_TUNNEL)
		return 0;
	interface = (const struct interface *)snapshot_find(snapshot, RESOURCE_INTERFACE, next_hop->via->text);
	if (!interface || reconciler_neighbour(reconciler, interface->device, &next_hop->address, mac))
		return 0;
	return encode_mac(&state->next_hop_status->mac, mac);
}

extern const struct kind_ops next_hop_ops;
const struct kind_ops next_hop_ops = {
	.kind = RESOURCE_NEXT_HOP,
	.name = "next_hop",
	.label = "next hop",
	.plural = "next_hops",
	.limit = LIMIT_next_hops,
	.message = &sluice__v1__next_hop__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__NextHop, name), 0},
	.size = sizeof(struct next_hop),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
	.status = status,
};
