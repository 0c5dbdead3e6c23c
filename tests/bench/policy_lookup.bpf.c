/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run looks up the first `lookups` packets' rules, one after the other. Run by tests/bench/policy_lookup.c. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct policy_query;
int guarded(const struct policy_query *query, __u32 row, __u64 order);
#define POLICY_CHAIN(tables, query, row, order) guarded(query, row, order)

#include "bpf/policy_find.h"
#include "tests/bench/policy_lookup.h"

struct {
	__u64 words[BENCH_WORDS] __attribute__((aligned(64)));
	__u64 slack[DP_FIB_SLACK / 8];
	struct dp_policy_rule rules[BENCH_RULES + 1];
	struct dp_policy_guard guards[BENCH_RULES + 1];
	struct dp_policy policies[BENCH_VRF + 1];
	struct dp_fib_trees trees[2 * (BENCH_VRF + 1)];
} bank;
struct bench_key key[BENCH_KEYS];
__u32 keys;
__u64 sum; /* of what was found, so that no look-up is in vain */

static __always_inline struct policy_tables tables_of(void)
{
	struct policy_tables tables = {
		.policy = &bank.policies[BENCH_VRF],
		.source = &bank.trees[2 * BENCH_VRF],
		.destination = &bank.trees[2 * BENCH_VRF + 1],
		.rules = bank.rules,
		.guards = bank.guards,
		.pool = bank.words,
		.mask = BENCH_WORDS - 1,
		.rule_last = BENCH_RULES,
		.guard_last = BENCH_RULES,
	};

	return tables;
}

/* Three functions, as the router has them (bpf/policy_tables.h). */
__noinline int guarded(const struct policy_query *query, __u32 row, __u64 order)
{
	struct policy_tables tables = tables_of();

	return query ? (int)policy_chain_walk(&tables, query, row, order) : 0;
}

__noinline int classes_of(const struct policy_query *query, struct policy_classes *classes)
{
	struct policy_tables tables = tables_of();

	if (!query || !classes)
		return -1;
	policy_classify(&tables, query, classes);
	return 0;
}

__noinline int rules_of(const struct policy_query *query, struct policy_classes *classes, struct policy_found *found)
{
	struct policy_tables tables = tables_of();

	if (!query || !classes || !found)
		return -1;
	return policy_match_some(&tables, query, classes, found);
}

static __always_inline void query_of(__u32 i, struct policy_query *query)
{
	const struct bench_key *from = &key[i & (BENCH_KEYS - 1)];

	query->source.word[3] = bpf_htonl(from->address[0]);
	query->destination.word[3] = bpf_htonl(from->address[1]);
	query->source_port = from->port[0];
	query->destination_port = from->port[1];
	query->protocol = from->protocol;
}

/* A step of the loop with its packet, and without looking it up. */
static long step_loop(__u32 i, void *context)
{
	struct policy_query *query = context;

	query_of(i, query);
	sum += query->source.word[3] + query->destination.word[3] + query->source_port + query->destination_port +
	       query->protocol;
	return 0;
}

/* The first half: the classes of its fields. */
static long step_classes(__u32 i, void *context)
{
	struct policy_query *query = context;
	struct policy_classes classes = {};

	query_of(i, query);
	if (classes_of(query, &classes))
		return 1;
	sum += classes.source + classes.destination + classes.source_port + classes.destination_port + classes.protocol;
	return 0;
}

static long step_find(__u32 i, void *context)
{
	struct policy_query *query = context;
	struct policy_classes classes = {};
	struct policy_found found = {};
	int more = 1;

	query_of(i, query);
	if (classes_of(query, &classes))
		return 1;
	for (int time = 0; time < POLICY_TIMES && more > 0; time++)
		more = rules_of(query, &classes, &found);
	if (more)
		return 1;
	sum += found.row[DP_POLICY_ACCESS];
	return 0;
}

#define RUN(name, step)                                                                                                \
	SEC("xdp")                                                                                                     \
	int name(struct xdp_md *context)                                                                               \
	{                                                                                                              \
		struct policy_query query = {                                                                          \
			.vrf = BENCH_VRF, .family = 4, .has_ports = 1, .categories = 1 << DP_POLICY_ACCESS};           \
                                                                                                                       \
		(void)context;                                                                                         \
		return bpf_loop(keys, step, &query, 0) == keys ? XDP_DROP : XDP_ABORTED;                               \
	}

RUN(run_loop, step_loop)
RUN(run_classes, step_classes)
RUN(run_find, step_find)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
