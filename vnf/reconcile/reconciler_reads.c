/* SPDX-License-Identifier: Apache-2.0 */
/* What a reconciler says about its last commit, and about the kernel. */
#include <errno.h>

#include "vnf/reconcile/blast_radius.h"
#include "vnf/reconcile/device_facts.h"
#include "vnf/reconcile/paths.h"
#include "vnf/reconcile/reconciler_state.h"
#include "vnf/reconcile/tables.h"
#include "vnf/dataplane/kernel/netlink.h"

const struct policy_costs *reconciler_policy_costs(const struct reconciler *reconciler)
{
	return &reconciler->tables->costs;
}

int reconciler_blast_radius(struct reconciler *reconciler, struct blast_radius *radius)
{
	return blast_radius_measure(radius, reconciler->tables, reconciler->dataplane);
}

/* From here on: any thread. */

void reconciler_device(struct reconciler *reconciler, const char *device, struct device_facts *facts)
{
	device_facts_find(reconciler->netlink, reconciler->devices, device, facts);
}

int reconciler_port(struct reconciler *reconciler, size_t n, struct device_facts *facts)
{
	return device_facts_nth(reconciler->netlink, reconciler->devices, n, facts);
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
