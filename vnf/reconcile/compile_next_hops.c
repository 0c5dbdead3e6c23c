/* SPDX-License-Identifier: Apache-2.0 */
/* next_hops[]: how a frame to each next hop looks, as far as the kernel knows its neighbour. */
#include <errno.h>
#include <string.h>

#include "vnf/reconcile/compile.h"
#include "vnf/dataplane/kernel/netlink.h"

/* To a neighbour on a link. 0, or -ENOMEM. */
static int to_gateway(struct compile *compile, const struct next_hop *hop, struct dp_next_hop *entry, uint8_t *wait)
{
	const struct interface_facts *facts = &compile->interface[hop->via->id];
	struct dp_egress egress = {
		.ifindex = facts->ifindex,
		.mtu = facts->mtu,
		.interface = (uint16_t)hop->via->id,
		.vlan_id = facts->vlan_id,
		.inner_vlan_id = facts->inner_vlan_id,
	};
	int error;

	entry->kind = DP_NEXT_HOP_UNRESOLVED;
	*wait = PENDING_INTERFACE;
	if (facts->pending != PENDING_NONE)
		return 0;
	*wait = PENDING_NEIGHBOUR;
	if (hop->has_mac) {
		memcpy(egress.dst_mac, hop->mac, sizeof(egress.dst_mac));
	} else {
		if (!facts->ip_ifindex)
			return 0;
		error = netlink_want(compile->netlink, facts->ip_ifindex, &hop->address);
		if (error)
			return error;
		if (!netlink_neighbour(compile->netlink, facts->ip_ifindex, &hop->address, egress.dst_mac))
			return 0;
	}
	memcpy(egress.src_mac, facts->mac, sizeof(egress.src_mac));
	entry->kind = DP_NEXT_HOP_GATEWAY;
	entry->egress = egress;
	*wait = PENDING_NONE;
	return 0;
}

/* To a host or router behind a tunnel: the inner frame comes from the router's MAC in the VRF that the VNI means. */
static void to_tunnel(const struct compile *compile, const struct next_hop *hop, struct dp_next_hop *entry)
{
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)snapshot_find(
		compile->snapshot, RESOURCE_TUNNEL_ENDPOINT, hop->via->text);

	entry->kind = DP_NEXT_HOP_TUNNEL;
	entry->tunnel = (uint16_t)hop->via->id;
	entry->vni = hop->vni;
	memcpy(entry->egress.dst_mac, hop->mac, sizeof(entry->egress.dst_mac));
	for (size_t i = 0; i < endpoint->count; i++) {
		if (endpoint->binding[i].vni != hop->vni)
			continue;
		vrf_router_mac((const struct vrf *)snapshot_find(compile->snapshot, RESOURCE_VRF,
								 endpoint->binding[i].vrf->text),
			       entry->egress.src_mac);
	}
}

int compile_next_hop(struct compile *compile, const struct next_hop *hop)
{
	uint32_t id = hop->resource.self->id;
	struct dp_next_hop entry = {0};
	uint8_t wait = PENDING_NONE;
	int error = 0;

	if (hop->target == NEXT_HOP_GATEWAY)
		error = to_gateway(compile, hop, &entry, &wait);
	else if (hop->target == NEXT_HOP_TUNNEL)
		to_tunnel(compile, hop, &entry);
	else
		entry.kind = DP_NEXT_HOP_DISCARD;
	if (error)
		return error;
	compile->next_hop_pending[id] = wait;
	compile_pending(compile, hop->resource.self, wait);
	compile_write(compile, &compile->bank->next_hops[id], &entry, sizeof(entry));
	compile_use(compile, id, &compile->end.next_hops);
	return 0;
}

int compile_next_hops(struct compile *compile)
{
	struct dp_next_hop *table = compile->bank->next_hops;
	const struct resource *resource = NULL;
	int error;

	while ((resource = snapshot_next(compile->snapshot, RESOURCE_NEXT_HOP, resource))) {
		error = compile_next_hop(compile, (const struct next_hop *)resource);
		if (error)
			return error;
	}
	compile_clear_unused(compile, table, sizeof(*table), sizeof(*table), &compile->end.next_hops);
	return 0;
}
