/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The router as a program of the clsact qdisc: the same stages over the same maps, on the kernel's socket buffers. */
#include "bpf/ctx_tc.h"
#include "bpf/answer.h"

#define ROUTER_END(ctx, packet, way, reason)                                                                           \
	(answer_is_owed(reason) ? answer(ctx, packet, way, reason) : finish(ctx, packet, way, reason))
#include "bpf/router.h"

SEC("tc")
int sluice_tc(struct __sk_buff *ctx)
{
	return router(ctx);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
