/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What makes the frames of flows, in either direction, and what takes them. bench_policy_traffic attaches them. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tests/bench/policy_traffic.h"

#define ETHERNET 14
#define LAYER4	 34

struct traffic_flow flows[TRAFFIC_FLOWS];
__u32 flow_count, next_flow;
__u32 reverse;	   /* as the server answers */
__u32 flags;	   /* TCP's, of all frames; 256: each flow's own */
__u32 out;	   /* device */
__u8 macs[12];	   /* destination, source */
__u32 sequence[2]; /* number and acknowledgement of a TCP segment, host order */
__u64 sent, received;
struct traffic_time first, last; /* of this run; the user clears `first` before it */
__u64 timed_from;		 /* the frame whose time is the first */

static __always_inline void take_time(__u64 number)
{
	if (number < timed_from)
		return;
	last.ns = bpf_ktime_get_ns();
	last.received = received;
	if (!first.ns)
		first = last;
}

static __always_inline void put16(__u8 *at, __u16 value)
{
	*(__u16 *)at = value;
}

static __always_inline void put32(__u8 *at, __u32 value)
{
	*(__u32 *)at = value;
}

static __always_inline void write_ipv4(__u8 *at, const struct traffic_flow *flow)
{
	__u32 from = reverse ? flow->destination : flow->source, to = reverse ? flow->source : flow->destination, sum;

	put16(at, bpf_htons(0x4500));
	put16(at + 2, bpf_htons(TRAFFIC_SIZE - ETHERNET));
	put16(at + 4, bpf_htons(TRAFFIC_ID));
	put16(at + 6, 0);
	at[8] = 64;
	at[9] = flow->protocol;
	put32(at + 12, from);
	put32(at + 16, to);
	sum = bpf_htons(0x4500) + bpf_htons(TRAFFIC_SIZE - ETHERNET) + bpf_htons(TRAFFIC_ID) + *(__u16 *)(at + 8) +
	      (from & 0xffff) + (from >> 16) + (to & 0xffff) + (to >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(at + 10, ~sum);
}

static __always_inline void write_layer4(__u8 *at, const struct traffic_flow *flow)
{
	put16(at, reverse ? flow->destination_port : flow->source_port);
	put16(at + 2, reverse ? flow->source_port : flow->destination_port);
	if (flow->protocol == 17) {
		put16(at + 4, bpf_htons(TRAFFIC_SIZE - LAYER4));
		put16(at + 6, 0);
		return;
	}
	put32(at + 4, bpf_htonl(sequence[0]));
	put32(at + 8, bpf_htonl(sequence[1]));
	at[12] = 5 << 4;
	at[13] = flags < 256 ? flags : flow->flags;
	put16(at + 14, bpf_htons(8192));
	put32(at + 16, 0);
}

/* One frame of the test run on live frames, whose page holds what the last one's way wrote: it is written anew. */
SEC("xdp")
int generate(struct xdp_md *ctx)
{
	__u8 *at = (__u8 *)(long)ctx->data;
	__u64 number = sent++;
	__u32 which = next_flow;

	next_flow = which + 1 < flow_count ? which + 1 : 0;
	if (!(number & (TRAFFIC_TIMED - 1)))
		take_time(number);
	if ((void *)(at + TRAFFIC_SIZE) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	for (int i = 0; i < 12; i++)
		at[i] = macs[i];
	put16(at + 12, bpf_htons(0x0800));
	write_ipv4(at + ETHERNET, &flows[which & (TRAFFIC_FLOWS - 1)]);
	write_layer4(at + LAYER4, &flows[which & (TRAFFIC_FLOWS - 1)]);
	return bpf_redirect(out, 0);
}

SEC("xdp")
int sink(struct xdp_md *ctx)
{
	const __u8 *at = (const __u8 *)(long)ctx->data;

	if ((const void *)(at + TRAFFIC_SIZE) > (const void *)(long)ctx->data_end)
		return XDP_PASS;
	if (*(const __u16 *)(at + 12) != bpf_htons(0x0800) || *(const __u16 *)(at + 18) != bpf_htons(TRAFFIC_ID))
		return XDP_PASS;
	received++;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
