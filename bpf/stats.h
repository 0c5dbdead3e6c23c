/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters: one array for everything, a block of `counter_stride` for each CPU, indexed by DP_COUNTER_* in it. A mapped
 * array, not a per-CPU map: the daemon reads it without a system call, and it comes up in milliseconds, where a per-CPU
 * map of a million elements takes seconds to allocate them one by one.
 */
#ifndef SLUICE_BPF_STATS_H
#define SLUICE_BPF_STATS_H

#include "bpf/packet.h"

const volatile __u32 counter_stride; /* the loader sets it, and max_entries to this times the possible CPUs */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct dp_counter);
} counters SEC(".maps");

/* Softirqs do not migrate and do not nest on a CPU, so nobody else writes to its block. */
static __always_inline __u32 counters_of_cpu(void)
{
	return bpf_get_smp_processor_id() * counter_stride;
}

static __always_inline void count(const struct packet *packet, __u32 index, __u32 bytes)
{
	struct dp_counter *counter;

	if (index >= counter_stride)
		return;
	index += packet->counters;
	counter = bpf_map_lookup_elem(&counters, &index);
	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
}

#endif
