/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Around the router: what makes the frames, what takes them, and the least that an XDP program can do with them.
 * bench_forward attaches them.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tests/bench/forward.h"

__u32 address[TRAFFIC_ADDRESSES]; /* network order */
struct traffic_frame frames[TRAFFIC_FRAMES];
__u32 ip_offset; /* of the IPv4 header whose destination varies */
__u32 out;	 /* device */
__u64 sent, received;
struct traffic_time first, last; /* of this run; the user clears `first` before it */
__u64 timed_from;		 /* the frame whose time is the first */
__u32 next_frame;

static __always_inline void take_time(__u64 number)
{
	if (number < timed_from)
		return;
	last.ns = bpf_ktime_get_ns();
	last.received = received;
	if (!first.ns)
		first = last;
}

/*
 * One frame of the test run on live frames. Its page has been through the router before and holds what that wrote: all
 * headers are written anew. Frames are cut to the length in question; the next run starts at full length again.
 */
SEC("xdp")
int generate(struct xdp_md *ctx)
{
	__u64 number = sent++;
	__u32 which = next_frame;
	const struct traffic_frame *frame = &frames[which & (TRAFFIC_FRAMES - 1)];
	__u32 to = address[number & (TRAFFIC_ADDRESSES - 1)];
	__u64 length = frame->length; /* 64 bits: a difference of pointers */
	long longer = (long)ctx->data_end - (long)ctx->data - length;
	__u64 offset = ip_offset, sum;
	__u64 *word;
	__u8 *ip;

	if (!(number & (TRAFFIC_TIMED - 1)))
		take_time(number);
	next_frame = which + 1 < TRAFFIC_SIZES ? which + 1 : 0;
	if (longer && bpf_xdp_adjust_tail(ctx, -longer))
		return XDP_ABORTED;
	word = (__u64 *)(long)ctx->data;
	/* The shortest frame has 60 bytes: in words of 8, 7 and a half. */
	for (int i = 0; i < TRAFFIC_HEADERS / 8; i++) {
		if ((void *)(word + i + 1) > (void *)(long)ctx->data_end)
			break;
		word[i] = frame->word[i];
	}
	if (offset > 64)
		return XDP_ABORTED;
	ip = (__u8 *)word + offset;
	if ((void *)(ip + 20) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	sum = frame->sum + (to & 0xffff) + (to >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	*(__u16 *)(ip + 10) = ~sum;
	*(__u16 *)(ip + 16) = to;
	*(__u16 *)(ip + 18) = to >> 16;
	return bpf_redirect(out, 0);
}

SEC("xdp")
int sink(struct xdp_md *ctx)
{
	(void)ctx;
	received++;
	return XDP_DROP;
}

/* The limit: a redirect to a device that is known. */
const volatile __u32 bare_out;

SEC("xdp")
int bare(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect(bare_out, 0);
}

/* The instances of the two stages: what comes in at one device goes out of its peer's. */
__u32 stage_out[2];

SEC("xdp")
int stage_first(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect(stage_out[0], 0);
}

SEC("xdp")
int stage_second(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect(stage_out[1], 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
