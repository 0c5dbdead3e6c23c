/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the stages meet the observer (api/dp/observe.h): in an ordinary program these functions hand the packet to the
 * twin, or are nothing; in the twin they note what becomes of the packet.
 */
#ifndef SLUICE_BPF_OBSERVE_H
#define SLUICE_BPF_OBSERVE_H

#include "api/dp/observe.h"
#include "bpf/packet.h"

#ifdef OBSERVER

struct dp_observing observing SEC(".data.observing");

struct dp_observed observed_rows[1] SEC(".data.observed"); /* for each possible CPU */

/* An explained packet's is the first: it runs in no softirq, and one comes behind the other. */
static __always_inline struct dp_observed *observed_row(void)
{
	struct dp_observed *rows = observed_rows;
	__u64 cpu = explains ? 0 : bpf_get_smp_processor_id();

	barrier_var(cpu);
	if (cpu > SHAPE(pending_last))
		return NULL;
	barrier_var(cpu);
	asm("" : "+r"(rows)); /* the map is longer than the variable */
	rows += cpu;
	asm volatile("" : "+r"(rows)); /* here and now: later 6.1 would no longer know the bound */
	return rows;
}

/* Keeps the frame as it came, and what is known of it, if that has not been done: before a byte is changed. */
int observe_frame(struct ctx_buff *ctx, const struct packet *packet);

/* The VRF in which the packet is explained, past its port; 0: it comes by one. */
static __always_inline __u16 explained_vrf(void)
{
	return explains ? observing.vrf : 0;
}

/* The packet has been counted. */
static __always_inline void observe_reason(const struct packet *packet, __u32 reason, __u16 out_interface)
{
	struct dp_observed *observed = observed_row();

	if (!observed)
		return;
	observed->head.reason = reason;
	observed->head.out_interface = out_interface;
	observed->head.last.sent = packet->sent;
	observed->head.last.encapsulated = packet->encapsulated;
	observed->head.last.port_pair_group = packet->port_pair_group;
}

/* The packet's way begins; and it is over in a program that lets no other go on with it. */
int observe_begin(void);
int observe_tell(struct ctx_buff *ctx);

static __always_inline void observed_begin(void)
{
	observe_begin();
}

static __always_inline void observed_end(struct ctx_buff *ctx, const struct packet *packet)
{
	observe_frame(ctx, packet);
	observe_tell(ctx);
}

/* The same of one that the program before has left to that of the answers. */
static __always_inline void observed_answer(struct ctx_buff *ctx)
{
	observe_tell(ctx);
}

/* It leaves by the device. */
static __always_inline void observe_device(__u32 ifindex)
{
	struct dp_observed *observed = observed_row();

	if (observed)
		observed->head.out_ifindex = ifindex;
}

#else

static __always_inline int observe_frame(struct ctx_buff *ctx, const struct packet *packet)
{
	(void)ctx, (void)packet;
	return 0;
}

static __always_inline __u16 explained_vrf(void)
{
	return 0;
}

static __always_inline void observe_reason(const struct packet *packet, __u32 reason, __u16 out_interface)
{
	(void)packet, (void)reason, (void)out_interface;
}

static __always_inline void observed_begin(void)
{
}

static __always_inline void observed_end(struct ctx_buff *ctx, const struct packet *packet)
{
	(void)ctx, (void)packet;
}

static __always_inline void observed_answer(struct ctx_buff *ctx)
{
	(void)ctx;
}

static __always_inline void observe_device(__u32 ifindex)
{
	(void)ifindex;
}

#endif
#endif
