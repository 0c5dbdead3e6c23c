/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The router: every packet of every port runs through these stages in this order. A stage answers NEXT, or the reason
 * (api/dp/reason.h) that ends the packet's way. The generation is read once, so that one packet sees one revision.
 */
#ifndef SLUICE_BPF_ROUTER_H
#define SLUICE_BPF_ROUTER_H

#include "bpf/packet.h"
#include "bpf/parse.h"
#include "bpf/port.h"
#include "bpf/admit.h"
#include "bpf/decap.h"
#include "bpf/classify.h"
#include "bpf/chain.h"
#include "bpf/nexthop.h"
#include "bpf/policy.h"
#include "bpf/ddos.h"
#include "bpf/qos.h"
#include "bpf/service.h"
#include "bpf/service_answer.h"
#include "bpf/mss_clamp.h"
#include "bpf/rewrite.h"
#include "bpf/twin.h"
#include "bpf/verdict.h"

/* What runs behind each stage with the stage's name, the packet and the answer: nothing, unless a program wants it. */
#ifdef OBSERVER
#include "bpf/observer_steps.h"
#define STAGE_HOOK(stage, ctx, packet, reason) observe_step(packet, way.egress, DP_STEP_##stage, reason)
#endif
#ifndef STAGE_HOOK
#define STAGE_HOOK(stage, ctx, packet, reason)
#endif

/* What becomes of a packet whose way has ended: counted and sent or dropped, unless a program can do more for it. */
#ifndef ROUTER_END
#define ROUTER_END(ctx, packet, way, reason) finish_judged(ctx, packet, way, reason)
#endif

/* The hook's verdict; CTX_PASS: the other program begins anew, counts, and tells of the packet. */
static __always_inline int finish_judged(struct ctx_buff *ctx, struct packet *packet, const struct way *way, int reason)
{
	int verdict = finish(ctx, packet, way, reason);

	if (packet->policy && verdict != CTX_PASS)
		policy_count(packet);
	if (OBSERVER && verdict != CTX_PASS)
		observed_end(ctx, packet);
	return verdict;
}

#define STAGE(stage, ...)                                                                                              \
	do {                                                                                                           \
		if (reason == NEXT) {                                                                                  \
			reason = stage(__VA_ARGS__);                                                                   \
			STAGE_HOOK(stage, ctx, &packet, reason);                                                       \
		}                                                                                                      \
	} while (0)

static __always_inline int router(struct ctx_buff *ctx)
{
	struct packet packet;
	struct way way = {};
	int reason = NEXT;

	observed_begin();
	packet_begin(ctx, &packet);
	asm volatile("" : : "r"(&way) : "memory"); /* in memory: else each check sets it for the case that it fails */
	STAGE(parse_link, ctx, &packet);
	STAGE(ingress_port, ctx, &packet);
	STAGE(look_ahead, ctx, &packet, &way);
	STAGE(parse_ip, ctx, &packet);
	STAGE(admit, &packet);
	STAGE(decap, ctx, &packet);
	if (packet.features & (DP_FEATURE_CLASSIFY | DP_FEATURE_DDOS | DP_FEATURE_POLICY | DP_FEATURE_SERVICE |
			       DP_FEATURE_SEEN)) { /* one look for packets without any of them */
		if (!OBSERVER && packet.features & DP_FEATURE_SEEN)
			hand_to_twin(ctx, &packet);
		STAGE(restore_vip, ctx, &packet);
		STAGE(classify, ctx, &packet);
		STAGE(ddos, ctx, &packet);
		STAGE(policy, ctx, &packet, &way);
	}
	STAGE(steer, ctx, &packet, &way);
	STAGE(route, ctx, &packet, &way);
	STAGE(next_hop, ctx, &packet, &way);
	STAGE(police, ctx, &packet, &way);
	STAGE(mss_clamp, ctx, &packet, &way);
	STAGE(transmit, ctx, &packet, &way);
	return ROUTER_END(ctx, &packet, &way, reason);
}

#endif
