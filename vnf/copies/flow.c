/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/copies/flow.h"

#include "vnf/observe/observer.h"

static bool is_copy(const struct copy_flow *flow, uint32_t ifindex, const uint8_t *frame, uint32_t kept)
{
	for (size_t i = 0; i < flow->targets; i++)
		if (copy_target_made(&flow->target[i], ifindex, frame, kept))
			return true;
	return false;
}

static void send_copy(struct copy_flow *flow, const uint8_t *frame, uint32_t kept, uint32_t length)
{
	if (!frame || !kept)
		return;
	if (kept > flow->snap_length)
		kept = flow->snap_length;
	if (copy_destination_send(flow->destination, frame, kept, length)) {
		atomic_fetch_add(&flow->counts->lost, 1);
		return;
	}
	atomic_fetch_add(&flow->counts->packets, 1);
	atomic_fetch_add(&flow->counts->bytes, kept);
}

void copy_flow_take(void *context, const struct observed *observed, uint64_t lost)
{
	const struct dp_observation *head = observed->head;
	struct copy_flow *flow = context;
	/* A copy may come back as it went out, or be what a tunnel of ours is about to carry. */
	bool copy = is_copy(flow, head->ifindex, observed->in, observed->in ? head->in_kept : 0) ||
		    is_copy(flow, head->ifindex, observed->out, observed->out ? head->out_kept : 0);

	atomic_fetch_add(&flow->counts->missed, lost - flow->missed);
	flow->missed = lost;
	if (copy || ++flow->skipped < flow->one_in)
		return;
	flow->skipped = 0;
	if (flow->frames & COPY_IN)
		send_copy(flow, observed->in, head->in_kept, head->in_length);
	if (flow->frames & COPY_OUT)
		send_copy(flow, observed->out, head->out_kept, head->out_length);
}
