/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/blast_radius.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>

#include "vnf/dataplane/connections/connections.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/policy/find.h"
#include "vnf/reconcile/policy_costs.h"
#include "vnf/reconcile/tables.h"

#define TCP_SYN		    2
#define ICMP_ECHO_REQUEST   8
#define ICMPV6_ECHO_REQUEST 128
#define STATE_NEW	    1 /* sluice.v1.ConnectionState */
#define ACCESS_CATEGORIES   (1 << DP_POLICY_ACCESS | 1 << DP_POLICY_EGRESS | 1 << DP_POLICY_INGRESS)

enum outcome { OUTCOME_DENIED, OUTCOME_RESET, OUTCOME_MOVED, OUTCOME_RELEASED, OUTCOME_KEPT };

void blast_radius_free(struct blast_radius *radius)
{
	free(radius->row);
	*radius = (struct blast_radius){0};
}

/* Facts of the way by which the initiator's packets come, which only packets tell: those that the rule asked for that
 * let the connection in. */
static void take_way(struct policy_query *query, const struct bank *live, const struct bank *idle,
		     const struct dp_policy_rule *rule)
{
	const struct dp_policy_guard *guard = &live->policy_guards[rule->guard];
	uint32_t option = live->policies[query->vrf].option[guard->option & (DP_POLICY_OPTIONS - 1)];

	query->dscp = guard->dscp;
	query->interface = guard->interface;
	query->tunnel = guard->tunnel;
	query->vni = guard->vni;
	if (!(guard->asks & DP_GUARD_OPTION))
		return;
	for (int i = 0; i < DP_POLICY_OPTIONS; i++)
		if (idle->policies[query->vrf].option[i] == option) {
			query->options |= (uint8_t)(1 << i);
			query->option[i] = guard->option_value;
		}
}

/* The packet that began the connection. */
static struct policy_query query_of(const struct connection *connection)
{
	struct policy_query query = {
		.source_port = connection->source_port,
		.destination_port = connection->destination_port,
		.vrf = connection->vrf,
		.family = connection->family,
		.protocol = connection->protocol,
		.has_ports = 1,
		.categories = ACCESS_CATEGORIES,
		.state = STATE_NEW,
		.tcp_flags = TCP_SYN,
		.no_tcp_flags = connection->protocol != IPPROTO_TCP,
	};

	ip_address_map(&connection->source, query.source.byte);
	ip_address_map(&connection->destination, query.destination.byte);
	if (connection->protocol == IPPROTO_ICMP || connection->protocol == IPPROTO_ICMPV6) {
		query.source_port = 0;
		query.destination_port =
			(connection->protocol == IPPROTO_ICMP ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST) << 8;
	}
	return query;
}

/* As bpf/policy_connection.h judges it. */
static enum outcome judge(const struct connection *connection, const struct dp_limits *limits, const struct bank *live,
			  const struct bank *idle)
{
	struct policy_query query = query_of(connection);
	const struct dp_policy_rule *stateful = NULL;
	struct policy_found found;

	if (connection->pinned)
		return OUTCOME_KEPT;
	if (connection->rule <= policy_ids(limits) && live->policy_rules[connection->rule].guard)
		take_way(&query, live, idle, &live->policy_rules[connection->rule]);
	if (policy_find(idle, limits, &query, &found))
		return OUTCOME_DENIED;
	for (int i = DP_POLICY_ACCESS; i <= DP_POLICY_INGRESS; i++) {
		const struct dp_policy_rule *rule = &idle->policy_rules[found.row[i]];

		if (rule->action == DP_POLICY_DENY || rule->action == DP_POLICY_REJECT)
			return OUTCOME_DENIED;
		if (!stateful && rule->flags & DP_POLICY_STATEFUL)
			stateful = rule;
	}
	if (!stateful)
		return OUTCOME_RELEASED;
	if (stateful->id == connection->rule)
		return OUTCOME_KEPT;
	return stateful->flags & DP_POLICY_RESET ? OUTCOME_RESET : OUTCOME_MOVED;
}

struct blast *blast_radius_add(struct blast_radius *radius)
{
	if (radius->count == radius->room) {
		size_t room = radius->room ? radius->room * 2 : 16;
		struct blast *grown = realloc(radius->row, room * sizeof(*grown));

		if (!grown)
			return NULL;
		radius->row = grown;
		radius->room = room;
	}
	return &radius->row[radius->count++];
}

