/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The look-up of policy_find.h in the tables of a bank. */
#ifndef SLUICE_BPF_POLICY_TABLES_H
#define SLUICE_BPF_POLICY_TABLES_H

#include "bpf/tables.h"

/* Few rules have guards: their chains are walked by a function of its own, which the verifier sees once. */
#define POLICY_CHAIN(tables, query, row, order) policy_guarded((tables)->bank, query, row, order)

#define POLICY_CLASS6(tables, field, trees, address)                                                                   \
	(__u32) policy_class6((tables)->bank, query->vrf * 2U + (field), address)

struct policy_query;
int policy_guarded(__u32 bank, const struct policy_query *query, __u32 row, __u64 order);
int policy_class6(__u32 bank, __u32 index, const struct dp_address *address);

#include "bpf/policy_find.h"

/* Row of the first rule of the chain that is better than `order` and whose guard holds; 0: none. */
__noinline int policy_guarded(__u32 bank, const struct policy_query *query, __u32 row, __u64 order)
{
	struct policy_tables tables = {
		.rules = rows_of(policy_rule_rows, SHAPE(policy_rules_half), bank),
		.guards = rows_of(policy_guard_rows, SHAPE(policy_guards_half), bank),
		.rule_last = SHAPE(policy_rules_last),
		.guard_last = SHAPE(policy_guards_last),
	};

	if (!query)
		return 0;
	return (int)policy_chain_walk(&tables, query, row, order);
}

/* As policy_address_class, of an IPv6 address. */
__noinline int policy_class6(__u32 bank, __u32 index, const struct dp_address *address)
{
	struct policy_tables tables = {.pool = policy_pool(bank), .mask = policy_mask()};
	const struct dp_fib_trees *trees = policy_tree_row(bank, index);

	return address && trees ? (int)policy_address_class(&tables, trees, address, 6) : 0;
}

__noinline int policy_classes_of(__u32 bank, const struct policy_query *query, struct policy_classes *classes)
{
	struct policy_tables tables = {.bank = bank, .pool = policy_pool(bank), .mask = policy_mask()};
	__u64 vrf;

	if (!query || !classes)
		return -1;
	vrf = query->vrf;
	tables.policy = policy_row(bank, vrf);
	tables.source = policy_tree_row(bank, vrf * 2);
	tables.destination = policy_tree_row(bank, vrf * 2 + 1);
	if (!tables.policy || !tables.source || !tables.destination)
		return -1;
	policy_classify(&tables, query, classes);
	return 0;
}

/*
 * The best rule of each category that is wanted and that the packet meets, by row, as far as some of the tuples have
 * them: 0 where that was all, 1 where it is to be called again, and -1. A function of its own for some, through which
 * the verifier goes once.
 */
__noinline int policy_rules_of(__u32 bank, const struct policy_query *query, struct policy_classes *classes,
			       struct policy_found *found)
{
	struct policy_tables tables = {
		.bank = bank,
		.rules = rows_of(policy_rule_rows, SHAPE(policy_rules_half), bank),
		.rule_last = SHAPE(policy_rules_last),
		.pool = policy_pool(bank),
		.mask = policy_mask(),
	};

	if (!query || !classes || !found)
		return -1;
	tables.policy = policy_row(bank, query->vrf);
	return tables.policy ? policy_match_some(&tables, query, classes, found) : -1;
}

#endif
