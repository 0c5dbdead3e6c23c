/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
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

static __always_inline struct dp_counter *counter_at(__u32 index)
{
	return bpf_map_lookup_elem(&counters, &index);
}

/* One packet more at `index` in the whole array. */
static __always_inline void counter_add(__u32 index, __u64 bytes)
{
	struct dp_counter *counter = counter_at(index);

	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
}

static __always_inline void count(const struct packet *packet, __u32 index, __u32 bytes)
{
	if (index < counter_stride)
		counter_add(packet->counters + index, bytes);
}

/* Counts the notes of this CPU's block: their waits for memory overlap. */
__noinline int count_pending(__u32 block)
{
	struct dp_counter *head = counter_at(block + DP_COUNTER_PENDING), *note;

	if (!head)
		return 0;
	head->bytes++;
	barrier();
	for (__u32 i = 0; i < DP_PENDING_ROUTES; i++) {
		note = counter_at(block + DP_COUNTER_PENDING + 1 + i);
		if (!note)
			break;
		counter_add(block + DP_COUNTER_ROUTES + note->packets, note->bytes);
	}
	barrier();
	head->packets = 0;
	barrier();
	head->bytes++;
	return 0;
}

/* Notes a packet of the route down. */
static __always_inline void count_route(const struct packet *packet, __u32 route)
{
	struct dp_counter *head = counter_at(packet->counters + DP_COUNTER_PENDING), *note;
	__u64 notes;

	if (!head || route >= counter_stride - DP_COUNTER_ROUTES)
		return;
	notes = head->packets;
	if (notes >= DP_PENDING_ROUTES) {
		count_pending(packet->counters);
		notes = 0;
	}
	note = counter_at(packet->counters + DP_COUNTER_PENDING + 1 + (__u32)notes);
	if (!note)
		return;
	note->packets = route;
	note->bytes = packet->length;
	barrier();
	head->packets = notes + 1;
}

#endif
