/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* half_commit.c's packets: made anew for every run, and looked at where they arrive. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tests/bpf/half_commit.h"

/* Of a packet in VXLAN over IPv4. */
#define VNI	   (14 + 20 + 8 + 4)
#define INNER	   (14 + 20 + 8 + 8)
#define INNER_TO   (INNER + 14 + 16)
#define INNER_PORT (INNER + 14 + 20 + 2)

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} router SEC(".maps");

__u8 frame[FRAME_BYTES];
struct tally tally[TALLIES];

static __always_inline struct tally *tally_here(void)
{
	return &tally[bpf_get_smp_processor_id() % TALLIES];
}

/* Recycled pages keep what the router wrote, so the whole packet is written again. */
SEC("xdp.frags")
int generate(struct xdp_md *ctx)
{
	int longer = (int)(ctx->data_end - ctx->data) - FRAME_BYTES;
	static __u32 number;
	__u8 *byte;

	if (longer && bpf_xdp_adjust_head(ctx, longer))
		return XDP_ABORTED;
	byte = (__u8 *)(long)ctx->data;
	if (byte + FRAME_BYTES > (__u8 *)(long)ctx->data_end)
		return XDP_ABORTED;
	__builtin_memcpy(byte, frame, FRAME_BYTES);
	byte[14 + 20 + 3] = PORT_WEB + (number++ & 3);
	if (byte[14 + 20 + 3] == PORT_VIP) {
		byte[14 + 17] = 8;
		byte[14 + 19] = 2;
	}
	bpf_tail_call(ctx, &router, 0);
	return XDP_ABORTED;
}

/*
 * Revision r is in the next hop's MAC, in the inner MAC, in the VNI, and in the address of the service's member, which
 * the VIP becomes; its lowest bit says which of two groups the
 * route takes, and that a rule takes the other one; whether there is a chain, and whether a rule denies: web packets
 * are tunnelled, and gated ones let through, only by odd ones.
 */
SEC("xdp.frags")
int look(struct xdp_md *ctx)
{
	const __u8 *byte = (const __u8 *)(long)ctx->data;
	struct tally *here = tally_here();
	__u8 revision, port, odd, group;

	if (byte + INNER_PORT + 2 > (const __u8 *)(long)ctx->data_end || byte[12] != 0x08 || byte[13] != 0)
		return XDP_PASS; /* the kernel's own */
	revision = byte[5];
	port = byte[INNER_PORT + 1];
	odd = revision & 1;
	group = port == PORT_STEERED ? !odd : odd;
	here->tunnelled++;
	if (byte[VNI + 2] == revision && byte[INNER + 5] == revision && byte[INNER + 4] == group &&
	    (odd || (port != PORT_WEB && port != PORT_GATED)) &&
	    (port != PORT_VIP || (byte[INNER_TO + 1] == 9 && byte[INNER_TO + 3] == revision)))
		return XDP_DROP;
	here->halves++;
	here->half[0] = revision;
	here->half[1] = byte[INNER + 5];
	here->half[2] = byte[VNI + 2];
	here->half[3] = byte[INNER + 4];
	here->half[4] = port;
	here->half[5] = byte[INNER_TO + 3];
	return XDP_DROP;
}

/* At the chain's stage only web packets arrive. */
SEC("xdp.frags")
int look_at_stage(struct xdp_md *ctx)
{
	const __u8 *byte = (const __u8 *)(long)ctx->data;
	struct tally *here = tally_here();

	if (byte + FRAME_BYTES > (const __u8 *)(long)ctx->data_end || byte[12] != 0x08 || byte[13] != 0)
		return XDP_PASS;
	here->steered++;
	if (byte[14 + 20 + 3] != PORT_WEB)
		here->halves++;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
