/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the router's own addresses are announced to the hosts behind tunnels, in each VNI: the gateway addresses of
 * the VRF that the VNI is bound to, and of the binding, each when it is new, and all when the tunnel or the binding is
 * new, or the VRF has another router MAC. A tunnel without VNIs has no frames, and so no hosts that want to hear it.
 * These tables have no rows in a bank.
 */
#include <string.h>

#include "vnf/features/base/gateway_address.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"
#include "vnf/reconcile/announcer.h"
#include "vnf/reconcile/table.h"
#include "tunnels/tunnel.h"

#define SRC_PORTS 49152 /* the first of the dynamic ports, which outer headers have (RFC 7348 5) */

static void open(void *state)
{
	*(struct id_array *)state = id_array_of(sizeof(bool)); /* by endpoint: all has been announced there */
}

static void close(void *state)
{
	id_array_free(state);
}

static const struct vni_binding *binding_of(const struct tunnel_endpoint *endpoint, uint32_t vni)
{
	for (size_t i = 0; endpoint && i < endpoint->count; i++)
		if (endpoint->binding[i].vni == vni)
			return &endpoint->binding[i];
	return NULL;
}

static const struct gateway_address *own_addresses(const struct tunnel_endpoint *endpoint,
						   const struct vni_binding *binding)
{
	return tunnel_endpoint_gateways(endpoint) + binding->first;
}

/* A row of a bank that is not being written. */
static const void *row_of(const struct tables *tables, enum dp_table table, uint32_t row)
{
	const struct bank_writer *writer = tables_writer((struct tables *)tables);

	return row < bank_writer_rows(writer, table) ? bank_writer_row(writer, table, row) : NULL;
}

/* The way to the remote: the host's on a link, or that of the first member of the route's group that is usable. */
static const struct dp_egress *egress_to(const struct tables *tables, uint32_t tunnel)
{
	const struct dp_fib_leaf leaf = tunnel_leaf(tables, tunnel);
	const struct dp_group *group;

	if (leaf.group == DP_GROUP_HOST)
		return row_of(tables, DP_TABLE_hosts, leaf.route);
	if (leaf.group == DP_GROUP_NONE || leaf.group >= DP_GROUP_HOST)
		return NULL;
	group = row_of(tables, DP_TABLE_groups, leaf.group);
	for (size_t i = 0; group && i < DP_MAX_GROUP_MEMBERS; i++) {
		const struct dp_next_hop *hop = row_of(tables, DP_TABLE_next_hops, group->member[i]);

		if (hop && hop->kind == DP_NEXT_HOP_GATEWAY)
			return &hop->egress;
	}
	return NULL;
}

static void fill(struct announcement *announcement, const struct tunnel_endpoint *endpoint, uint32_t vni,
		 const struct dp_egress *egress)
{
	struct announcement_tunnel *tunnel = &announcement->tunnel;

	announcement->ifindex = egress->ifindex;
	announcement->vlan_id = egress->vlan_id;
	announcement->inner_vlan_id = egress->inner_vlan_id;
	memcpy(tunnel->dst_mac, egress->dst_mac, sizeof(tunnel->dst_mac));
	memcpy(tunnel->src_mac, egress->src_mac, sizeof(tunnel->src_mac));
	tunnel->local = endpoint->local;
	tunnel->remote = endpoint->remote;
	tunnel->src_port = (uint16_t)(SRC_PORTS + vni % (65536 - SRC_PORTS));
	tunnel->dst_port = endpoint->udp_port;
	tunnel_ops(endpoint->kind)->header(vni, tunnel->header);
}

static bool look(void *context, uint32_t id, uint32_t vni, const struct ip_address *address,
		 struct announcement *announcement)
{
	const struct tables *tables = context;
	const struct tunnel_endpoint *endpoint =
		(const struct tunnel_endpoint *)tables_resource(tables, RESOURCE_TUNNEL_ENDPOINT, id);
	const struct vni_binding *binding = binding_of(endpoint, vni);
	const struct dp_egress *egress;
	const struct vrf *vrf;

	if (!binding || !tunnel_is_up(tables, id))
		return false;
	vrf = (const struct vrf *)tables_resource(tables, RESOURCE_VRF, binding->vrf->id);
	if (!vrf || (!gateway_addresses_have(own_addresses(endpoint, binding), binding->count, address) &&
		     !gateway_addresses_have(vrf->gateway, vrf->count, address)))
		return false;
	memcpy(announcement->mac, vrf->router_mac, sizeof(announcement->mac));
	egress = egress_to(tables, id);
	if (egress && egress->ifindex && !egress->resolve)
		fill(announcement, endpoint, vni, egress);
	return true;
}

