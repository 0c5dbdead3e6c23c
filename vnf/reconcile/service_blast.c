/* SPDX-License-Identifier: Apache-2.0 */
/* What a commit would do to flows of services: where bpf/service_known.h would leave them, by the tables that packets
 * meet and by those of the idle bank. Where both say the same, it is not this commit's doing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/connections/vips.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/reconcile/blast_radius.h"
#include "vnf/reconcile/policy_costs.h"
#include "vnf/reconcile/tables.h"

enum flow_verdict { FLOW_KEPT, FLOW_MOVED, FLOW_RESET, FLOW_DENIED };

/* One bank, as flows of services meet it. */
struct side {
	const struct bank *bank;
	struct conntracks how;
	struct vips vips;
};

struct tally {
	uint64_t flows[FLOW_DENIED + 1];
	uint16_t vrf;
};

static const enum dp_table service_tables[] = {DP_TABLE_load_balancers, DP_TABLE_listener_ports, DP_TABLE_listeners,
					       DP_TABLE_pools, DP_TABLE_members};

static bool any_changes(const struct dp_limits *limits, const struct bank *live, const struct bank *idle)
{
	for (size_t i = 0; i < sizeof(service_tables) / sizeof(*service_tables); i++)
		if (memcmp(bank_table(live, service_tables[i]), bank_table(idle, service_tables[i]),
			   bank_rows(limits, service_tables[i]) * bank_row_size(service_tables[i])) != 0)
			return true;
	return false;
}

/* 0 or -ENOMEM; side_close in any case. */
static int side_open(struct side *side, const struct dp_limits *limits, const struct bank *bank)
{
	*side = (struct side){.bank = bank,
			      .how = {.row = bank->conntracks,
				      .count = bank_rows(limits, DP_TABLE_conntracks),
				      .member = bank->members,
				      .pool = bank->pools,
				      .listener = bank->listeners,
				      .balancer = bank->load_balancers,
				      .port = bank->listener_ports,
				      .members = bank_rows(limits, DP_TABLE_members),
				      .pools = bank_rows(limits, DP_TABLE_pools),
				      .listeners = bank_rows(limits, DP_TABLE_listeners),
				      .balancers = bank_rows(limits, DP_TABLE_load_balancers),
				      .ports = bank_rows(limits, DP_TABLE_listener_ports)}};
	return vips_make(&side->vips, &side->how);
}

static void side_close(struct side *side)
{
	vips_free(&side->vips);
}

static const struct dp_pool *pool_of(const struct side *side, uint32_t id)
{
	return &side->bank->pools[id < side->how.pools ? id : 0];
}

static bool pool_takes(const struct side *side, uint32_t id)
{
	const struct dp_pool *pool = pool_of(side, id);

	return pool->rows || (pool->overflow && pool_of(side, pool->overflow)->rows);
}

static bool listener_has(const struct dp_listener *listener, uint32_t pool)
{
	for (uint32_t i = 0; i < listener->pools && i < DP_LISTENER_POOLS; i++)
		if (listener->pool[i] == pool)
			return true;
	return false;
}

static bool spills_to(const struct side *side, const struct dp_listener *listener, uint32_t pool)
{
	for (uint32_t i = 0; i < listener->pools && i < DP_LISTENER_POOLS; i++)
		if (pool_of(side, listener->pool[i])->overflow == pool)
			return true;
	return false;
}

/* Does somebody take a flow that leaves a member of that pool? It keeps to the pool where the listener has that, or
 * where a policy rule led there. */
static bool is_taken(const struct side *side, const struct side *live, const struct dp_listener *listener,
		     const struct connection *flow)
{
	const struct dp_listener *before = &live->bank->listeners[flow->listener];
	const uint32_t pool = live->bank->members[flow->member].pool;

	if (listener_has(listener, pool) || (!listener_has(before, pool) && !spills_to(live, before, pool)))
		return pool_takes(side, pool);
	for (uint32_t i = 0; i < listener->pools && i < DP_LISTENER_POOLS; i++)
		if (pool_takes(side, listener->pool[i]))
			return true;
	return false;
}

