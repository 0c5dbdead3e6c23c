/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What services know of the packet in hand, besides struct packet: in memory of the CPU's, as policy_memory.h. It is of
 * a packet to a VIP from its balance stage on.
 */
#ifndef SLUICE_BPF_SERVICE_MEMORY_H
#define SLUICE_BPF_SERVICE_MEMORY_H

#include "bpf/flow.h"
#include "bpf/service_tables.h"

struct service_memory {
	struct flow flow;    /* the client's, to the VIP: of an ICMP error the one that it is about */
	__u64 number;	     /* of the flow (api/dp/flow_number.h) */
	__u32 load_balancer; /* ids; 0: not known yet */
	__u32 listener;
	__u32 pool;
	__u32 member;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct service_memory);
} service_memories SEC(".maps");

static __always_inline struct service_memory *service_memory(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&service_memories, &first);
}

#endif
