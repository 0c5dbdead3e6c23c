/* SPDX-License-Identifier: Apache-2.0 */
/* A VRF must not need a tunnel whose underlay needs that VRF: no packet could ever leave. */
#include <stdlib.h>

#include "api/dp/limits.h"
#include "vnf/control/kinds/check.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

struct underlays {
	struct check *check;
	bool live[DP_MAX_VRFS + 1];			/* may be on a cycle */
	bool in[DP_MAX_VRFS + 1], out[DP_MAX_VRFS + 1]; /* reached from, reaching a live one */
};

static bool all_live(void *object, void *context)
{
	((struct underlays *)context)->live[((const struct resource *)object)->self->id] = true;
	return true;
}

static bool visit_edges(void *object, void *context)
{
	const struct tunnel_endpoint *endpoint = object;
	struct underlays *underlays = context;
	uint32_t to = endpoint->underlay_vrf->id;

	for (size_t i = 0; i < endpoint->count && underlays->live[to]; i++) {
		uint32_t from = endpoint->binding[i].vrf->id;

		if (underlays->live[from])
			underlays->out[from] = underlays->in[to] = true;
	}
	return true;
}

static bool visit_cyclic(void *object, void *context)
{
	const struct tunnel_endpoint *endpoint = object;
	struct underlays *underlays = context;

	if (!check_is_new(underlays->check, &endpoint->resource) || !underlays->live[endpoint->underlay_vrf->id])
		return true;
	for (size_t i = 0; i < endpoint->count; i++) {
		if (!underlays->live[endpoint->binding[i].vrf->id] ||
		    !check_attribute(underlays->check, &endpoint->resource))
			continue;
		check_fault(underlays->check, ERROR_INVALID_ARGUMENT, "underlay_vrf", -1, NULL,
			    "circular: VRF \"%s\" is itself reached through VNIs of tunnels over VRF \"%s\"",
			    endpoint->underlay_vrf->text, endpoint->binding[i].vrf->text);
		break;
	}
	return true;
}

/* Takes away VRFs that have no way in or no way out until only cycles (and what lies between two of them) are left. */
void check_underlay_cycles(struct check *check)
{
	struct underlays *underlays = calloc(1, sizeof(*underlays));
	bool smaller = true;

	if (!underlays) {
		error_no_memory(check->error, NULL);
		return;
	}
	underlays->check = check;
	check_walk(check, RESOURCE_VRF, all_live, underlays);
	while (smaller) {
		smaller = false;
		check_walk(check, RESOURCE_TUNNEL_ENDPOINT, visit_edges, underlays);
		for (int vrf = 1; vrf <= DP_MAX_VRFS; vrf++) {
			smaller |= underlays->live[vrf] && !(underlays->in[vrf] && underlays->out[vrf]);
			underlays->live[vrf] &= underlays->in[vrf] && underlays->out[vrf];
			underlays->in[vrf] = underlays->out[vrf] = false;
		}
	}
	check_walk(check, RESOURCE_TUNNEL_ENDPOINT, visit_cyclic, underlays);
	free(underlays);
}
