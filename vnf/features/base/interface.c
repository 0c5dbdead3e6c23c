/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnf/control/commit/candidate.h"
#include "vnf/control/commit/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"

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
	return &interface->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct interface *interface = (const struct interface *)resource;
	Sluice__V1__Interface *to = message;

	to->vlan_id = interface->vlan_id;
	to->inner_vlan_id = interface->inner_vlan_id;
	if (encode_text(&to->device, interface->device) || encode_text(&to->vrf, interface->vrf->text))
		return -ENOMEM;
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct interface *x = (const struct interface *)a, *y = (const struct interface *)b;

	return x->vrf == y->vrf && x->vlan_id == y->vlan_id && x->inner_vlan_id == y->inner_vlan_id &&
	       strcmp(x->device, y->device) == 0;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	const struct interface *interface = (const struct interface *)resource;

	if (interface->vrf)
		visit(&(struct reference){interface->vrf, "vrf", -1, NULL}, context);
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct interface *interface = (const struct interface *)resource;
	struct holding holding = {.key.rule = UNIQUE_DEVICE, .holder = resource->self, .field = "device", .index = -1};

	holding.key.number = interface->vlan_id | (uint32_t)interface->inner_vlan_id << 16;
	memcpy(holding.key.byte, interface->device, sizeof(interface->device));
	visit(&holding, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct interface *interface = (const struct interface *)after;

	(void)before;
	if (interface && *interface->device && strcmp(interface->device, check->candidate->base.management) == 0)
		check_fault(check, ERROR_INVALID_ARGUMENT, "device", -1, NULL,
			    "\"%s\" is the management interface, by which controllers reach the router: name another "
			    "device, or change management.interface in the daemon's file",
			    interface->device);
}

const struct kind_ops interface_ops = {
	.name = "interface",
	.label = "interface",
	.plural = "interfaces",
	.message = &sluice__v1__interface__descriptor,
	.size = sizeof(struct interface),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
};
