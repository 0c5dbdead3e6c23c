/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"

static const struct kind_ops *const kinds[RESOURCE_KINDS] = {
	[RESOURCE_VRF] = &vrf_ops,
	[RESOURCE_INTERFACE] = &interface_ops,
	[RESOURCE_TUNNEL_ENDPOINT] = &tunnel_endpoint_ops,
	[RESOURCE_NEXT_HOP] = &next_hop_ops,
	[RESOURCE_NEXT_HOP_GROUP] = &next_hop_group_ops,
	[RESOURCE_ROUTE] = &route_ops,
	[RESOURCE_PORT_PAIR] = &port_pair_ops,
	[RESOURCE_PORT_PAIR_GROUP] = &port_pair_group_ops,
	[RESOURCE_FLOW_CLASSIFIER] = &flow_classifier_ops,
	[RESOURCE_PORT_CHAIN] = &port_chain_ops,
};

static const char *const pending_texts[] = {
	[PENDING_NONE] = "",
	[PENDING_DEVICE] =
		"its device does not exist in this network namespace: it is programmed when the device appears",
	[PENDING_ATTACH] = "XDP could not be attached to its device: see the daemon's log",
	[PENDING_DOWN] = "its device is down: ip link set DEVICE up",
	[PENDING_INTERFACE] = "its interface is not programmed: see the reason there",
	[PENDING_NEIGHBOUR] =
		"the gateway does not answer ARP or neighbour discovery: check the gateway, or give its MAC",
	[PENDING_MEMBERS] = "none of the group's next hops is programmed: see the reasons there",
	[PENDING_PORTS] = "a port of the pair is not programmed or down: see its interfaces",
	[PENDING_PAIRS] = "none of the group's port pairs is programmed: see the reasons there",
	[PENDING_STAGES] = "a stage of the chain has no port pair that is programmed: see its port pair groups",
};

const struct kind_ops *kind_ops(enum resource_kind kind)
{
	return (unsigned int)kind < RESOURCE_KINDS ? kinds[kind] : NULL;
}

struct resource *resource_new(enum resource_kind kind, size_t size)
{
	struct resource *resource = calloc(1, size);

	if (resource)
		resource->kind = kind;
	return resource;
}

static void put_reference(const struct reference *reference, void *context)
{
	handles_put(context, reference->handle);
}

void resource_free(struct handles *handles, struct resource *resource)
{
	if (!resource)
		return;
	if (kinds[resource->kind]->references)
		kinds[resource->kind]->references(resource, put_reference, handles);
	handles_put(handles, resource->self);
	handles_put(handles, resource->owner);
	free(resource);
}

/* The name in a message of any kind that has one; NULL: a route. */
static char **name_field(const struct kind_ops *ops, const void *message)
{
	const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(ops->message, "name");

	return field ? (char **)((char *)message + field->offset) : NULL;
}

struct resource *resource_decode(struct decoder *decoder, const Sluice__V1__Resource *message)
{
	const struct kind_ops *ops = message ? kind_ops((enum resource_kind)message->kind_case) : NULL;
	struct resource *resource;
	struct handle *self = NULL;
	char **name;
	size_t above;

	if (!ops) {
		decode_fault(decoder, "", "says no resource: set one of its fields, such as vrf or route");
		return NULL;
	}
	above = decoder_enter_field(decoder, ops->name);
	/* Every member of the oneof is a pointer to a message. */
	name = name_field(ops, message->vrf);
	if (name)
		self = decode_name(decoder, (enum resource_kind)message->kind_case, "name", *name);
	if (name && decoder->key_only)
		resource = resource_new((enum resource_kind)message->kind_case, ops->size);
	else
		resource = ops->decode(decoder, message->vrf);
	if (!resource)
		decode_no_memory(decoder);
	decoder_leave(decoder, above);
	if (!resource) {
		handles_put(decoder->handles, self);
		return NULL;
	}
	resource->self = self;
	if (!decoder->failed)
		return resource;
	resource_free(decoder->handles, resource);
	return NULL;
}

Sluice__V1__Resource *resource_encode(const struct resource *resource)
{
	const struct kind_ops *ops = kinds[resource->kind];
	Sluice__V1__Resource *message = message_new(&sluice__v1__resource__descriptor);
	void *kind;

	if (!message)
		return NULL;
	kind = message_new(ops->message);
	if (!kind)
		goto err;
	message->vrf = kind;
	message->kind_case = (Sluice__V1__Resource__KindCase)resource->kind;
	if ((resource->self && encode_text(name_field(ops, kind), resource->self->text)) || ops->encode(resource, kind))
		goto err;
	return message;

err:
	message_free(message);
	return NULL;
}

struct resource_key resource_key(const struct resource *resource)
{
	const struct route *route = (const struct route *)resource;

	if (resource->kind != RESOURCE_ROUTE)
		return (struct resource_key){resource->self->text, NULL};
	return (struct resource_key){route->vrf->text, &route->prefix};
}

int resource_key_compare(const void *a, const void *b)
{
	const struct resource_key *key = a, other = resource_key(b);
	int order = key->text == other.text ? 0 : strcmp(key->text, other.text);

	return order || !key->prefix ? order : ip_prefix_compare(key->prefix, other.prefix);
}

bool resource_same_key(const struct resource *a, const struct resource *b)
{
	const struct resource_key key = resource_key(a);

	return a->kind == b->kind && resource_key_compare(&key, b) == 0;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * 0xff51afd7ed558ccdULL;
	return h ^ h >> 32;
}

uint64_t resource_key_hash(const struct resource *resource)
{
	const struct route *route = (const struct route *)resource;
	uint64_t address[2];

	if (resource->kind != RESOURCE_ROUTE)
		return mix(0, (uintptr_t)resource->self);
	memcpy(address, route->prefix.address.byte, sizeof(address));
	return mix(mix(mix(route->prefix.length, (uintptr_t)route->vrf), address[0]), address[1]);
}

const char *resource_key_format(const struct resource *resource, char text[RESOURCE_KEY_TEXT])
{
	const struct resource_key key = resource_key(resource);
	char prefix[IP_PREFIX_TEXT] = "";

	if (key.prefix)
		ip_prefix_format(key.prefix, prefix);
	snprintf(text, RESOURCE_KEY_TEXT, "%s%s%s", key.text, key.prefix ? "/" : "", prefix);
	return text;
}

const char *pending_reason_text(enum pending_reason pending)
{
	return (unsigned int)pending < sizeof(pending_texts) / sizeof(pending_texts[0]) ? pending_texts[pending] : "";
}

enum pending_reason resource_pending(const struct resource *resource)
{
	const struct handle *handle = resource->self;

	if (resource->kind == RESOURCE_ROUTE)
		handle = ((const struct route *)resource)->group;
	return (enum pending_reason)atomic_load_explicit(&handle->pending, memory_order_acquire);
}
