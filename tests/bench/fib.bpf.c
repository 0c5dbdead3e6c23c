/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run looks up the first `lookups` addresses, one after the other. Run by tests/bench/fib.c. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/fib.h"
#include "tests/bench/fib.h"

struct {
	__u64 fib[DP_FIB_WORDS] __attribute__((aligned(64)));
	__u64 slack[DP_FIB_SLACK / 8];
	struct dp_fib_trees trees[2];
} bank;
__u32 address4[BENCH_ADDRESSES]; /* host order */
struct dp_address address6[BENCH_ADDRESSES];
__u32 lookups;
__u32 words; /* that the family's tree takes */
__u64 sum;   /* of what was found, so that no lookup is in vain */

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DP_MAX_ROUTES);
	__type(key, struct bench_key4);
	__type(value, struct dp_fib_leaf);
} trie4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DP_MAX_ROUTES);
	__type(key, struct bench_key6);
	__type(value, struct dp_fib_leaf);
} trie6 SEC(".maps");

static long loop4(__u32 i, void *context)
{
	(void)context;
	sum += address4[i & (BENCH_ADDRESSES - 1)];
	return 0;
}

static long loop6(__u32 i, void *context)
{
	(void)context;
	sum += address6[i & (BENCH_ADDRESSES - 1)].word[3];
	return 0;
}

/* The least that a lookup waits for: one word of as much memory, where the address, scattered, says. */
static __u64 read_word(__u32 address)
{
	__u32 scattered = (address * 0x9e3779b97f4a7c15ULL) >> 32;

	return bank.fib[((__u64)scattered * words >> 32) & (DP_FIB_WORDS - 1)];
}

static long read4(__u32 i, void *context)
{
	(void)context;
	sum += read_word(address4[i & (BENCH_ADDRESSES - 1)]);
	return 0;
}

static long read6(__u32 i, void *context)
{
	const struct dp_address *address = &address6[i & (BENCH_ADDRESSES - 1)];

	(void)context;
	sum += read_word(address->word[0] ^ address->word[1] ^ address->word[3]);
	return 0;
}

static long sluice4(__u32 i, void *context)
{
	(void)context;
	sum += fib_walk4(bank.fib, DP_FIB_WORDS - 1, &bank.trees[1].ipv4, address4[i & (BENCH_ADDRESSES - 1)]).group;
	return 0;
}

static long sluice6(__u32 i, void *context)
{
	(void)context;
	sum += fib_walk6(bank.fib, DP_FIB_WORDS - 1, &bank.trees[1].ipv6, &address6[i & (BENCH_ADDRESSES - 1)]).group;
	return 0;
}

static long lpm_trie4(__u32 i, void *context)
{
	struct bench_key4 key = {32, bpf_htonl(address4[i & (BENCH_ADDRESSES - 1)])};
	const struct dp_fib_leaf *found = bpf_map_lookup_elem(&trie4, &key);

	(void)context;
	sum += found ? found->group : 0;
	return 0;
}

static long lpm_trie6(__u32 i, void *context)
{
	struct bench_key6 key = {128, address6[i & (BENCH_ADDRESSES - 1)]};
	const struct dp_fib_leaf *found = bpf_map_lookup_elem(&trie6, &key);

	(void)context;
	sum += found ? found->group : 0;
	return 0;
}

#define RUN(name, body)                                                                                                \
	SEC("xdp")                                                                                                     \
	int name(struct xdp_md *context)                                                                               \
	{                                                                                                              \
		(void)context;                                                                                         \
		bpf_loop(lookups, body, NULL, 0);                                                                      \
		return XDP_DROP;                                                                                       \
	}

RUN(run_loop4, loop4)
RUN(run_loop6, loop6)
RUN(run_read4, read4)
RUN(run_read6, read6)
RUN(run_sluice4, sluice4)
RUN(run_sluice6, sluice6)
RUN(run_lpm_trie4, lpm_trie4)
RUN(run_lpm_trie6, lpm_trie6)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
