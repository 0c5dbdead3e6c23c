/* SPDX-License-Identifier: Apache-2.0 */
/* Reads for who measures: all resources of a kind in one go, and numbers that are known without looking at any. */
#include <stdlib.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/figures.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/read/resource_state.h"
#include "vnf/core/clock.h"
#include "vnf/dataplane/dataplane.h"

#define COUNT_PART 20 /* of the time, in which connections are counted at most */

int read_visit(struct reader *reader, enum resource_kind kind, size_t most, control_see *see, void *context,
	       size_t *left, struct error *error)
{
	const struct snapshot *snapshot = history_pin(reader->history);
	const struct resource *resource = NULL;
	size_t count = kind_ops(kind) ? snapshot_count(snapshot, kind) : 0;
	int result = 0;

	*left = count > most ? count - most : 0;
	for (size_t i = 0; i < count && i < most && !result; i++) {
		Sluice__V1__ResourceState *state;

		resource = snapshot_next(snapshot, kind, resource);
		state = resource_state_brief(reader, snapshot, resource);
		if (state)
			see(context, state);
		else
			result = -1;
		message_free(state);
	}
	snapshot_unpin(snapshot);
	if (result)
		error_no_memory(error, NULL);
	return result;
}

void read_visit_vrfs(struct reader *reader, control_see_vrf *see, void *context)
{
	const struct snapshot *snapshot = history_pin(reader->history);
	const struct resource *vrf = NULL;

	while ((vrf = snapshot_next(snapshot, RESOURCE_VRF, vrf))) {
		struct vrf_figures figures;

		figures_read(reader->figures, resource_id(vrf), &figures);
		see(context, vrf->self->text, &figures);
	}
	snapshot_unpin(snapshot);
}

void read_connection_counts(struct reader *reader, struct connection_figures *figures)
{
	struct counted_connections *counted = &reader->connections;
	uint64_t now = monotonic_us();

	pthread_mutex_lock(&counted->lock);
	if (now >= counted->again_us) {
		struct connection_counts counts = conntrack_count(dataplane_connections(reader->dataplane));
		uint64_t end = monotonic_us();

		counted->figures = (struct connection_figures){
			.embryonic = counts.embryonic,
			.established = counts.established,
			.over = counts.over,
			.ipv6 = counts.ipv6,
			.capacity = dataplane_limits(reader->dataplane)->connections,
		};
		counted->again_us = end + (end - now) * COUNT_PART;
	}
	*figures = counted->figures;
	pthread_mutex_unlock(&counted->lock);
}
