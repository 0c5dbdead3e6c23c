/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counters: one array for everything, a block for each CPU, indexed by DP_COUNTER_* in it. A mapped
 * array, not a per-CPU map: the daemon reads it without a system call, and it comes up in milliseconds, where a per-CPU
 * map of a million elements takes seconds to allocate them one by one. Packets leave records (api/dp/counters.h).
 */
#ifndef SLUICE_BPF_COUNTERS_H
#define SLUICE_BPF_COUNTERS_H

#include "bpf/observe.h"
#include "bpf/packet.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the loader makes it as many as there are */
	__type(key, __u32);
	__type(value, struct dp_counter);
} counters SEC(".maps");

/* For each possible CPU. Softirqs neither migrate nor nest on one, so nobody else writes to its records. */
struct dp_pending pending_rows[1] SEC(".data.pending");

static __always_inline struct dp_pending *pending_of(__u64 cpu)
{
	return pending_row(pending_rows, cpu);
}

/* Adds to counter `first` + `id` of the CPU. */
static __always_inline void counter_add(__u32 cpu, __u32 first, __u32 id, __u64 packets, __u64 bytes)
{
	__u32 index = first + id;
	struct dp_counter *counter;

	if (explains || index > SHAPE(counters_last))
		return;
	index += cpu * (SHAPE(counters_last) + 1);
	counter = bpf_map_lookup_elem(&counters, &index);
	if (!counter)
		return;
	counter->packets += packets;
	counter->bytes += bytes;
}

static __always_inline void counter_add_some(__u32 cpu, __u32 first, __u32 id, __u64 packets, __u64 bytes)
{
	if (id)
		counter_add(cpu, first, id, packets, bytes);
}

static __always_inline void count_run(const struct dp_record *same, const struct dp_run *run, __u32 cpu)
{
	counter_add(cpu, DP_COUNTER_REASONS, same->reason, run->packets, run->bytes);
	counter_add_some(cpu, DP_COUNTER_RX, same->rx, run->packets, run->bytes);
	counter_add_some(cpu, DP_COUNTER_TX, same->tx, run->packets, run->sent);
	counter_add_some(cpu, DP_COUNTER_ROUTES + SHAPE(counters_listeners), same->listener, run->packets, run->bytes);
	if (!same->features)
		return;
	counter_add_some(cpu, DP_COUNTER_DECAP, same->decap, run->packets, run->bytes);
	counter_add_some(cpu, DP_COUNTER_ENCAP, same->encap, run->packets, run->sent);
	counter_add_some(cpu, DP_COUNTER_STAGES, same->port_pair_group, run->packets, run->sent);
	counter_add_some(cpu, DP_COUNTER_CLASSIFIERS, same->classifier, run->packets, run->bytes);
}

/* One more of the run, which ends where the next record counts otherwise, or `ends`: there is none. */
static __always_inline void count_place(const struct dp_record *record, const struct dp_record *next, bool ends,
					struct dp_run *run, __u32 cpu)
{
	run->packets++;
	run->bytes += record->length;
	run->sent += record->sent;
	if (ends || (record->places ^ next->places) | (record->features ^ next->features)) {
		count_run(record, run, cpu);
		*run = (struct dp_run){};
	}
}

static __always_inline void count_route(const struct dp_record *record, const struct dp_record *next, bool ends,
					struct dp_run *run, __u32 cpu)
{
	run->packets++;
	run->bytes += record->length;
	if (ends || record->route != next->route) {
		counter_add_some(cpu, DP_COUNTER_ROUTES, record->route, run->packets, run->bytes);
		*run = (struct dp_run){};
	}
	counter_add_some(cpu, DP_COUNTER_ROUTES, record->underlay_route, 1, record->length);
}

#define COUNT_SOME 8

/* Counts so many records from `first` on: the verifier goes through this function once, and not for each time that it
 * is called. Runs go on in the next call, so they lie in the list. */
__noinline int count_some(__u32 cpu, __u32 first)
{
	struct dp_pending *pending = pending_of(cpu);

	if (!pending)
		return 0;
	for (__u32 i = 0; i < COUNT_SOME; i++) {
		const __u64 at = (first + i) & (DP_PENDING_RECORDS - 1), then = (at + 1) & (DP_PENDING_RECORDS - 1);
		const struct dp_record *record = &pending->record[at], *next = &pending->record[then];

		count_route(record, next, !then, &pending->routes, cpu);
		count_place(record, next, !then, &pending->places, cpu);
	}
	return 0;
}

/* Counts the CPU's records, of which there is no room for more, and empties the list. */
__noinline int count_pending(__u32 cpu)
{
	struct dp_pending *pending = pending_of(cpu);

	if (!pending)
		return 0;
	pending->turns++;
	barrier();
	for (__u32 first = 0; first < DP_PENDING_RECORDS; first += COUNT_SOME)
		count_some(cpu, first);
	barrier();
	pending->records = 0;
	barrier();
	pending->turns++;
	return 0;
}

/* Leaves the packet's record, the last thing that is done with it. */
static __always_inline void count(const struct packet *packet, int reason, __u16 tx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct dp_pending *pending = pending_of(cpu);
	struct dp_record *record;
	__u64 count;

	observe_reason(packet, reason, tx);
	if (!pending || explains)
		return;
	count = pending->records;
	if (count >= DP_PENDING_RECORDS) {
		count_pending(cpu);
		count = 0;
	}
	barrier_var(count);
	record = &pending->record[count & (DP_PENDING_RECORDS - 1)];
	record->reason = reason;
	record->rx = packet->interface;
	record->tx = tx;
	record->listener = packet->listener;
	record->features = packet->counted;
	record->route = packet->route;
	record->underlay_route = packet->underlay_route;
	record->length = packet->length;
	record->sent = packet->sent;
	barrier();
	pending->records = count + 1;
}

#endif
