/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/dp/counters.h"
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/hosts.h"
#include "vnf/features/base/gateway_address.h"
#include "vnf/features/base/vrf_address.h"
#include "vnf/reconcile/reconciler.h"

#define VLAN_MAX 4094 /* IEEE 802.1Q: 4095 is reserved */

/* As the kernel's dev_valid_name() has it. */
static bool device_name(const char *text)
{
	size_t length = strlen(text);

	return length >= 1 && length <= 15 && strcmp(text, ".") != 0 && strcmp(text, "..") != 0 &&
	       !strpbrk(text, "/: \t\n\v\f\r");
}

static void decode_device(struct decoder *decoder, const Sluice__V1__Interface *from, struct interface *interface)
{
	if (device_name(*from->device ? from->device : from->name))
		snprintf(interface->device, sizeof(interface->device), "%s", *from->device ? from->device : from->name);
	else if (*from->device)
		decode_fault(decoder, "device", "\"%.64s\" is not a device name: 1 to 15 bytes, no '/', ':' or space",
			     from->device);
	else if (*from->name)
		decode_fault(decoder, "device", "is needed: the name \"%.64s\" is not a device name", from->name);
}

static void decode_additional_macs(struct decoder *decoder, const Sluice__V1__Interface *from,
				   struct interface *interface)
{
	if (from->n_additional_macs > DP_ADDITIONAL_MACS) {
		decode_fault(decoder, "additional_macs", "has %zu MACs: at most %d", from->n_additional_macs,
			     DP_ADDITIONAL_MACS);
		return;
	}
	interface->additional_macs = (uint8_t)from->n_additional_macs;
	for (size_t i = 0; i < from->n_additional_macs; i++) {
		char field[48];

		snprintf(field, sizeof(field), "additional_macs[%zu]", i);
		decode_mac(decoder, field, from->additional_macs[i], interface->additional_mac[i]);
	}
}

static int encode_additional_macs(const struct interface *interface, Sluice__V1__Interface *to)
{
	if (!interface->additional_macs)
		return 0;
	to->additional_macs = calloc(interface->additional_macs, sizeof(to->additional_macs[0]));
	for (size_t i = 0; to->additional_macs && i < interface->additional_macs; to->n_additional_macs = ++i)
		if (encode_mac(&to->additional_macs[i], interface->additional_mac[i]))
			return -ENOMEM;
	return to->additional_macs ? 0 : -ENOMEM;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__Interface *from = message;
	struct interface *interface = (struct interface *)resource_new(RESOURCE_INTERFACE, sizeof(*interface));

	if (!interface)
		return NULL;
	decode_device(decoder, from, interface);
	interface->vrf = decode_name(decoder, RESOURCE_VRF, "vrf", from->vrf);
	decode_range(decoder, "vlan_id", from->vlan_id, 0, VLAN_MAX);
	decode_range(decoder, "inner_vlan_id", from->inner_vlan_id, 0, VLAN_MAX);
	if (from->inner_vlan_id && !from->vlan_id)
		decode_fault(decoder, "inner_vlan_id", "needs vlan_id, the outer tag");
	interface->vlan_id = (uint16_t)from->vlan_id;
	interface->inner_vlan_id = (uint16_t)from->inner_vlan_id;
	decode_range(decoder, "connected", (uint32_t)from->connected, 0, 2);
	interface->connected = from->connected != SLUICE__V1__CONNECTED_ROUTES__CONNECTED_ROUTES_OFF;
	decode_range(decoder, "learn", (uint32_t)from->learn, 0, 2);
	interface->learn = from->learn == SLUICE__V1__NEIGHBOR_LEARNING__NEIGHBOR_LEARNING_ON;
	if (interface->learn && !interface->connected)
		decode_fault(decoder, "learn", "needs connected routes: leave connected out, or turn learn off");
	decode_additional_macs(decoder, from, interface);
	interface->gateways = (uint8_t)gateway_addresses_count(decoder, from->n_gateway_addresses, INTERFACE_GATEWAYS);
	gateway_addresses_decode(decoder, from->gateway_addresses, interface->gateways, interface->gateway);
	return &interface->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct interface *interface = (const struct interface *)resource;
	Sluice__V1__Interface *to = message;

	to->vlan_id = interface->vlan_id;
	to->inner_vlan_id = interface->inner_vlan_id;
	to->connected = interface->connected ? SLUICE__V1__CONNECTED_ROUTES__CONNECTED_ROUTES_ON
					     : SLUICE__V1__CONNECTED_ROUTES__CONNECTED_ROUTES_OFF;
	to->learn = interface->learn ? SLUICE__V1__NEIGHBOR_LEARNING__NEIGHBOR_LEARNING_ON
				     : SLUICE__V1__NEIGHBOR_LEARNING__NEIGHBOR_LEARNING_OFF;
	if (encode_text(&to->device, interface->device) || encode_text(&to->vrf, interface->vrf->text))
		return -ENOMEM;
	if (gateway_addresses_encode(&to->gateway_addresses, &to->n_gateway_addresses, interface->gateway,
				     interface->gateways))
		return -ENOMEM;
	return encode_additional_macs(interface, to);
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct interface *x = (const struct interface *)a, *y = (const struct interface *)b;

	return x->vrf == y->vrf && x->vlan_id == y->vlan_id && x->inner_vlan_id == y->inner_vlan_id &&
	       x->connected == y->connected && x->learn == y->learn && strcmp(x->device, y->device) == 0 &&
	       gateway_addresses_equal(x->gateway, x->gateways, y->gateway, y->gateways) &&
	       memcmp(x->additional_mac, y->additional_mac, sizeof(x->additional_mac)) == 0;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct interface *interface = (const struct interface *)resource;

	if (interface->vrf)
		visit(&(struct reference){interface->vrf, "vrf", -1, NULL, false}, context);
}

