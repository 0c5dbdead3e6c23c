/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The context of an XDP program: what ctx.h asks for. */
#ifndef SLUICE_BPF_CTX_XDP_H
#define SLUICE_BPF_CTX_XDP_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "api/dp/address.h"
#include "bpf/ctx_shape.h"

/* The verifier knows the context of a function by the name of its type. */
#define ctx_buff xdp_md

#define CTX_PASS XDP_PASS
#define CTX_DROP XDP_DROP

#define CTX_FUNCTION static __always_inline

enum { CTX_COMPLETE = 0, CTX_TAGS_BESIDE = 0, CTX_SEGMENTS = 0 };

static __always_inline void *ctx_data(const struct ctx_buff *ctx)
{
	return (void *)(long)ctx->data;
}

static __always_inline void *ctx_end(const struct ctx_buff *ctx)
{
	return (void *)(long)ctx->data_end;
}

/* The linear part: headers that lie behind it count as cut short. */
static __always_inline __u32 ctx_begin(const struct ctx_buff *ctx)
{
	return ctx_end(ctx) - ctx_data(ctx);
}

static __always_inline int ctx_pull(struct ctx_buff *ctx, __u32 size)
{
	(void)ctx, (void)size;
	return -1;
}

static __always_inline bool ctx_verified(struct ctx_buff *ctx)
{
	(void)ctx;
	return false;
}

static __always_inline __u32 ctx_length(struct ctx_buff *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

static __always_inline __u32 ctx_segment(const struct ctx_buff *ctx)
{
	(void)ctx;
	return 0;
}

static __always_inline __u32 ctx_ingress(const struct ctx_buff *ctx)
{
	return ctx->ingress_ifindex;
}

static __always_inline __u32 ctx_tag(const struct ctx_buff *ctx)
{
	(void)ctx;
	return 0;
}

static __always_inline __u32 ctx_tag_proto(const struct ctx_buff *ctx)
{
	(void)ctx;
	return 0;
}

static __always_inline int ctx_load(struct ctx_buff *ctx, __u32 offset, void *to, __u32 size)
{
	return bpf_xdp_load_bytes(ctx, offset, to, size);
}

/* One move of the frame's start, and none where the sizes agree. */
static __always_inline int ctx_reshape(struct ctx_buff *ctx, const struct ctx_shape *shape)
{
	int cut = shape->l3 - shape->link - shape->encap;

	return cut ? bpf_xdp_adjust_head(ctx, cut) : 0;
}

static __always_inline int ctx_cut_tail(struct ctx_buff *ctx, __u32 size)
{
	return bpf_xdp_adjust_tail(ctx, (int)(size - ctx_length(ctx)));
}

static __always_inline int ctx_push_tag(struct ctx_buff *ctx, __u16 eth_proto, __u16 id)
{
	(void)ctx, (void)eth_proto, (void)id;
	return -1;
}

static __always_inline int ctx_replace(struct ctx_buff *ctx, const struct ctx_replace *replace)
{
	(void)ctx, (void)replace;
	return -1;
}

static __always_inline int ctx_change_checksum(struct ctx_buff *ctx, const struct ctx_change *change)
{
	(void)ctx, (void)change;
	return -1;
}

static __always_inline int ctx_resolve(__u32 device, const struct dp_address *host)
{
	(void)device, (void)host;
	return CTX_DROP;
}

static __always_inline int ctx_redirect(struct ctx_buff *ctx, __u32 device)
{
	(void)ctx;
	return bpf_redirect(device, 0);
}

#endif
