/* SPDX-License-Identifier: Apache-2.0 */
/* ports[]: what arrives on a device and VLAN belongs to which VRF, or comes back from which stage of a chain. */
#include <errno.h>
#include <string.h>

#include "vnf/reconcile/compile.h"
#include "vnf/dataplane/dataplane.h"

/*
 * A port of a port pair. What comes out of the pair's egress went through it forward, what comes out of its ingress in
 * reverse; both go on in their direction. Without a chain, or against the direction of a chain that has but one,
 * packets that were under way are let through by the FIB.
 */
static void place_in_chain(const struct compile *compile, const struct interface_facts *facts, struct dp_port *port)
{
	const struct stage_place *place = &compile->place[compile->pair[facts->pair].group];
	const struct chain_layout *chain = &compile->chain[place->chain];

	port->from_stage = 1;
	if (!place->chain)
		return;
	port->vrf = chain->vrf;
	if (facts->is_egress)
		port->stage = chain_stage(compile, place->chain, place->index + 1, 1);
	else if (chain->symmetric)
		port->stage = chain_stage(compile, place->chain, place->index - 1, -1);
}

int compile_ports(struct compile *compile)
{
	uint32_t slots = bank_rows(compile->limits, DP_TABLE_ports);
	struct hash_blocks *blocks = &compile->hash[HASH_PORTS];
	const struct resource *resource = NULL;
	int error = 0;

	while ((resource = snapshot_next(compile->snapshot, RESOURCE_INTERFACE, resource))) {
		const struct interface_facts *facts = &compile->interface[resource->self->id];
		struct dp_port port = {
			.ifindex = facts->ifindex,
			.vlan_id = facts->vlan_id,
			.inner_vlan_id = facts->inner_vlan_id,
			.vrf = facts->vrf,
			.interface = (uint16_t)resource->self->id,
		};

		if (!facts->ifindex)
			continue;
		memcpy(port.mac, facts->mac, sizeof(port.mac));
		if (facts->pair)
			place_in_chain(compile, facts, &port);
		port.features = compile->features[port.vrf];
		compile_hash_use(blocks, &port, 1, slots);
		error = dataplane_put_port(compile->scratch, slots, &port);
		if (error) {
			error_add(compile->error, ERROR_RESOURCE_EXHAUSTED, NULL,
				  "interface \"%s\": the dataplane's table of ports has no room for it",
				  resource->self->text);
			break;
		}
	}
	compile_hash_write(compile, blocks, compile->bank->ports, compile->scratch->ports, sizeof(struct dp_port),
			   error);
	return error;
}
