/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The answers that the router owes: the filter behind router_tc.bpf.c, a program of its own since it needs much of what
 * one program may have of stack and of the verifier's patience, and most packets none of it. Buffers that it was not
 * asked about go on untouched.
 */
#include "bpf/ctx_tc.h"
#include "bpf/answer.h"
#include "bpf/ask.h"

SEC("tc")
int sluice_answers(struct __sk_buff *ctx)
{
	struct dp_owed *owed = asked(ctx);

	return owed ? answer(ctx, (struct packet *)owed->packet, owed->reason) : CTX_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
