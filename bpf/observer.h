/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The end of an observed packet in a twin: which sessions wanted it, and what they are told through the ring buffer.
 * All of it works on memory of the CPU's, which observer_steps.h has filled: so the stack stays low.
 */
#ifndef SLUICE_BPF_OBSERVER_H
#define SLUICE_BPF_OBSERVER_H

#include "bpf/counters.h"
#include "bpf/observer_filter.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* the loader gives it its size */
} observed_ring SEC(".maps");

#define OBSERVED_TAG_AT	  12 /* the tag stands behind both MACs, */
#define OBSERVED_TAG_SIZE 4
#define OBSERVED_LEAST	  (OBSERVED_TAG_AT + OBSERVED_TAG_SIZE)

/* Copies `size` bytes of the frame from `offset` on to place `at` of the CPU's memory. 0 or -1. */
__noinline int observe_part(struct ctx_buff *ctx, __u32 offset, __u32 at, __u32 size)
{
	struct dp_observed *observed = observed_row();
	__u64 place = at, length = size - 1; /* 6.1's verifier learns nothing from a comparison with 0 */

	if (!observed)
		return -1;
	barrier_var(place);
	barrier_var(length);
	if (place > DP_OBSERVED_FRAME + OBSERVED_LEAST || length >= DP_OBSERVED_FRAME)
		return -1;
	barrier_var(place);
	barrier_var(length);
	return ctx_load(ctx, offset, observed->byte + place, length + 1) ? -1 : 0;
}

/* The tag that stands beside the frame, where it belongs. */
__noinline int observe_tag(__u32 at, __u32 proto, __u32 control)
{
	struct dp_observed *observed = observed_row();
	__u64 place = at;

	if (!observed)
		return -1;
	barrier_var(place);
	if (place > DP_OBSERVED_FRAME)
		return -1;
	barrier_var(place);
	place &= ~1ULL;
	*(__be16 *)(observed->byte + place + OBSERVED_TAG_AT) = bpf_htons(proto);
	*(__be16 *)(observed->byte + place + OBSERVED_TAG_AT + 2) = bpf_htons(control);
	return 0;
}

/* The frame's first `most` bytes at place `at`, with the tag that stands beside it: how many there are. */
__noinline int observe_copy(struct ctx_buff *ctx, __u32 at, __u32 most)
{
	__u32 tag = ctx_tag(ctx), length = ctx_length(ctx) + (tag ? OBSERVED_TAG_SIZE : 0);
	int failed;

	if (most > length)
		most = length;
	if (!most)
		return 0;
	if (!tag)
		return observe_part(ctx, 0, at, most) ? 0 : most;
	if (most <= OBSERVED_LEAST)
		return 0;
	failed = observe_part(ctx, 0, at, OBSERVED_TAG_AT);
	failed |= observe_tag(at, ctx_tag_proto(ctx), tag & 0xffff);
	failed |= observe_part(ctx, OBSERVED_TAG_AT, at + OBSERVED_LEAST, most - OBSERVED_LEAST);
	return failed ? 0 : most;
}

/* Bytes that some of `observers` want of the frame as it came, or as it leaves. */
static __always_inline __u32 observed_snap(__u32 observers, bool out)
{
	__u32 snap = 0;

	for (__u32 i = 0; i < DP_OBSERVERS; i++) {
		const struct dp_observe_session *session = &observing.session[i];
		__u32 wanted = out ? session->out_snap : session->in_snap;

		if (observers >> i & 1 && wanted > snap)
			snap = wanted;
	}
	if (observers & DP_OBSERVED_SAMPLE && !out && observing.sample_snap > snap)
		snap = observing.sample_snap;
	return snap > DP_OBSERVED_FRAME ? DP_OBSERVED_FRAME : snap;
}

/* The sessions whose filter the packet fits, of which each counts it down. */
__noinline int observed_sessions(void)
{
	struct dp_observed *observed = observed_row();
	__u32 fits = 0;

	if (!observed)
		return 0;
	for (__u32 i = 0; i < DP_OBSERVERS; i++) {
		struct dp_observe_session *session = &observing.session[i];

		if (!(observed->wanted >> i & 1) || !filter_fits(i, 1))
			continue;
		if ((__s64)__sync_fetch_and_add(&session->left, -1) > 0)
			fits |= 1U << i;
		else
			__sync_fetch_and_add(&session->left, 1);
	}
	return fits;
}

/* The packet's steps at place `at`: the bytes that they take. */
__noinline int observed_add_steps(__u32 at)
{
	struct dp_observed *observed = observed_row();
	__u64 place = at;

	if (!observed)
		return 0;
	for (__u64 i = 0; i < DP_OBSERVED_STEPS; i++) {
		if (i >= observed->head.steps)
			break;
		barrier_var(place);
		if (place > DP_OBSERVED_BYTES - sizeof(struct dp_step))
			break;
		barrier_var(place);
		__builtin_memcpy(observed->byte + (place & ~7ULL), &observed->step[i], sizeof(struct dp_step));
		place += sizeof(struct dp_step);
	}
	return place - at;
}

/* There was no room in the ring: the sessions are still owed a packet. */
__noinline int observed_lost(__u32 observers)
{
	for (__u32 i = 0; i < DP_OBSERVERS; i++) {
		if (!(observers >> i & 1))
			continue;
		__sync_fetch_and_add(&observing.session[i].lost, 1);
		__sync_fetch_and_add(&observing.session[i].left, 1);
	}
	if (observers & DP_OBSERVED_SAMPLE)
		__sync_fetch_and_add(&observing.samples_lost, 1);
	return 0;
}

/* What stands in the CPU's memory, with so many bytes behind its head. */
__noinline int observed_send(__u32 behind)
{
	struct dp_observed *observed = observed_row();
	__u64 size = behind;

	if (!observed)
		return 0;
	barrier_var(size);
	if (size > DP_OBSERVED_BYTES)
		return 0;
	barrier_var(size);
	if (bpf_ringbuf_output(&observed_ring, &observed->head, sizeof(observed->head) + size, 0))
		observed_lost(observed->head.observers);
	return 0;
}

#define PADDED(size) (((size) + 7) & ~7U)

/* Tells whoever wants it of the packet, whose way is over: `left` says whether the frame has gone out. */
__noinline int observe_tell(struct ctx_buff *ctx)
{
	struct dp_observed *observed = observed_row();
	__u32 observers, behind;

	if (!observed || !observed->wanted || !observed->kept)
		return 0;
	observed->head.last.reason = observed->head.reason;
	observed->head.program = CTX_COMPLETE ? DP_OBSERVED_TC : DP_OBSERVED_XDP;
	if (observed->head.out_ifindex && !observed->head.out_length) {
		__u32 tag = ctx_tag(ctx);

		observed->head.out_length = ctx_length(ctx) + (tag ? OBSERVED_TAG_SIZE : 0);
		observed->head.out_tag = tag ? ctx_tag_proto(ctx) << 16 | (tag & 0xffff) : 0;
	}
	if (explains)
		return 0;
	observers = observed_sessions() | (observed->wanted & DP_OBSERVED_SAMPLE);
	if (!observers)
		return 0;
	observed->head.observers = observers;
	behind = PADDED(observed->head.in_kept);
	if (observed->head.out_ifindex) {
		observed->head.out_kept = observe_copy(ctx, behind, observed_snap(observers, true));
		behind += PADDED(observed->head.out_kept);
	}
	if (observed->steps)
		behind += observed_add_steps(behind);
	else
		observed->head.steps = 0;
	return observed_send(behind);
}

#endif
