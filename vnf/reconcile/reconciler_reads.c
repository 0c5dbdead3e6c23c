/* SPDX-License-Identifier: Apache-2.0 */
/* What others may know of the kernel's facts. Any thread. */
#include <errno.h>
#include <string.h>

#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/reconcile/device_facts.h"
#include "vnf/reconcile/health.h"
#include "vnf/reconcile/paths.h"
#include "vnf/reconcile/reconciler_state.h"
#include "vnf/reconcile/shown_drains.h"
#include "vnf/reconcile/shown_members.h"

void reconciler_device(struct reconciler *reconciler, const char *device, struct device_facts *facts)
{
	device_facts_find(reconciler->netlink, reconciler->devices, device, facts);
}

int reconciler_port(struct reconciler *reconciler, size_t n, struct device_facts *facts)
{
	return device_facts_nth(reconciler->netlink, reconciler->devices, n, facts);
}

int reconciler_place(struct reconciler *reconciler, uint32_t ifindex, char device[16], uint16_t *vlan_id)
{
	struct netlink_link link, lower;

	if (!netlink_read_link_index(reconciler->netlink, ifindex, &link))
		return -ENOENT;
	*vlan_id = 0;
	if (link.vlan_id && netlink_read_link_index(reconciler->netlink, link.lower, &lower)) {
		*vlan_id = link.vlan_id;
		link = lower;
	}
	memcpy(device, link.name, sizeof(link.name));
	return 0;
}

int reconciler_neighbour(struct reconciler *reconciler, const char *device, const struct ip_address *address,
			 uint8_t mac[6])
{
	struct netlink_link link;
	bool found = netlink_read_link(reconciler->netlink, device, &link) &&
		     netlink_read_neighbour(reconciler->netlink, link.ifindex, address, mac);

	return found ? 0 : -ENOENT;
}

void reconciler_link(struct reconciler *reconciler, uint32_t interface, struct link_facts *facts)
{
	shown_link_read(reconciler->tables->shown_links, interface, facts);
}

void reconciler_tunnel(struct reconciler *reconciler, uint32_t tunnel, struct tunnel_facts *facts)
{
	paths_facts(reconciler->paths, tunnel, facts);
}

bool reconciler_is_probed(struct reconciler *reconciler)
{
	return health_is_listened_to(reconciler->health);
}

bool reconciler_health_facts(struct reconciler *reconciler, const struct health_key *key,
			     struct health_verdict *verdict)
{
	return health_facts(reconciler->health, key, verdict);
}

void reconciler_member(struct reconciler *reconciler, uint32_t member, struct member_facts *facts)
{
	const struct shown_member shown = shown_member_read(reconciler->tables->shown_members, member);
	const struct dp_member_load load = dataplane_member_load(reconciler->dataplane, member);

	*facts = (struct member_facts){shown.state, shown.share, load.connections, load.opened};
}

uint64_t reconciler_member_drains(struct reconciler *reconciler, uint32_t member)
{
	return shown_drain_read(reconciler->tables->shown_drains, member);
}
