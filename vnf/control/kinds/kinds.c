/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"

static const char *const pending_texts[] = {
	[PENDING_NONE] = "",
	[PENDING_DEVICE] =
		"its device does not exist in this network namespace: it is programmed when the device appears",
	[PENDING_ATTACH] = "XDP could not be attached to its device: see the daemon's log",
	[PENDING_ETHERNET] =
		"its device has no Ethernet header (loopback, a tun, a tunnel device): name a NIC, a veth, a "
		"tap or a bridge",
	[PENDING_DOWN] = "its device is down: ip link set DEVICE up",
	[PENDING_INTERFACE] = "its interface is not programmed: see the reason there",
	[PENDING_NEIGHBOUR] =
		"the gateway does not answer ARP or neighbour discovery: check the gateway, or give its MAC",
	[PENDING_NO_ROOM] = "the kernel's neighbour table is full, so the gateway cannot be asked for: raise "
			    "net.ipv4.neigh.default.gc_thresh3 (net.ipv6 alike), or give its MAC",
	[PENDING_MEMBERS] = "none of the group's next hops is programmed: see the reasons there",
	[PENDING_YIELDS] =
		"none of the group's next hops is programmed: packets take the less specific route, until one is",
	[PENDING_UNHEALTHY] = "its health monitor says that it is down: see the monitor's state",
	[PENDING_NO_HEALTHY] =
		"all of the group's next hops that are programmed are down by its health monitor: see the monitor's "
		"state",
	[PENDING_PORTS] = "a port of the pair is not programmed or down: see its interfaces",
	[PENDING_PAIRS] = "none of the group's port pairs is programmed: see the reasons there",
	[PENDING_STAGES] = "a stage of the chain has no port pair that is programmed: see its port pair groups",
	[PENDING_UNDERLAY_ROUTE] = "no route of its underlay VRF leads to its remote address: add one",
	[PENDING_UNDERLAY_LOCAL] = "its remote address is an address of this router in the underlay VRF",
	[PENDING_UNDERLAY_HOST] =
		"its remote address is on the link of an interface, and does not answer ARP or neighbour discovery: "
		"check the host there",
	[PENDING_UNDERLAY_MEMBERS] =
		"the route to its remote address has no gateway that is programmed: see the next hops "
		"of that route's group",
	[PENDING_UNDERLAY_TUNNEL] =
		"the route to its remote address leads into a tunnel, and a tunnel is not carried in another: route it "
		"to a gateway",
	[PENDING_TUNNEL] = "its tunnel endpoint is not programmed: see the reason there",
	[PENDING_VIP] =
		"the kernel has its address on the device of an interface of the VRF and gets its packets: take it "
		"off the device",
	[PENDING_TAP_STARTS] = "it is being started",
	[PENDING_TAP_SERVICE] = "its tap service is not programmed: see the reason there",
	[PENDING_TAP_SOCKET] = "no socket could be opened for its destination: see the daemon's log",
	[PENDING_TAP_SESSION] =
		"packets cannot be observed for it: end a trace, a capture or another tap flow, of which "
		"eight share the observer, or see the daemon's log",
};

const struct kind_ops *kind_ops(enum resource_kind kind)
{
	return (unsigned int)kind < RESOURCE_KINDS ? kind_list[kind] : NULL;
}

enum resource_kind kind_after(int kind)
{
	do
		kind++;
	while (kind < RESOURCE_KINDS && !kind_list[kind]);
	return (enum resource_kind)kind;
}

struct resource *resource_new(enum resource_kind kind, size_t size)
{
	struct resource *resource = calloc(1, size);

	if (resource)
		resource->kind = kind;
	return resource;
}

struct resource *resource_new_key(const struct resource *other)
{
	struct resource *resource = resource_new(other->kind, kind_ops(other->kind)->size);
	const struct vrf_key *key = resource_vrf_key(other);

	if (!resource)
		return NULL;
	resource->owner = other->owner;
	resource->owner->references++;
	resource->self = other->self;
	if (resource->self)
		resource->self->references++;
	if (key) {
		*(struct vrf_key *)(resource + 1) = *key;
		key->vrf->references++;
	}
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
	if (kind_ops(resource->kind)->references)
		kind_ops(resource->kind)->references(resource, put_reference, handles);
	handles_put(handles, resource->self);
	handles_put(handles, resource->owner);
	free(resource);
}

struct resource *resource_decode(struct decoder *decoder, const Sluice__V1__Resource *message)
{
	const struct kind_ops *ops = message ? kind_ops((enum resource_kind)message->kind_case) : NULL;
	struct resource *resource;
	struct decoded_key key;
	size_t above;

	if (!ops) {
		decode_fault(decoder, "", "says no resource: set one of its fields, such as vrf or route");
		return NULL;
	}
	if (!ops->decode) {
		decode_fault(decoder, ops->name, "is learned from route sources: nobody writes it");
		return NULL;
	}
	above = decoder_enter_field(decoder, ops->name);
	/* Every member of the oneof is a pointer to a message. */
	key_decode(decoder, ops, message->vrf, &key);
	resource = decoder->key_only ? resource_new(ops->kind, ops->size) : ops->decode(decoder, message->vrf);
	if (!resource)
		decode_no_memory(decoder);
	decoder_leave(decoder, above);
	key_move(decoder->handles, &key, resource);
	if (!resource || !decoder->failed)
		return resource;
	resource_free(decoder->handles, resource);
	return NULL;
}

Sluice__V1__Resource *resource_encode(const struct resource *resource)
{
	const struct kind_ops *ops = kind_ops(resource->kind);
	Sluice__V1__Resource *message = message_new(&sluice__v1__resource__descriptor);
	void *kind;

	if (!message)
		return NULL;
	kind = message_new(ops->message);
	if (!kind)
		goto err;
	message->vrf = kind;
	message->kind_case = (Sluice__V1__Resource__KindCase)resource->kind;
	if (key_encode(ops, resource, kind) || ops->encode(resource, kind))
		goto err;
	return message;

err:
	message_free(message);
	return NULL;
}

const char *pending_reason_text(enum pending_reason pending)
{
	return (unsigned int)pending < sizeof(pending_texts) / sizeof(pending_texts[0]) ? pending_texts[pending] : "";
}

enum pending_reason resource_pending(const struct resource *resource)
{
	const struct kind_ops *ops = kind_ops(resource->kind);
	const struct handle *handle = ops->pending ? ops->pending(resource) : resource->self;
	enum pending_reason pending;

	if (!handle)
		return PENDING_NONE;
	pending = (enum pending_reason)atomic_load_explicit(&handle->pending, memory_order_acquire);
	return pending == PENDING_MEMBERS && resource_yields(resource) ? PENDING_YIELDS : pending;
}
