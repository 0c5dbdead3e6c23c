/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A test run repeats a program on one frame and never sets the frame back, so the router would meet its own output.
 * This program puts the original headers back and then runs the one to be measured.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "tests/bpf/router/cost.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} measured SEC(".maps");

struct cost_frame original;

SEC("xdp.frags")
int cost_restore(struct xdp_md *ctx)
{
	int longer = (int)(ctx->data_end - ctx->data) - (int)original.length;
	__u64 *word;

	if (longer && bpf_xdp_adjust_head(ctx, longer))
		return XDP_ABORTED;
	word = (__u64 *)(long)ctx->data;
	if ((void *)(word + COST_WORDS) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	for (int i = 0; i < COST_WORDS; i++)
		word[i] = original.word[i];
	if (original.vary)
		*(__u32 *)((char *)word + COST_PORTS) = __sync_fetch_and_add(&original.count, 1);
	bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

/* The yardstick. */
SEC("xdp.frags")
int cost_redirect(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect(1, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
