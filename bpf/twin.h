/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way from an ordinary program to its twin: a tail call through an array of one entry, which the daemon fills while
 * somebody looks at packets. Without an entry the packet goes on here, unobserved. It is asked for once a packet,
 * behind the tunnels, where packets with features are told apart from plain ones anyway, or at its end, if that comes
 * earlier.
 */
#ifndef SLUICE_BPF_TWIN_H
#define SLUICE_BPF_TWIN_H

#include "bpf/counters.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} twin SEC(".maps");

/* Counts down to the CPU's next sample; the twin, which takes it, begins anew. Is it this packet? */
static __always_inline bool sample_is_due(void)
{
	struct dp_pending *pending = pending_of(bpf_get_smp_processor_id());
	__u64 left = pending ? pending->until_sample : 1;

	if (pending && left)
		pending->until_sample = --left;
	return !left;
}

/* Returns only if the packet is not to be observed, or there is no twin; it does not ask again. */
static __always_inline void hand_to_twin(struct ctx_buff *ctx, struct packet *packet)
{
	bool due = packet->features & DP_FEATURE_SAMPLE && sample_is_due();

	if (due || packet->features & DP_FEATURE_OBSERVE)
		bpf_tail_call_static(ctx, &twin, 0);
	packet->features &= ~DP_FEATURE_SEEN;
}

#endif
