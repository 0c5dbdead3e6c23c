/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Vrf.fallback: what no route of the VRF is for goes by the kernel's routes. The kernel says who is next and on which
 * device, which must be an interface's of the same VRF; the packet then leaves as one to a gateway would, its TTL and
 * size checked alike.
 *
 * What is asked and answered is in memory of the CPU's, as policy_memory.h: it is of one packet until that has left.
 */
#ifndef SLUICE_BPF_FALLBACK_H
#define SLUICE_BPF_FALLBACK_H

#include "bpf/packet.h"
#include "bpf/port.h"

enum {
	FALLBACK_INET = 2, /* the kernel's families of addresses */
	FALLBACK_INET6 = 10,
};

struct fallback_memory {
	struct bpf_fib_lookup lookup;
	struct dp_egress egress;
	struct dp_address neighbour; /* the gateway, or the destination on its link */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct fallback_memory);
} fallback_memories SEC(".maps");

static __always_inline struct fallback_memory *fallback_memory(void)
{
	__u32 first = 0;

	return bpf_map_lookup_elem(&fallback_memories, &first);
}

/*
 * A length of 1 byte makes the kernel answer with the MTU of the route, which is then compared with the length of what
 * really leaves, and keeps it from comparing the frame that came.
 */
static __always_inline void fallback_question(struct ctx_buff *ctx, const struct packet *packet,
					      struct bpf_fib_lookup *lookup, __u32 table)
{
	__builtin_memset(lookup, 0, sizeof(*lookup));
	lookup->l4_protocol = packet->protocol;
	lookup->sport = bpf_htons(packet->src_port);
	lookup->dport = bpf_htons(packet->dst_port);
	lookup->tot_len = 1;
	lookup->ifindex = ctx_ingress(ctx);
	lookup->tbid = table;
	if (packet->family == 4) {
		lookup->family = FALLBACK_INET;
		lookup->tos = packet->traffic_class;
		lookup->ipv4_src = packet->src.word[3];
		lookup->ipv4_dst = packet->dst.word[3];
		return;
	}
	lookup->family = FALLBACK_INET6;
	lookup->flowinfo = bpf_htonl((__u32)packet->traffic_class << 20);
	for (int i = 0; i < 4; i++) {
		lookup->ipv6_src[i] = packet->src.word[i];
		lookup->ipv6_dst[i] = packet->dst.word[i];
	}
}

/* The reason for an answer without a way. */
static __always_inline int fallback_refused(long answer)
{
	switch (answer) {
	case BPF_FIB_LKUP_RET_NOT_FWDED:
		return ends(DP_REASON_no_route);
	case BPF_FIB_LKUP_RET_BLACKHOLE:
		return ends(DP_REASON_discard);
	case BPF_FIB_LKUP_RET_UNREACHABLE:
		return ends(DP_REASON_discard_unreachable);
	case BPF_FIB_LKUP_RET_PROHIBIT:
		return ends(DP_REASON_discard_prohibited);
	case BPF_FIB_LKUP_RET_FWD_DISABLED:
		return ends(DP_REASON_kernel_forwarding_off);
	}
	return ends(DP_REASON_kernel_route_unsupported); /* UNSUPP_LWT, or an error: it knows no TBID */
}

/* Has the kernel perhaps a route, which the router cannot go? */
static __always_inline bool fallback_is_no_way(int reason)
{
	return reason == DP_REASON_kernel_forwarding_off || reason == DP_REASON_kernel_route_elsewhere ||
	       reason == DP_REASON_kernel_route_unsupported;
}

/* The row of the interface whose addresses are on the kernel's device: its port's, or of a VLAN one besides. */
static __always_inline const struct dp_port *fallback_port(__u32 bank, __u32 ifindex)
{
	const struct dp_port *port = port_find(bank, dp_port_key(ifindex, 0));

	return port ? port : port_find(bank, dp_port_key(ifindex, DP_PORT_VLAN_DEVICE));
}

