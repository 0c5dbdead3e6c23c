/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the policy knows of the packet in hand, besides struct packet: in memory of the CPU's, as 6.1 has no stack for
 * it. Packets of one CPU follow each other in a program, so it is of one packet from its policy stage to its end.
 */
#ifndef SLUICE_BPF_POLICY_MEMORY_H
#define SLUICE_BPF_POLICY_MEMORY_H

#include "bpf/connection.h"
#include "bpf/flow.h"
#include "bpf/policy_tables.h"

struct policy_memory {
	struct flow flow; /* the packet's: of an ICMP error the one that it is about */
	struct tracked tracked;
	struct policy_query query;
	struct policy_classes classes; /* of the query, */
	struct policy_found found;     /* and its answer */
	__u32 own_steer;	       /* row of an ICMP error's own rule that leads elsewhere; 0: none */
	__u32 pool;		       /* with POLICY_POOLED: per mille of new flows << 16 | pool; 0: all of them */
	__u32 counted[DP_POLICY_CATEGORIES]; /* ids of the rules that count the packet at its end; 0: none */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct policy_memory);
} policy_memories SEC(".maps");

static __always_inline struct policy_memory *policy_memory(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&policy_memories, &first);
}

#endif
