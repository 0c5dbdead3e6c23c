/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stages[]: for every stage of a port chain and each direction the port pairs that are up. Forward a frame is sent out
 * of the pair's ingress interface and comes back on its egress; in reverse it is the other way round. It is addressed
 * to the interface on which it comes back, so that a function that works as a bridge hands it back unchanged.
 */
#include <string.h>

#include "vnf/reconcile/compile.h"

static uint16_t stage_id(uint16_t chain, int index, bool reverse)
{
	return (uint16_t)(((chain - 1) * DP_MAX_CHAIN_STAGES + index) * 2 + reverse + 1);
}

uint16_t chain_stage(const struct compile *compile, uint16_t chain, int index, int step)
{
	const struct chain_layout *layout = &compile->chain[chain];

	for (; index >= 0 && index < layout->stages; index += step)
		if (!layout->skip[index])
			return stage_id(chain, index, step < 0);
	return 0;
}

static void find_pairs(struct compile *compile)
{
	const struct resource *resource = NULL;

	memset(compile->pair, 0, sizeof(compile->pair));
	while ((resource = snapshot_next(compile->snapshot, RESOURCE_PORT_PAIR, resource))) {
		const struct port_pair *pair = (const struct port_pair *)resource;
		struct interface_facts *ingress = &compile->interface[pair->ingress->id];
		struct interface_facts *egress = &compile->interface[pair->egress->id];
		struct pair_facts *facts = &compile->pair[resource->self->id];

		facts->ingress = (uint16_t)pair->ingress->id;
		facts->egress = (uint16_t)pair->egress->id;
		facts->live = ingress->pending == PENDING_NONE && egress->pending == PENDING_NONE;
		ingress->pair = egress->pair = (uint16_t)resource->self->id;
		egress->is_egress = true;
		compile_pending(compile, resource->self, facts->live ? PENDING_NONE : PENDING_PORTS);
	}
}

static bool is_live(const struct compile *compile, const struct port_pair_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (compile->pair[group->port_pair[i]->id].live)
			return true;
	return false;
}

static void find_groups(struct compile *compile)
{
	const struct resource *resource = NULL;

	while ((resource = snapshot_next(compile->snapshot, RESOURCE_PORT_PAIR_GROUP, resource))) {
		const struct port_pair_group *group = (const struct port_pair_group *)resource;

		for (size_t i = 0; i < group->count; i++)
			compile->pair[group->port_pair[i]->id].group = (uint16_t)resource->self->id;
		compile_pending(compile, resource->self, is_live(compile, group) ? PENDING_NONE : PENDING_PAIRS);
	}
}

static struct dp_egress egress_of(const struct compile *compile, uint16_t out, uint16_t back)
{
	const struct interface_facts *facts = &compile->interface[out];
	struct dp_egress egress = {
		.ifindex = facts->ifindex,
		.mtu = facts->mtu,
		.interface = out,
		.vlan_id = facts->vlan_id,
		.inner_vlan_id = facts->inner_vlan_id,
	};

	memcpy(egress.src_mac, facts->mac, sizeof(egress.src_mac));
	memcpy(egress.dst_mac, compile->interface[back].mac, sizeof(egress.dst_mac));
	return egress;
}

static void write_stage(struct compile *compile, uint16_t id, const struct port_pair_group *group, bool reverse)
{
	struct dp_stage stage = {.port_pair_group = (uint16_t)group->resource.self->id};

	for (size_t i = 0; i < group->count && stage.count < DP_STAGE_MEMBERS; i++) {
		const struct pair_facts *pair = &compile->pair[group->port_pair[i]->id];

		if (!pair->live)
			continue;
		stage.member[stage.count++] = reverse ? egress_of(compile, pair->egress, pair->ingress)
						      : egress_of(compile, pair->ingress, pair->egress);
	}
	compile_write(compile, &compile->bank->stages[id], &stage, sizeof(stage));
	compile_use(compile, id, &compile->end.stages);
}

static void lay_out(struct compile *compile, const struct port_chain *chain)
{
	uint16_t id = (uint16_t)chain->resource.self->id;
	struct chain_layout *layout = &compile->chain[id];
	const struct resource *classifier =
		snapshot_find(compile->snapshot, RESOURCE_FLOW_CLASSIFIER, chain->classifier[0]->text);
	enum pending_reason pending = PENDING_NONE;

	layout->vrf = (uint16_t)((const struct flow_classifier *)classifier)->vrf->id;
	layout->symmetric = chain->symmetric;
	layout->stages = (uint8_t)chain->group_count;
	for (size_t i = 0; i < chain->group_count; i++) {
		const struct port_pair_group *group = (const struct port_pair_group *)snapshot_find(
			compile->snapshot, RESOURCE_PORT_PAIR_GROUP, chain->group[i]->text);
		bool live = is_live(compile, group);

		compile->place[group->resource.self->id] = (struct stage_place){.chain = id, .index = (uint8_t)i};
		layout->skip[i] = !live && group->fail_open;
		if (!live)
			pending = PENDING_STAGES;
		write_stage(compile, stage_id(id, (int)i, false), group, false);
		if (chain->symmetric)
			write_stage(compile, stage_id(id, (int)i, true), group, true);
	}
	compile_pending(compile, chain->resource.self, pending);
}

int compile_chains(struct compile *compile)
{
	const struct resource *resource = NULL;

	memset(compile->place, 0, sizeof(compile->place));
	memset(compile->chain, 0, sizeof(compile->chain));
	find_pairs(compile);
	find_groups(compile);
	while ((resource = snapshot_next(compile->snapshot, RESOURCE_PORT_CHAIN, resource)))
		lay_out(compile, (const struct port_chain *)resource);
	compile_clear_unused(compile, compile->bank->stages, sizeof(struct dp_stage), sizeof(struct dp_stage),
			     &compile->end.stages);
	return 0;
}