/* The rule's row, number *known - 1 if that is not 0. NULL: out of memory. */
static struct blast *row_of(struct blast_radius *radius, const struct connection *connection, uint32_t *known)
{
	struct blast *row;

	if (*known && radius->row[*known - 1].vrf == connection->vrf)
		return &radius->row[*known - 1];
	row = blast_radius_add(radius);
	if (!row)
		return NULL;
	*row = (struct blast){.vrf = connection->vrf, .rule = connection->rule, .member_name = ""};
	*known = (uint32_t)radius->count;
	return row;
}

static void count(struct blast *row, enum outcome outcome)
{
	row->denied += outcome == OUTCOME_DENIED;
	row->reset += outcome == OUTCOME_RESET;
	row->moved += outcome == OUTCOME_MOVED;
	row->released += outcome == OUTCOME_RELEASED;
	row->kept += outcome == OUTCOME_KEPT;
}

static int most_ended_first(const void *a, const void *b)
{
	const struct blast *x = a, *y = b;
	uint64_t x_ends = x->denied + x->reset, y_ends = y->denied + y->reset;

	if (x_ends != y_ends)
		return (x_ends < y_ends) - (x_ends > y_ends);
	if (x->rule != y->rule)
		return x->rule > y->rule ? 1 : -1;
	return (x->member > y->member) - (x->member < y->member);
}

/* The banks, and by id which VRFs change and which row each rule has. */
struct measure {
	const struct dp_limits *limits;
	const struct bank *live, *idle;
	bool *changed;
	uint32_t *row;
};

static int measure_all(struct blast_radius *radius, const struct connection_tables *connections,
		       const struct measure *measure)
{
	const struct conntracks how = {.row = measure->idle->conntracks,
				       .count = bank_rows(measure->limits, DP_TABLE_conntracks)};
	const struct connection_filter all = {0};
	struct connection connection;
	uint64_t place = 0;

	while (conntrack_next(connections, &how, &all, &place, &connection)) {
		struct blast *row;

		if (connection.kind != DP_CONNECTION_POLICY || connection.vrf > measure->limits->vrfs ||
		    !measure->changed[connection.vrf])
			continue;
		row = row_of(radius, &connection, &measure->row[connection.rule]);
		if (!row)
			return -ENOMEM;
		count(row, judge(&connection, measure->limits, measure->live, measure->idle));
	}
	return 0;
}

static void take_names(struct blast_radius *radius, const struct tables *tables)
{
	for (size_t i = 0; i < radius->count; i++) {
		radius->row[i].vrf_name = policy_vrf_name(tables, radius->row[i].vrf);
		radius->row[i].rule_name = policy_rule_name(tables, radius->row[i].rule);
	}
}

static int measure_policy(struct blast_radius *radius, const struct tables *tables, const struct dataplane *dataplane)
{
	const struct policy_changes *changes = &tables->policies;
	unsigned int idle = dataplane_idle_index(dataplane);
	struct measure measure = {.limits = dataplane_limits(dataplane),
				  .live = dataplane_bank(dataplane, !idle),
				  .idle = dataplane_bank(dataplane, idle)};
	int result = -ENOMEM;

	if (!changes->vrfs)
		return 0;
	measure.changed = calloc(measure.limits->vrfs + 1, sizeof(*measure.changed));
	measure.row = calloc(UINT16_MAX + 1, sizeof(*measure.row));
	if (measure.changed && measure.row) {
		for (size_t i = 0; i < changes->vrfs; i++)
			measure.changed[changes->vrf[i].vrf] = true;
		result = measure_all(radius, dataplane_connections(dataplane), &measure);
	}
	free(measure.changed);
	free(measure.row);
	take_names(radius, tables);
	return result;
}

int blast_radius_measure(struct blast_radius *radius, const struct tables *tables, const struct dataplane *dataplane)
{
	int error;

	radius->count = 0;
	error = measure_policy(radius, tables, dataplane);
	if (!error)
		error = service_blast_measure(radius, tables, dataplane);
	if (radius->count)
		qsort(radius->row, radius->count, sizeof(*radius->row), most_ended_first);
	return error;
}
