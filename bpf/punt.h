/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one way out: counts the packet at its interface and for its reason, and turns its verdict into the XDP action. A
 * punted packet goes up to the kernel exactly as it came: no stage changes a byte before its last check.
 */
#ifndef SLUICE_BPF_PUNT_H
#define SLUICE_BPF_PUNT_H

#include "bpf/stats.h"

/* A set of reasons, bit by enum value: cheaper than a table in another map. */
#define VERDICT_BIT(name, verdict, description)                                                                        \
	| (DP_VERDICT_##verdict == DP_VERDICT_PUNTED ? 1ULL << DP_REASON_##name : 0)
static const __u64 reasons_punted = 0 DP_REASONS(VERDICT_BIT);
#undef VERDICT_BIT
#define VERDICT_BIT(name, verdict, description)                                                                        \
	| (DP_VERDICT_##verdict == DP_VERDICT_FORWARDED ? 1ULL << DP_REASON_##name : 0)
static const __u64 reasons_forwarded = 0 DP_REASONS(VERDICT_BIT);
#undef VERDICT_BIT
_Static_assert(DP_REASON_COUNT <= DP_COUNTER_RX, "reason counters run into the next block");

static __always_inline int finish(const struct packet *packet, int reason)
{
	__u64 bit;

	if (reason < 0 || reason >= DP_REASON_COUNT)
		reason = DP_REASON_inconsistent;
	count(packet, DP_COUNTER_REASONS + reason, packet->length);
	if (packet->interface)
		count(packet, DP_COUNTER_RX + packet->interface, packet->length);
	bit = 1ULL << (reason & 63);
	if (bit & reasons_forwarded)
		return bpf_redirect(packet->egress.ifindex, 0);
	return bit & reasons_punted ? XDP_PASS : XDP_DROP;
}

#endif
