/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Between the router's program of the clsact qdisc and that of the answers, a filter behind it: who asks leaves the
 * packet with its CPU and lets the buffer go on. The kernel sees a packet for another host in it (PACKET_OTHERHOST),
 * which it drops: so it goes nowhere if the other filter is missing, or if one between the two ends its way.
 *
 * Nothing in the buffer says that it is asked for, as others could say so, too. What the CPU has can be of a packet
 * that never got to the answers: so whoever lets a buffer go on without asking takes it back.
 */
#ifndef SLUICE_BPF_ASK_H
#define SLUICE_BPF_ASK_H

#include <linux/if_packet.h>

#include "api/dp/owed.h"
#include "bpf/packet.h"

/* For each possible CPU. Both programs run in softirqs, which neither migrate nor nest on one. */
struct dp_owed owed_rows[1] SEC(".data.owed");

_Static_assert(sizeof(struct packet) <= DP_OWED_PACKET, "dp_owed");

static __always_inline struct dp_owed *owed_row(void)
{
	struct dp_owed *rows = owed_rows;
	__u64 cpu =
		explains ? 0 : bpf_get_smp_processor_id(); /* what asks, and what answers, run one behind the other */

	barrier_var(cpu);
	if (cpu > SHAPE(pending_last))
		return NULL;
	barrier_var(cpu);
	asm("" : "+r"(rows)); /* the map is longer than the variable */
	return rows + cpu;
}

/* The hook's verdict. */
static __always_inline int ask(struct ctx_buff *ctx, const struct packet *packet, int reason)
{
	struct dp_owed *owed = owed_row();
	struct packet *copy;

	if (!owed)
		return CTX_DROP;
	copy = (struct packet *)owed->packet;
	if (packet->family) { /* else they have not been read */
		copy->src = packet->src;
		copy->dst = packet->dst;
	}
	__builtin_memcpy(&copy->bank, &packet->bank, sizeof(*packet) - offsetof(struct packet, bank));
	owed->reason = reason;
	owed->length = CTX_FIELD(ctx, len);
	owed->ifindex = CTX_FIELD(ctx, ifindex);
	owed->type = CTX_FIELD(ctx, pkt_type);
	owed->observed = OBSERVER;
	owed->waits = 1;
	return bpf_skb_change_type(ctx, PACKET_OTHERHOST) ? CTX_DROP : CTX_PASS;
}

static __always_inline void ask_no_more(void)
{
	struct dp_owed *owed = owed_row();

	if (owed)
		owed->waits = 0;
}

/* What is owed for this very buffer, which is the kernel's again as it was; NULL: nothing. */
static __always_inline struct dp_owed *asked(struct ctx_buff *ctx)
{
	struct dp_owed *owed = owed_row();

	if (!owed || !owed->waits)
		return NULL;
	owed->waits = 0;
	if (owed->length != CTX_FIELD(ctx, len) || owed->ifindex != CTX_FIELD(ctx, ifindex) ||
	    bpf_skb_change_type(ctx, owed->type))
		return NULL;
	return owed;
}

#endif
