/* SPDX-License-Identifier: Apache-2.0 */
/* members[] and quic_members[]: where flows of a pool go, in which state, and who has a QUIC server id. */
#include "vnf/features/service/member_tables.h"

#include <errno.h>

#include "vnf/core/error.h"
#include "vnf/features/service/service_rows.h"

enum dp_member_state member_state(const struct tables *tables, const struct member *member)
{
	if (member->admin_state == SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_QUARANTINED)
		return DP_MEMBER_QUARANTINED;
	if (!member_is_up(tables, member))
		return DP_MEMBER_DOWN;
	if (member->admin_state == SLUICE__V1__MEMBER_ADMIN_STATE__MEMBER_ADMIN_STATE_DRAINING || !member->weight)
		return DP_MEMBER_DRAINING;
	return DP_MEMBER_ACTIVE;
}

uint64_t member_weight(const struct tables *tables, const struct member *member)
{
	return (uint64_t)member->weight * member_weight_factor(tables, member);
}

/* What others read of a row. Without holes: facts are compared as bytes. */
struct member_facts {
	uint16_t state, weight_factor;
};

static void open(void *state)
{
	*(struct id_array *)state = id_array_of(sizeof(struct member_facts));
}

static void close(void *state)
{
	id_array_free(state);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct member *member = (const struct member *)row->after;
	struct dp_member entry = {0};
	struct member_facts facts = {0};

	if (member) {
		ip_address_map(&member->address, entry.address.byte);
		entry.incarnation = member_incarnation(member);
		entry.pool = member->pool->id;
		entry.group = member->next_hop_group ? member->next_hop_group->id : 0;
		entry.port = member->port;
		entry.state = (uint8_t)member_state(tables, member);
		facts = (struct member_facts){entry.state, member_weight_factor(tables, member)};
		tables_set_pending(tables, row->after->self,
				   member_is_up(tables, member) ? PENDING_NONE : PENDING_UNHEALTHY);
	}
	row->changed = id_array_set(tables_state(tables, TABLE_members), tables_log(tables), row->id, &facts);
	bank_write(tables_writer(tables), DP_TABLE_members, row->id, &entry);
	return 0;
}

static void mark_members(struct tables *tables, const struct handle *pool)
{
	tables_mark_users(tables, TABLE_members, tables_resource(tables, RESOURCE_POOL, pool->id), RESOURCE_MEMBER);
}

static void follow_monitor(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_each_used(tables, before, RESOURCE_POOL, mark_members);
	tables_each_used(tables, after, RESOURCE_POOL, mark_members);
}

/* Weights follow latencies now, or no more. */
static void follow_pool(struct tables *tables, const struct resource *before, const struct resource *after)
{
	if (before && after &&
	    ((const struct pool *)before)->latency_weights.on != ((const struct pool *)after)->latency_weights.on)
		tables_mark_users(tables, TABLE_members, after, RESOURCE_MEMBER);
}

static void follow_health(struct tables *tables, const struct fact *fact)
{
	if (fact->resource == RESOURCE_MEMBER)
		tables_mark(tables, TABLE_members, fact->ifindex);
}

extern const struct table members_table;
const struct table members_table = {
	.name = "members",
	.kind = RESOURCE_MEMBER,
	.kinds = {{RESOURCE_HEALTH_MONITOR, follow_monitor}, {RESOURCE_POOL, follow_pool}},
	.facts = {{FACT_HEALTH, follow_health}},
	.state_size = sizeof(struct id_array),
	.open = open,
	.close = close,
	.row = row,
};

static struct dp_quic_member quic_of(const struct member *member)
{
	if (!member || !member->quic_server_id)
		return (struct dp_quic_member){0};
	return (struct dp_quic_member){
		.pool = member->pool->id, .server_id = member->quic_server_id, .member = member->resource.self->id};
}

static void clear_quic(struct tables *tables, const struct table_row *row)
{
	const struct dp_quic_member before = quic_of((const struct member *)row->before);
	int64_t at;

	if (!before.pool || row->before == row->after)
		return;
	at = bank_hash_find(tables_writer(tables), DP_TABLE_quic_members, &before);
	if (at >= 0)
		bank_clear(tables_writer(tables), DP_TABLE_quic_members, (uint32_t)at);
}

static int quic_row(struct tables *tables, struct table_row *row)
{
	const struct dp_quic_member entry = quic_of((const struct member *)row->after);

	if (!entry.pool || bank_hash_put(tables_writer(tables), DP_TABLE_quic_members, &entry) >= 0)
		return 0;
	error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
		  "member \"%s\": the dataplane's table of QUIC server ids has no room for it", row->after->self->text);
	return -ENOSPC;
}

extern const struct table quic_members_table;
const struct table quic_members_table = {
	.name = "quic_members",
	.kind = RESOURCE_MEMBER,
	.clear = clear_quic,
	.row = quic_row,
};
