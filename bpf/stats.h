/* SPDX-License-Identifier: Apache-2.0 */
/* Counters: one per-CPU array for everything, indexed by DP_COUNTER_* (api/dp/tables.h). */
#ifndef SLUICE_BPF_STATS_H
#define SLUICE_BPF_STATS_H

#include "bpf/packet.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DP_COUNTER_ROUTES + DP_MAX_ROUTES / 2); /* the loader may set another */
	__type(key, __u32);
	__type(value, struct dp_counter);
} counters SEC(".maps");

static __always_inline void count(__u32 index, __u32 bytes)
{
	struct dp_counter *counter = bpf_map_lookup_elem(&counters, &index);

	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
}

#endif