static void device_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	(void)holding;
	snprintf(text, size, "interface \"%s\" has this device with the same VLANs", holder->text);
}

/* A device with its VLANs belongs to one interface. */
static const struct unique_rule device_rule = {.taken = device_taken};

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct interface *interface = (const struct interface *)resource;
	struct holding holding = {.key.rule = &device_rule, .holder = resource->self, .field = "device", .index = -1};

	holding.key.number = interface->vlan_id | (uint32_t)interface->inner_vlan_id << 16;
	memcpy(holding.key.byte, interface->device, sizeof(interface->device));
	visit(&holding, context);
	visit_gateway_addresses(interface->vrf, interface->gateway, interface->gateways, visit, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct interface *interface = (const struct interface *)after;

	if (interface && strcmp(interface->device, "lo") == 0)
		check_fault(check, ERROR_INVALID_ARGUMENT, "device", -1, NULL,
			    "\"lo\" is the loopback device, which no frame comes from: name an Ethernet device");
	if (interface && before && ((const struct interface *)before)->vrf != interface->vrf)
		check_vrf_use(check, after->self, interface->vrf, "vrf");
	if (interface && *interface->device && strcmp(interface->device, check->management) == 0)
		check_fault(check, ERROR_INVALID_ARGUMENT, "device", -1, NULL,
			    "\"%s\" is the management interface, by which controllers reach the router: name another "
			    "device, or change management.interface in the daemon's file",
			    interface->device);
}

static const struct handle *vrf(const struct resource *resource)
{
	return ((const struct interface *)resource)->vrf;
}

/* 0 or -ENOMEM. */
static int encode_note(const struct interface *interface, const struct link_facts *link, char **note)
{
	char text[200], inner[16] = "";

	if (interface->inner_vlan_id)
		snprintf(inner, sizeof(inner), ".%u", interface->inner_vlan_id);
	if (link->lack == LINK_LACKS_VLAN_DEVICE)
		snprintf(text, sizeof(text),
			 "no connected routes: the kernel has no device for VLAN %u%s of %s: add one with an address, "
			 "or "
			 "give hosts next hops with MACs",
			 interface->vlan_id, inner, interface->device);
	else if (link->lack == LINK_LACKS_ADDRESS)
		snprintf(text, sizeof(text),
			 "no connected routes: gateway addresses make none: give %s an address of the kernel's, or "
			 "hosts "
			 "next hops",
			 interface->device);
	else if (link->refused)
		snprintf(text, sizeof(text),
			 "%llu hosts found no room and went by way of the kernel: at most %u an interface, and "
			 "limits.max_next_hops in all",
			 (unsigned long long)link->refused, LINK_HOSTS);
	else
		return 0;
	return encode_text(note, text);
}

/* How its device is now. */
static int status(const struct resource *resource, const struct snapshot *snapshot, struct reconciler *reconciler,
		  Sluice__V1__ResourceState *state)
{
	Sluice__V1__InterfaceStatus *status = message_new(&sluice__v1__interface_status__descriptor);
	struct device_facts facts;
	struct link_facts link;

	(void)snapshot;
	if (!status)
		return -ENOMEM;
	state->interface_status = status;
	reconciler_device(reconciler, ((const struct interface *)resource)->device, &facts);
	reconciler_link(reconciler, resource_id(resource), &link);
	status->ifindex = facts.ifindex;
	status->hosts = link.hosts;
	status->hosts_refused = link.refused;
	status->hosts_learned = link.learned;
	if (encode_note((const struct interface *)resource, &link, &status->note))
		return -ENOMEM;
	if (!facts.ifindex)
		return 0;
	status->mtu = facts.mtu;
	status->up = facts.up;
	status->xdp_mode = (Sluice__V1__XdpMode)facts.xdp_mode;
	return encode_mac(&status->mac, facts.mac);
}

extern const struct kind_ops interface_ops;
const struct kind_ops interface_ops = {
	.kind = RESOURCE_INTERFACE,
	.name = "interface",
	.label = "interface",
	.plural = "interfaces",
	.limit = LIMIT_interfaces,
	.message = &sluice__v1__interface__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__Interface, name), 0},
	.size = sizeof(struct interface),
	.counters = {{DP_COUNTER_RX, offsetof(Sluice__V1__ResourceState, counters)},
		     {DP_COUNTER_TX, offsetof(Sluice__V1__ResourceState, sent)}},
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
	.vrf = vrf,
	.status = status,
};