/*
 * XDP asks nobody for a MAC, so the kernel would never hear that a neighbour is in use, and never find that it has
 * another MAC. For 1 of 64 spaces of 17 ms, about once a second, packets take the kernel's way to their neighbours.
 */
static __always_inline bool fallback_refreshes(void)
{
	return !(bpf_ktime_get_ns() >> 24 & 63);
}

/* At even addresses. */
static __always_inline bool fallback_mac_known(const void *mac)
{
	const __u16 *word = mac;

	return word[0] | word[1] | word[2];
}

/* The frame's way out, by what the kernel has answered; without a MAC the kernel asks the neighbour for it. */
static __always_inline void fallback_egress(struct fallback_memory *memory, const struct dp_port *port)
{
	const struct bpf_fib_lookup *lookup = &memory->lookup;
	struct dp_egress *egress = &memory->egress;
	bool known = fallback_mac_known(lookup->dmac);

	egress->ifindex = lookup->ifindex;
	egress->resolve = CTX_COMPLETE;
	egress->tc_only = port->tc_only || !known || fallback_refreshes();
	egress->mtu = port->mtu;
	if (known && lookup->mtu_result < port->mtu)
		egress->mtu = lookup->mtu_result;
	egress->interface = port->interface;
	egress->vlan_id = egress->inner_vlan_id = 0;
	__builtin_memcpy(egress->dst_mac, lookup->dmac, 6);
	__builtin_memcpy(egress->src_mac, port->mac, 6);
	if (lookup->family == FALLBACK_INET) {
		address_from_ipv4(&memory->neighbour, lookup->ipv4_dst);
		return;
	}
	for (int i = 0; i < 4; i++)
		memory->neighbour.word[i] = lookup->ipv6_dst[i];
}

/* Asks the kernel for a packet that no route of its VRF is for: NEXT, its way out being in the CPU's memory, or a
 * reason. */
__noinline int fallback_find(struct ctx_buff *ctx, const struct packet *packet)
{
	struct fallback_memory *memory = fallback_memory();
	const struct dp_port *port;
	const struct dp_vrf *vrf;
	long answer;

	if (!packet || !memory)
		return ends(DP_REASON_inconsistent);
	vrf = vrf_row(packet->bank, packet->vrf);
	if (!vrf || !vrf->fallback)
		return ends(DP_REASON_no_route);
	if (packet->link_local)
		return ends(DP_REASON_martian_source);
	fallback_question(ctx, packet, &memory->lookup, vrf->fallback_table);
	answer = bpf_fib_lookup(ctx, &memory->lookup, sizeof(memory->lookup),
				vrf->fallback_table ? BPF_FIB_LOOKUP_DIRECT | BPF_FIB_LOOKUP_TBID : 0);
	if (answer == BPF_FIB_LKUP_RET_NO_NEIGH)
		__builtin_memset(memory->lookup.dmac, 0, sizeof(memory->lookup.dmac));
	else if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return fallback_refused(answer);
	port = fallback_port(packet->bank, memory->lookup.ifindex);
	if (!port || port->vrf != packet->vrf || port->from_stage)
		return ends(DP_REASON_kernel_route_elsewhere);
	fallback_egress(memory, port);
	return NEXT;
}

/* How a packet has left by such a way. */
static __always_inline int fallback_sent(const struct dp_egress *egress)
{
	return fallback_mac_known(egress->dst_mac) ? DP_REASON_forwarded_by_kernel_route : DP_REASON_resolving;
}

/* The same as a stage's part: the way out is way->egress. */
static __always_inline int fallback(struct ctx_buff *ctx, struct packet *packet, struct way *way)
{
	struct fallback_memory *memory;
	int reason = fallback_find(ctx, packet);

	if (reason != NEXT)
		return reason;
	memory = fallback_memory();
	if (!memory)
		return ends(DP_REASON_inconsistent);
	packet->group = DP_GROUP_KERNEL;
	way->egress = &memory->egress;
	return NEXT;
}

#endif
