/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A test run repeats a program on one frame and never sets it back. These programs do, give it the next flow's source
 * port, and then run the one to be measured: once for programs that take frames in several buffers and once for others,
 * which may not share an array.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tests/bench/service_packet.h"

#define SOURCE_PORT 34 /* of IPv4 without options */

struct measured {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};

struct measured measured SEC(".maps"), measured_frags SEC(".maps");
struct service_frame frame;

static __always_inline int restore(struct xdp_md *ctx)
{
	int longer = (int)(ctx->data_end - ctx->data) - (int)sizeof(frame.word);
	__u64 *word;

	if (longer && bpf_xdp_adjust_head(ctx, longer))
		return -1;
	word = (__u64 *)(long)ctx->data;
	if ((void *)(word + SERVICE_WORDS) > (void *)(long)ctx->data_end)
		return -1;
	for (int i = 0; i < SERVICE_WORDS; i++)
		word[i] = frame.word[i];
	*(__u16 *)((__u8 *)word + SOURCE_PORT) = bpf_htons(frame.first_port + (frame.flow++ & frame.flow_mask));
	return 0;
}

SEC("xdp")
int restore_plain(struct xdp_md *ctx)
{
	if (!restore(ctx))
		bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

SEC("xdp.frags")
int restore_frags(struct xdp_md *ctx)
{
	if (!restore(ctx))
		bpf_tail_call(ctx, &measured_frags, 0);
	return XDP_ABORTED;
}

/* The yardsticks: what a loop costs without a balancer, and what it costs to make the frame longer and shorter again.
 */
SEC("xdp")
int bare(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_TX;
}

SEC("xdp")
int bare_longer(struct xdp_md *ctx)
{
	return bpf_xdp_adjust_head(ctx, -SERVICE_GROWTH) ? XDP_ABORTED : XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
