/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The context of an XDP program: what ctx.h asks for. */
#ifndef SLUICE_BPF_CTX_XDP_H
#define SLUICE_BPF_CTX_XDP_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The verifier knows the context of a function by the name of its type. */
#define ctx_buff xdp_md

#define CTX_PASS XDP_PASS
#define CTX_DROP XDP_DROP

static __always_inline void *ctx_data(const struct ctx_buff *ctx)
{
	return (void *)(long)ctx->data;
}

static __always_inline void *ctx_end(const struct ctx_buff *ctx)
{
	return (void *)(long)ctx->data_end;
}

static __always_inline __u32 ctx_length(struct ctx_buff *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

static __always_inline __u32 ctx_ingress(const struct ctx_buff *ctx)
{
	return ctx->ingress_ifindex;
}

/* The linear part cannot grow here: headers that lie behind it count as cut short. */
static __always_inline int ctx_pull(struct ctx_buff *ctx, __u32 size)
{
	return ctx_end(ctx) - ctx_data(ctx) >= (long)size ? 0 : -1;
}

static __always_inline int ctx_cut_head(struct ctx_buff *ctx, int bytes)
{
	return bpf_xdp_adjust_head(ctx, bytes);
}

static __always_inline int ctx_redirect(struct ctx_buff *ctx, __u32 device)
{
	(void)ctx;
	return bpf_redirect(device, 0);
}

#endif