/* Those that are not among `old`. 0 or -ENOMEM. */
static int note_new(const struct tables *tables, const struct announcer_place *place,
		    const struct gateway_address *gateway, size_t count, const struct gateway_address *old,
		    size_t old_count)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		if (!gateway_addresses_have(old, old_count, &gateway[i].address))
			error = announcer_note(tables_announcer(tables), place, &gateway[i].address);
	return error;
}

/* The binding's addresses that it had not before, and if it is new those of its VRF. */
static int note_binding(const struct tables *tables, const struct tunnel_endpoint *endpoint,
			const struct vni_binding *binding, const struct tunnel_endpoint *before)
{
	const struct announcer_place place = {look, endpoint->resource.self->id, binding->vni};
	const struct vni_binding *old = binding_of(before, binding->vni);
	const struct vrf *vrf = (const struct vrf *)tables_resource(tables, RESOURCE_VRF, binding->vrf->id);
	int error = 0;

	if (old && old->vrf != binding->vrf)
		old = NULL;
	if (!old && vrf)
		error = note_new(tables, &place, vrf->gateway, vrf->count, NULL, 0);
	if (error)
		return error;
	return note_new(tables, &place, own_addresses(endpoint, binding), binding->count,
			old ? own_addresses(before, old) : NULL, old ? old->count : 0);
}

static int tunnel_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *after = (const struct tunnel_endpoint *)row->after;
	const bool up = after && tunnel_endpoint_has_vni(after) && tunnel_is_up(tables, row->id);
	int error = 0;

	if (id_array_set(tables_state(tables, TABLE_announced_tunnels), tables_log(tables), row->id, &up) ||
	    tunnel_is_another(before, after))
		before = NULL;
	for (size_t i = 0; up && i < after->count && !error; i++)
		error = note_binding(tables, after, &after->binding[i], before);
	return error;
}

static void follow_tunnel(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark(tables, TABLE_announced_tunnels, (after ? after : before)->self->id);
}

extern const struct table announced_tunnels_table;
const struct table announced_tunnels_table = {
	.name = "announced_tunnels",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.tables = {{TABLE_tunnels, follow_tunnel}},
	.state_size = sizeof(struct id_array),
	.open = open,
	.close = close,
	.row = tunnel_row,
};

struct change {
	const struct vrf *before, *after;
	bool mac; /* is another: hosts have to hear of all */
	int error;
};

/* In the VNIs of the endpoint that are bound to the VRF. */
static void visit_endpoint(const struct tables *tables, uint32_t id, void *context)
{
	const struct tunnel_endpoint *endpoint =
		(const struct tunnel_endpoint *)tables_resource(tables, RESOURCE_TUNNEL_ENDPOINT, id);
	struct change *change = context;
	const struct vrf *before = change->mac ? NULL : change->before;

	if (!tunnel_endpoint_has_vni(endpoint) || !tunnel_is_up(tables, id))
		return;
	for (size_t i = 0; i < endpoint->count && !change->error; i++) {
		const struct vni_binding *binding = &endpoint->binding[i];
		const struct announcer_place place = {look, id, binding->vni};

		if (binding->vrf != change->after->resource.self)
			continue;
		change->error = note_new(tables, &place, change->after->gateway, change->after->count,
					 before ? before->gateway : NULL, before ? before->count : 0);
		if (change->mac && !change->error)
			change->error =
				note_new(tables, &place, own_addresses(endpoint, binding), binding->count, NULL, 0);
	}
}

static int segment_row(struct tables *tables, struct table_row *row)
{
	struct change change = {(const struct vrf *)row->before, (const struct vrf *)row->after, false, 0};

	if (!change.after || row->before == row->after)
		return 0;
	change.mac = change.before && memcmp(change.before->router_mac, change.after->router_mac, 6) != 0;
	tables_each_user(tables, row->after, RESOURCE_TUNNEL_ENDPOINT, visit_endpoint, &change);
	return change.error;
}

extern const struct table announced_segments_table;
const struct table announced_segments_table = {
	.name = "announced_segments",
	.kind = RESOURCE_VRF,
	.row = segment_row,
};
