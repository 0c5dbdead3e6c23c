/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one way out: counts the packet and turns its verdict into the hook's. A punted packet goes up to the kernel
 * exactly as it came: no stage changes a byte before its last check.
 *
 * In XDP only packets that are forwarded end here, or dropped without an answer. All others go on as they came,
 * uncounted, to the program of the clsact qdisc, which every port has: it begins anew and counts them.
 */
#ifndef SLUICE_BPF_VERDICT_H
#define SLUICE_BPF_VERDICT_H

#include "bpf/counters.h"
#include "bpf/owed.h"
#include "bpf/service_way.h"
#include "bpf/twin.h"

static const __u8 verdicts[DP_REASON_COUNT] = {
#define REASON_VERDICT(name, verdict, description) [DP_REASON_##name] = DP_VERDICT_##verdict,
	DP_REASONS(REASON_VERDICT)
#undef REASON_VERDICT
};
_Static_assert(DP_REASON_COUNT <= DP_COUNTER_RX, "reason counters run into the next block");

/*
 * Has the kernel send the frame to the packet's destination, the next hop of the kernel's own route, the member that it
 * goes to as it is, or the remote of the tunnel that it is in, as a neighbour on the device: it asks for the MAC and
 * holds the frame meanwhile. No route of the kernel's is looked at.
 */
__noinline int resolve(const struct packet *packet, __u32 device)
{
	const struct fallback_memory *memory;
	const struct dp_member *member;
	const struct dp_tunnel *tunnel;
	struct dp_address host;

	if (!packet)
		return CTX_DROP;
	host = packet->dst;
	if (packet->group == DP_GROUP_KERNEL) {
		memory = fallback_memory();
		if (!memory)
			return CTX_DROP;
		host = memory->neighbour;
	}
	if (packet->service & SERVICE_DIRECT) {
		member = packet_member(packet);
		if (!member)
			return CTX_DROP;
		host = member->address;
	}
	if (packet->encapsulated) {
		tunnel = tunnel_row(packet->bank, packet->encapsulated);
		if (!tunnel)
			return CTX_DROP;
		host = tunnel->remote;
	}
	return ctx_resolve(device, &host);
}

/* The hook's verdict for a frame that is ready for its way. */
static __always_inline int leave(struct ctx_buff *ctx, const struct packet *packet, const struct way *way)
{
	observe_device(way->egress->ifindex);
	if (CTX_COMPLETE && way->egress->resolve)
		return resolve(packet, way->egress->ifindex);
	return ctx_redirect(ctx, way->egress->ifindex);
}

static __always_inline int finish(struct ctx_buff *ctx, struct packet *packet, const struct way *way, int reason)
{
	__u64 index = reason;

	barrier_var(index);
	if (index >= DP_REASON_COUNT) {
		if (!CTX_COMPLETE && reason == HAND_OVER)
			return CTX_PASS;
		index = DP_REASON_inconsistent;
	}
	if (verdicts[index] == DP_VERDICT_FORWARDED && way->egress) {
		count(packet, index, way->egress->interface);
		return leave(ctx, packet, way);
	}
	if (!CTX_COMPLETE && (verdicts[index] == DP_VERDICT_PUNTED || answer_is_owed(index)))
		return CTX_PASS;
	if (!OBSERVER && !CTX_COMPLETE && packet->features & DP_FEATURE_SEEN)
		hand_to_twin(ctx, packet);
	packet->encapsulated = packet->port_pair_group = 0;
	count(packet, index, 0);
	return verdicts[index] == DP_VERDICT_PUNTED ? CTX_PASS : CTX_DROP;
}

#endif
