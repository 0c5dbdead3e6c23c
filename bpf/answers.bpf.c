/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The answers that the router owes: the filter behind router_tc.bpf.c, a program of its own since it needs much of what
 * one program may have of stack and of the verifier's patience, and most packets none of it. Buffers that it was not
 * asked about go on untouched.
 */
#include "bpf/ctx_tc.h"
#include "bpf/answer.h"
#include "bpf/ask.h"

#ifdef OBSERVER
#include "bpf/observer.h"
#define sluice_answers sluice_seen_ans
#endif

SEC("tc")
int sluice_answers(struct __sk_buff *ctx)
{
	struct dp_owed *owed = owed_row();
	int verdict;

	if (!OBSERVER && owed && owed->waits && owed->observed)
		bpf_tail_call_static(ctx, &twin, 0);
	owed = asked(ctx);
	if (!owed)
		return CTX_PASS;
	verdict = answer(ctx, (struct packet *)owed->packet, owed->reason);
	observed_answer(ctx);
	return verdict;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
