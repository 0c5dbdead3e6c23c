/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says about the interfaces' devices; XDP is attached to every one that there is. */
#include <errno.h>
#include <string.h>

#include "vnf/reconcile/compile.h"
#include "vnf/reconcile/devices.h"
#include "vnf/dataplane/kernel/netlink.h"

/* The kernel device whose addresses and neighbours are the interface's: for a VLAN the VLAN device, if there is one. */
static uint32_t ip_device(struct netlink *netlink, uint32_t ifindex, const struct interface *interface)
{
	const struct netlink_link *link;

	if (!interface->vlan_id)
		return ifindex;
	link = netlink_vlan_device(netlink, ifindex, interface->vlan_id);
	if (link && interface->inner_vlan_id)
		link = netlink_vlan_device(netlink, link->ifindex, interface->inner_vlan_id);
	return link ? link->ifindex : 0;
}

int compile_interfaces(struct compile *compile)
{
	const struct resource *resource = NULL;
	int error;

	memset(compile->interface, 0, sizeof(compile->interface));
	devices_begin(compile->devices);
	while ((resource = snapshot_next(compile->snapshot, RESOURCE_INTERFACE, resource))) {
		const struct interface *interface = (const struct interface *)resource;
		struct interface_facts *facts = &compile->interface[resource->self->id];
		const struct netlink_link *link = netlink_link_by_name(compile->netlink, interface->device);

		facts->vrf = (uint16_t)interface->vrf->id;
		facts->vlan_id = interface->vlan_id;
		facts->inner_vlan_id = interface->inner_vlan_id;
		if (!link) {
			facts->pending = PENDING_DEVICE;
		} else {
			error = devices_attach(compile->devices, link->ifindex);
			if (error == -ENOMEM)
				return error;
			if (error) {
				facts->pending = PENDING_ATTACH;
			} else {
				facts->ifindex = link->ifindex;
				facts->ip_ifindex = ip_device(compile->netlink, link->ifindex, interface);
				facts->mtu = link->mtu < UINT16_MAX ? (uint16_t)link->mtu : UINT16_MAX;
				memcpy(facts->mac, link->mac, sizeof(facts->mac));
				facts->pending = link->up ? PENDING_NONE : PENDING_DOWN;
			}
		}
		compile_pending(compile, resource->self, facts->pending);
	}
	return 0;
}