/* *pool: the member's that has the flow, if that is still there, or else the listener's. */
static bool stays(const struct side *side, const struct dp_listener *listener, const struct connection *flow,
		  const struct dp_pool **pool)
{
	const struct dp_member *member = &side->bank->members[flow->member];

	*pool = pool_of(side, listener->pool[0]);
	if (member->incarnation != flow->epoch || (listener->pools == 1 && (*pool)->flags & DP_POOL_STATELESS))
		return false;
	*pool = pool_of(side, member->pool);
	return member->state == DP_MEMBER_ACTIVE || member->state == DP_MEMBER_DRAINING ||
	       (member->state != DP_MEMBER_NONE && (*pool)->on_down == DP_ON_DOWN_KEEP);
}

static enum flow_verdict judge(const struct side *side, const struct side *live, const struct connection *flow)
{
	const uint32_t id = vips_listener(&side->vips, &side->how, flow);
	const struct dp_listener *listener = &side->bank->listeners[id < side->how.listeners ? id : 0];
	const struct dp_pool *pool;

	if (!id)
		return FLOW_DENIED;
	if (stays(side, listener, flow, &pool))
		return FLOW_KEPT;
	if (pool->on_down == DP_ON_DOWN_RESET)
		return FLOW_RESET;
	return is_taken(side, live, listener, flow) ? FLOW_MOVED : FLOW_DENIED;
}

static void count_all(const struct connection_tables *connections, const struct side *live, const struct side *idle,
		      struct tally *tally)
{
	const struct connection_filter all = {0};
	struct connection flow;
	uint64_t place = 0;

	while (conntrack_next(connections, &live->how, &all, &place, &flow)) {
		enum flow_verdict verdict;

		if (flow.kind != DP_CONNECTION_SERVICE || dp_connection_over(flow.state) ||
		    flow.member >= live->how.members)
			continue;
		flow.listener = vips_listener(&live->vips, &live->how, &flow);
		verdict = judge(idle, live, &flow);
		if (verdict != FLOW_KEPT && verdict == judge(live, live, &flow))
			continue;
		tally[flow.member].flows[verdict]++;
		tally[flow.member].vrf = flow.vrf;
	}
}

static const char *member_name(const struct tables *tables, uint32_t id)
{
	const struct resource *member = tables_resource(tables, RESOURCE_MEMBER, id);

	member = member ? member : tables_resource_before(tables, RESOURCE_MEMBER, id);
	return member ? member->self->text : "?";
}

/* A row for each member of which a flow does not stay. */
static int add_rows(struct blast_radius *radius, const struct tables *tables, const struct tally *tally, uint32_t count)
{
	for (uint32_t id = 0; id < count; id++) {
		const uint64_t *flows = tally[id].flows;
		struct blast *row;

		if (!(flows[FLOW_MOVED] + flows[FLOW_RESET] + flows[FLOW_DENIED]))
			continue;
		row = blast_radius_add(radius);
		if (!row)
			return -ENOMEM;
		*row = (struct blast){.vrf = tally[id].vrf,
				      .member = id,
				      .vrf_name = policy_vrf_name(tables, tally[id].vrf),
				      .rule_name = "",
				      .member_name = member_name(tables, id),
				      .denied = flows[FLOW_DENIED],
				      .reset = flows[FLOW_RESET],
				      .moved = flows[FLOW_MOVED],
				      .kept = flows[FLOW_KEPT]};
	}
	return 0;
}

int service_blast_measure(struct blast_radius *radius, const struct tables *tables, const struct dataplane *dataplane)
{
	const struct dp_limits *limits = dataplane_limits(dataplane);
	const unsigned int index = dataplane_idle_index(dataplane);
	struct side live, idle;
	struct tally *tally;
	int error;

	if (!any_changes(limits, dataplane_bank(dataplane, !index), dataplane_bank(dataplane, index)))
		return 0;
	error = side_open(&live, limits, dataplane_bank(dataplane, !index));
	error = side_open(&idle, limits, dataplane_bank(dataplane, index)) || error ? -ENOMEM : 0;
	tally = error ? NULL : calloc(live.how.members, sizeof(*tally));
	if (tally) {
		count_all(dataplane_connections(dataplane), &live, &idle, tally);
		error = add_rows(radius, tables, tally, live.how.members);
	} else {
		error = -ENOMEM;
	}
	free(tally);
	side_close(&live);
	side_close(&idle);
	return error;
}
