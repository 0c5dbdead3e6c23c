/* SPDX-License-Identifier: Apache-2.0 */
/* vips and load_balancers[]: the addresses of load balancers, and their listeners of more than one port. */
#include <stdlib.h>

#include "vnf/features/base/base.h"
#include "vnf/features/service/service_rows.h"
#include "vnf/reconcile/local_routes.h"
#include "vnf/reconcile/table.h"

static struct local_route route_of(const struct load_balancer *balancer)
{
	return (struct local_route){
		.vrf = balancer->vrf,
		.prefix = {.address = balancer->vip, .length = balancer->vip.family == 4 ? 32 : 128}};
}

static int vip_row(struct tables *tables, struct table_row *row)
{
	struct local_routes *local_routes = tables_state(tables, TABLE_local_routes);
	const struct load_balancer *balancer = (const struct load_balancer *)row->after;
	const struct dp_fib_leaf leaf = {.group = DP_GROUP_VIP, .route = row->id};
	struct local_route route;

	local_routes_begin(local_routes, local_routes_balancer_holder(row->id));
	if (balancer) {
		route = route_of(balancer);
		local_routes_add(local_routes, tables_log(tables), &route, leaf, 0);
	}
	local_routes_end(local_routes, tables_log(tables));
	return 0;
}

extern const struct table vips_table;
const struct table vips_table = {
	.name = "vips",
	.kind = RESOURCE_LOAD_BALANCER,
	.row = vip_row,
};

static void visit_listener(const struct tables *tables, uint32_t id, void *context)
{
	const struct listener *listener = (const struct listener *)tables_resource(tables, RESOURCE_LISTENER, id);
	struct dp_load_balancer *row = context;

	if (!listener || !listener_is_range(listener) || row->ranges == DP_BALANCER_RANGES)
		return;
	row->range[row->ranges++] = (struct dp_listener_range){.listener = id,
							       .first = listener->first_port,
							       .last = listener->last_port,
							       .protocol = listener->protocol};
}

/* They do not overlap, so any order finds the same; this one is the same after a restart. */
static int by_listener(const void *a, const void *b)
{
	const struct dp_listener_range *x = a, *y = b;

	return (x->listener > y->listener) - (x->listener < y->listener);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct load_balancer *balancer = (const struct load_balancer *)row->after;
	struct dp_load_balancer entry = {0};
	struct dp_fib_leaf leaf;
	struct local_route route;

	if (balancer) {
		route = route_of(balancer);
		leaf = local_routes_find(tables_state(tables, TABLE_local_routes), &route);
		tables_set_pending(tables, row->after->self, leaf.group == DP_GROUP_VIP ? PENDING_NONE : PENDING_VIP);
		ip_address_map(&balancer->vip, entry.vip.byte);
		entry.seed = load_balancer_seed(balancer);
		entry.vrf = (uint16_t)balancer->vrf->id;
		tables_each_user(tables, row->after, RESOURCE_LISTENER, visit_listener, &entry);
		qsort(entry.range, entry.ranges, sizeof(entry.range[0]), by_listener);
	}
	bank_write(tables_writer(tables), DP_TABLE_load_balancers, row->id, &entry);
	return 0;
}

static void mark_balancer(struct tables *tables, const struct resource *listener)
{
	if (listener)
		tables_mark(tables, TABLE_load_balancers, ((const struct listener *)listener)->load_balancer->id);
}

static void follow_listener(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_balancer(tables, before);
	mark_balancer(tables, after);
}

static void mark_vrf(struct tables *tables, const struct resource *interface)
{
	if (interface)
		tables_mark_users(tables, TABLE_load_balancers,
				  tables_resource(tables, RESOURCE_VRF, ((const struct interface *)interface)->vrf->id),
				  RESOURCE_LOAD_BALANCER);
}

/* The kernel's addresses may be VIPs, and its packets are then the kernel's. */
static void follow_addresses(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_vrf(tables, before);
	mark_vrf(tables, after);
}

extern const struct table load_balancers_table;
const struct table load_balancers_table = {
	.name = "load_balancers",
	.kind = RESOURCE_LOAD_BALANCER,
	.kinds = {{RESOURCE_LISTENER, follow_listener}},
	.tables = {{TABLE_local_routes, follow_addresses}},
	.row = row,
};
