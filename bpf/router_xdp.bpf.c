/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The router as an XDP program. */
#include "bpf/ctx_xdp.h"
#include "bpf/router.h"

#ifdef OBSERVER
#define sluice_router sluice_seen
#endif

SEC("xdp.frags")
int sluice_router(struct xdp_md *ctx)
{
	return router(ctx);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
