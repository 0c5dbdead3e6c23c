/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What services know of the packet in hand, besides struct packet: in memory of the CPU's, as policy_memory.h. It is of
 * a packet to a VIP from its balance stage on, and of a member's answer in the stage that gives the VIP back.
 */
#ifndef SLUICE_BPF_SERVICE_MEMORY_H
#define SLUICE_BPF_SERVICE_MEMORY_H

#include "bpf/connection.h"
#include "bpf/service_tables.h"

struct service_memory {
	struct flow flow;	 /* the client's, to the VIP: of an ICMP error the one that it is about */
	struct flow member_flow; /* the same to the member, */
	struct flow source_flow; /* and from the source, as far as it counts */
	struct tracked entry;	 /* of the client and the VIP, */
	struct tracked answer;	 /* of the client and the member, */
	struct tracked source;	 /* and of the source and the VIP */
	__u64 number;		 /* of the flow (api/dp/flow_number.h) */
	__u32 load_balancer;	 /* ids; 0: not known */
	__u32 listener;
	__u32 pool;
	__u32 member;
	__u8 tcp_flags; /* of a segment; 0: it is none, or out of reach */
	__u8 begins; /* enum dp_connection_state that a flow begins in, for which entries are to be made; 0: none are */
	__u8 state;  /* that its entry is in, behind this packet, */
	__u8 moved;  /* and whether that was written down: then other entries are to hear of it */
	__u8 quic_long;	   /* of the header that has the connection ID */
	__u8 keeps_source; /* the source's entry is to say the member, too */
	__u16 server_id;   /* by the connection ID; 0: none */
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

/* Between the calls of a stage, beside NEXT and the reasons: a member is to be chosen; entries are to be made, or to
 * hear of the packet; it is not known yet what is to be done. */
enum { SERVICE_CHOOSE = -4, SERVICE_OPEN = -5, SERVICE_UNKNOWN = -6 };

#endif
