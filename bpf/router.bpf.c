/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The router: every packet of every port runs through these stages in this order. A stage answers NEXT, or the reason
 * (api/dp/reason.h) that ends the packet's way. The generation is read once, so that one packet sees one revision.
 */
#include "bpf/packet.h"
#include "bpf/parse.h"
#include "bpf/port.h"
#include "bpf/admit.h"
#include "bpf/decap.h"
#include "bpf/classify.h"
#include "bpf/stage.h"
#include "bpf/nexthop.h"
#include "bpf/rewrite.h"
#include "bpf/punt.h"

SEC("xdp.frags")
int sluice_router(struct xdp_md *ctx)
{
	struct packet packet = {
		.bank = bank_now(),
		.length = ctx->data_end - ctx->data,
		.counters = counters_of_cpu(),
	};
	int reason;

	reason = parse_link(ctx, &packet);
	if (reason == NEXT)
		reason = port_admit(ctx, &packet);
	if (reason == NEXT)
		reason = parse_ip(ctx, &packet);
	if (reason == NEXT)
		reason = admit(&packet);
	if (reason == NEXT)
		reason = decap(ctx, &packet);
	if (reason == NEXT)
		reason = classify(&packet);
	if (reason == NEXT)
		reason = steer(ctx, &packet);
	if (reason == NEXT)
		reason = route(&packet);
	if (reason == NEXT)
		reason = next_hop(&packet);
	if (reason == NEXT)
		reason = transmit(ctx, &packet);
	return finish(&packet, reason);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
