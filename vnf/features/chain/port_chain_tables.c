/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stages[]: for every stage of a port chain and each direction the port pairs that are up. Forward a frame is sent out
 * of the pair's ingress interface and comes back on its egress; in reverse it is the other way round. It is addressed
 * to the interface on which it comes back, so that a function that works as a bridge hands it back unchanged.
 */
#include <string.h>

#include "vnf/features/base/buckets.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/features/base/steering.h"
#include "vnf/features/chain/chain_facts.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"

struct port_chains {
	struct id_array layout; /* struct chain_layout */
};

static void open(void *state)
{
	((struct port_chains *)state)->layout = id_array_of(sizeof(struct chain_layout));
}

static void close(void *state)
{
	id_array_free(&((struct port_chains *)state)->layout);
}

static struct port_chains *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_port_chains);
}

struct chain_layout chain_layout(const struct tables *tables, uint32_t chain)
{
	return *(const struct chain_layout *)id_array_get(&state_of(tables)->layout, chain);
}

static uint16_t stage_id(uint32_t chain, int index, bool reverse)
{
	return (uint16_t)(((chain - 1) * DP_MAX_CHAIN_STAGES + (uint32_t)index) * 2 + reverse + 1);
}

uint16_t chain_stage(const struct tables *tables, uint32_t chain, int index, int step)
{
	const struct chain_layout layout = chain_layout(tables, chain);

	for (; index >= 0 && index < layout.stages; index += step)
		if (!layout.skip[index])
			return stage_id(chain, index, step < 0);
	return 0;
}

uint32_t chain_first_stage(const struct tables *tables, uint32_t chain)
{
	return chain_stage(tables, chain, 0, 1);
}

static struct dp_egress egress_of(const struct tables *tables, uint32_t out, uint32_t back)
{
	const struct interface_facts facts = interface_facts(tables, out), other = interface_facts(tables, back);
	struct dp_egress egress = {
		.ifindex = facts.ifindex,
		.tc_only = facts.tc_only,
		.mtu = facts.mtu,
		.interface = (uint16_t)out,
		.vlan_id = facts.vlan_id,
		.inner_vlan_id = facts.inner_vlan_id,
	};

	memcpy(egress.src_mac, facts.mac, sizeof(egress.src_mac));
	memcpy(egress.dst_mac, other.mac, sizeof(egress.dst_mac));
	return egress;
}

/* Flows stay with their pair when another one is lost, as in groups of next hops. */
static void share_buckets(const struct tables *tables, const struct port_pair_group *group, struct dp_stage *stage)
{
	uint8_t place[DP_STAGE_MEMBERS] = {0}; /* in stage->member[], of each pair that is live */
	struct bucket_members members = {0};
	uint8_t count = 0;

	for (size_t i = 0; i < group->count && i < DP_STAGE_MEMBERS; i++) {
		bool live = port_pair_is_live(tables, group->port_pair[i]->id);

		buckets_add_member(&members, group->port_pair[i]->text, 1, live);
		place[i] = live ? count++ : 0;
	}
	stage->seed = (uint32_t)(buckets_name_hash(group->resource.self->text) >> 32);
	if (!buckets_share(&members, stage->bucket, DP_STAGE_BUCKETS))
		return;
	for (size_t i = 0; i < DP_STAGE_BUCKETS; i++)
		stage->bucket[i] = place[stage->bucket[i]];
}

static void write_stage(struct tables *tables, uint16_t id, const struct port_pair_group *group, bool reverse)
{
	struct dp_stage stage = {.port_pair_group = (uint16_t)group->resource.self->id};

	for (size_t i = 0; i < group->count && stage.count < DP_STAGE_MEMBERS; i++) {
		const struct port_pair *pair =
			(const struct port_pair *)tables_resource(tables, RESOURCE_PORT_PAIR, group->port_pair[i]->id);

		if (!port_pair_is_live(tables, group->port_pair[i]->id))
			continue;
		stage.member[stage.count++] = reverse ? egress_of(tables, pair->egress->id, pair->ingress->id)
						      : egress_of(tables, pair->ingress->id, pair->egress->id);
	}
	share_buckets(tables, group, &stage);
	bank_write(tables_writer(tables), DP_TABLE_stages, id, &stage);
}

static const struct port_pair_group *group_of(const struct tables *tables, const struct port_chain *chain, size_t index)
{
	return (const struct port_pair_group *)tables_resource(tables, RESOURCE_PORT_PAIR_GROUP,
							       chain->group[index]->id);
}

static uint16_t vrf_of(const struct tables *tables, const struct port_chain *chain)
{
	const struct resource *classifier = tables_resource(tables, RESOURCE_FLOW_CLASSIFIER, chain->classifier[0]->id);

	return (uint16_t)((const struct flow_classifier *)classifier)->vrf->id;
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct port_chain *chain = (const struct port_chain *)row->after;
	enum pending_reason pending = PENDING_NONE;
	struct chain_layout layout = {0};

	if (chain) {
		layout.vrf = vrf_of(tables, chain);
		layout.symmetric = chain->symmetric;
		layout.stages = (uint8_t)chain->group_count;
	}
	for (int i = 0; i < DP_MAX_CHAIN_STAGES; i++) {
		const struct port_pair_group *group = i < layout.stages ? group_of(tables, chain, (size_t)i) : NULL;

		layout.fail_closed |= group && !group->fail_open;
		if (group && !port_pair_group_is_live(tables, group)) {
			layout.skip[i] = group->fail_open;
			pending = PENDING_STAGES;
		}
		for (int reverse = 0; reverse < 2; reverse++)
			if (group && (!reverse || layout.symmetric))
				write_stage(tables, stage_id(row->id, i, reverse), group, reverse);
			else
				bank_clear(tables_writer(tables), DP_TABLE_stages, stage_id(row->id, i, reverse));
	}
	row->changed = id_array_set(&state_of(tables)->layout, tables_log(tables), row->id, &layout) ||
		       row->before != row->after;
	if (chain)
		tables_set_pending(tables, row->after->self, pending);
	return 0;
}

static void follow_group(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark_users(tables, TABLE_port_chains, after ? after : before, RESOURCE_PORT_CHAIN);
}

static void follow_classifier(struct tables *tables, const struct resource *before, const struct resource *after)
{
	if (before && after &&
	    ((const struct flow_classifier *)before)->vrf != ((const struct flow_classifier *)after)->vrf)
		tables_mark_users(tables, TABLE_port_chains, after, RESOURCE_PORT_CHAIN);
}

const struct table port_chains_table = {
	.name = "port_chains",
	.kind = RESOURCE_PORT_CHAIN,
	.kinds = {{RESOURCE_FLOW_CLASSIFIER, follow_classifier}},
	.tables = {{TABLE_port_pair_groups, follow_group}},
	.state_size = sizeof(struct port_chains),
	.open = open,
	.close = close,
	.row = row,
};
