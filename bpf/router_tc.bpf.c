/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The router as a program of the clsact qdisc: the same stages over the same maps, on the kernel's socket buffers. What
 * it owes an answer for it leaves to the next filter, answers.bpf.c.
 */
#include "bpf/ctx_tc.h"
#include "bpf/ask.h"
#include "bpf/policy.h"
#include "bpf/verdict.h"

static __always_inline int finish_or_ask(struct ctx_buff *ctx, struct packet *packet, const struct way *way, int reason)
{
	int verdict;

	if (!OBSERVER && packet->features & DP_FEATURE_SEEN)
		hand_to_twin(ctx, packet);
	/* What is for the router itself is none of the policy's. */
	if (packet->policy && reason != DP_REASON_local && reason != DP_REASON_inner_local)
		policy_count(packet);
	if (answer_is_owed(reason) || reason == HAND_OVER) {
		observe_frame(ctx, packet);
		return ask(ctx, packet, reason);
	}
	verdict = finish(ctx, packet, way, reason);
	if (verdict == CTX_PASS)
		ask_no_more();
	observed_end(ctx, packet);
	return verdict;
}

#define ROUTER_END finish_or_ask
#include "bpf/router.h"

#ifdef OBSERVER
#define sluice_tc sluice_seen_tc
#endif

SEC("tc")
int sluice_tc(struct __sk_buff *ctx)
{
	return router(ctx);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
