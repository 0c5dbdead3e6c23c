/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/device_facts.h"

#include <string.h>

#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/reconcile/devices.h"

static void fill(const struct netlink_link *link, struct device_facts *facts)
{
	facts->ifindex = link->ifindex;
	facts->mtu = link->mtu;
	facts->up = link->up;
	memcpy(facts->mac, link->mac, sizeof(facts->mac));
	memcpy(facts->name, link->name, sizeof(facts->name));
}

void device_facts_find(struct netlink *netlink, struct devices *devices, const char *device, struct device_facts *facts)
{
	struct netlink_link link;

	memset(facts, 0, sizeof(*facts));
	if (!netlink_read_link(netlink, device, &link))
		return;
	fill(&link, facts);
	devices_find(devices, link.ifindex, &facts->xdp_mode, facts->reason, sizeof(facts->reason));
}

int device_facts_nth(struct netlink *netlink, struct devices *devices, size_t n, struct device_facts *facts)
{
	struct netlink_link link;
	uint32_t ifindex;
	int error;

	memset(facts, 0, sizeof(*facts));
	error = devices_nth(devices, n, &ifindex, &facts->xdp_mode, facts->reason, sizeof(facts->reason));
	if (error)
		return error;
	facts->ifindex = ifindex;
	if (netlink_read_link_index(netlink, ifindex, &link))
		fill(&link, facts);
	return 0;
}
