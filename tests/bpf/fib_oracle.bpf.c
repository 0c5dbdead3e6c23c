/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Looks the same addresses up in the FIB of the router and in the kernel's LPM_TRIE. One run goes through all of
 * address[]; what it does with each is the program's name. Run by tests/bpf/fib_oracle.c.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/fib.h"
#include "tests/bpf/fib_oracle.h"

struct {
	__u64 fib[DP_FIB_WORDS] __attribute__((aligned(64)));
	__u64 slack[DP_FIB_SLACK / 8];
	struct dp_fib_trees trees[2];
} bank;
struct dp_address address[ORACLE_ADDRESSES];
__u64 disagreements;
__u32 first_disagreement; /* its index in address[] */
__u64 sum;		  /* of what was found, so that no lookup is in vain */

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DP_MAX_ROUTES);
	__type(key, struct oracle_key4);
	__type(value, struct dp_fib_leaf);
} trie4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DP_MAX_ROUTES);
	__type(key, struct oracle_key6);
	__type(value, struct dp_fib_leaf);
} trie6 SEC(".maps");

static __always_inline struct dp_fib_leaf by_fib4(__u32 i)
{
	return fib_walk4(bank.fib, DP_FIB_WORDS - 1, &bank.trees[1].ipv4,
			 bpf_ntohl(address[i & (ORACLE_ADDRESSES - 1)].word[3]));
}

static __always_inline struct dp_fib_leaf by_fib6(__u32 i)
{
	return fib_walk6(bank.fib, DP_FIB_WORDS - 1, &bank.trees[1].ipv6, &address[i & (ORACLE_ADDRESSES - 1)]);
}

static __always_inline struct dp_fib_leaf by_trie4(__u32 i)
{
	struct oracle_key4 key = {32, address[i & (ORACLE_ADDRESSES - 1)].word[3]};
	const struct dp_fib_leaf *found = bpf_map_lookup_elem(&trie4, &key);
	struct dp_fib_leaf none = {};

	return found ? *found : none;
}

static __always_inline struct dp_fib_leaf by_trie6(__u32 i)
{
	struct oracle_key6 key = {128, address[i & (ORACLE_ADDRESSES - 1)]};
	const struct dp_fib_leaf *found = bpf_map_lookup_elem(&trie6, &key);
	struct dp_fib_leaf none = {};

	return found ? *found : none;
}

static __always_inline void compare(__u32 i, struct dp_fib_leaf a, struct dp_fib_leaf b)
{
	if (a.group == b.group && a.route == b.route)
		return;
	if (!disagreements++)
		first_disagreement = i;
}

static long step_compare4(__u32 i, void *context)
{
	(void)context;
	compare(i, by_fib4(i), by_trie4(i));
	return 0;
}

static long step_compare6(__u32 i, void *context)
{
	(void)context;
	compare(i, by_fib6(i), by_trie6(i));
	return 0;
}

static long step_fib4(__u32 i, void *context)
{
	(void)context;
	sum += by_fib4(i).group;
	return 0;
}

static long step_fib6(__u32 i, void *context)
{
	(void)context;
	sum += by_fib6(i).group;
	return 0;
}

static long step_trie4(__u32 i, void *context)
{
	(void)context;
	sum += by_trie4(i).group;
	return 0;
}

static long step_trie6(__u32 i, void *context)
{
	(void)context;
	sum += by_trie6(i).group;
	return 0;
}

static long step_none(__u32 i, void *context)
{
	(void)context;
	sum += address[i & (ORACLE_ADDRESSES - 1)].word[3];
	return 0;
}

SEC("xdp")
int compare4(struct xdp_md *context)
{
	(void)context;
	bpf_loop(ORACLE_ADDRESSES, step_compare4, NULL, 0);
	return XDP_DROP;
}

SEC("xdp")
int compare6(struct xdp_md *context)
{
	(void)context;
	bpf_loop(ORACLE_ADDRESSES, step_compare6, NULL, 0);
	return XDP_DROP;
}

SEC("xdp")
int time_fib4(struct xdp_md *context)
{
	(void)context;
	bpf_loop(ORACLE_ADDRESSES, step_fib4, NULL, 0);
	return XDP_DROP;
}

SEC("xdp")
int time_fib6(struct xdp_md *context)
{
	(void)context;
	bpf_loop(ORACLE_ADDRESSES, step_fib6, NULL, 0);
	return XDP_DROP;
}

SEC("xdp")
int time_trie4(struct xdp_md *context)
{
	(void)context;
	bpf_loop(ORACLE_ADDRESSES, step_trie4, NULL, 0);
	return XDP_DROP;
}

SEC("xdp")
int time_trie6(struct xdp_md *context)
{
	(void)context;
	bpf_loop(ORACLE_ADDRESSES, step_trie6, NULL, 0);
	return XDP_DROP;
}

SEC("xdp")
int time_none(struct xdp_md *context)
{
	(void)context;
	bpf_loop(ORACLE_ADDRESSES, step_none, NULL, 0);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
