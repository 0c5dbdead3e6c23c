/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of a snapshot by the ids that packets know them by. A kind is looked through when it is asked for
 * first.
 */
#ifndef SLUICE_CONTROL_SEEN_NAMES_H
#define SLUICE_CONTROL_SEEN_NAMES_H

#include "api/dp/address.h"
#include "vnf/control/kinds/resource.h"
#include "vnf/control/state/snapshot.h"

struct dp_limits;

struct seen_names {
	const struct snapshot *snapshot; /* borrowed */
	const struct dp_limits *limits;	 /* borrowed */
	struct {
		const struct resource **by_id;
		uint32_t most;
	} kind[RESOURCE_KINDS];
};

void seen_names_init(struct seen_names *names, const struct snapshot *snapshot, const struct dp_limits *limits);
void seen_names_clear(struct seen_names *names);

/* NULL: none has it, or no longer, or it is 0. Without memory it takes longer. */
const struct resource *seen_resource(struct seen_names *names, enum resource_kind kind, uint32_t id);
/* A rule of the policy. */
const struct resource *seen_rule(struct seen_names *names, uint32_t id);
/* What a packet to the destination counts for: a route of the VRF, also a learned one, or a member of a pool. */
const struct resource *seen_route(struct seen_names *names, uint16_t vrf, const struct dp_address *destination,
				  uint32_t id);

/* The route, in its tunnel's underlay, by which a packet goes to the tunnel's remote. */
struct dp_step;
const struct resource *seen_underlay_route(struct seen_names *names, const struct dp_step *step);

/* "up, in, out": the names of a kind, as many as there is room for; "none". Returns `text`. */
const char *seen_list(const struct snapshot *snapshot, enum resource_kind kind, char *text, size_t size);

#endif
