/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules that a packet meets: the best one of each category (api/dp/policy.h says how they lie). Compiled for BPF
 * and natively. Every read of the pool is masked and stays within DP_FIB_SLACK behind it, whatever is in it.
 */
#ifndef SLUICE_BPF_POLICY_FIND_H
#define SLUICE_BPF_POLICY_FIND_H

#include "bpf/fib.h"

/* Of the packet, as rules speak of it. */
struct policy_query {
	struct dp_address source, destination;
	__u16 source_port, destination_port; /* host order; of ICMP the destination's is type << 8 | code */
	__u16 vrf;
	__u8 family; /* 4 or 6 */
	__u8 protocol;
	__u8 has_ports;	 /* 0: no rule that asks for ports is about it */
	__u8 categories; /* bit per category that is wanted */
	/* Facts, for guards alone. */
	__u8 tcp_flags;
	__u8 dscp;
	__u8 fragment;		 /* enum fragment of bpf/packet.h */
	__u8 state;		 /* sluice.v1.ConnectionState */
	__u8 options;		 /* bit per dp_policy.option that it has */
	__u8 no_tcp_flags;	 /* 1: they are not in reach, and no guard about them holds */
	__u16 interface, tunnel; /* by which it came; 0: none */
	__u32 vni;
	__u64 option[DP_POLICY_OPTIONS]; /* their first 8 bytes as a big-endian number, zeros behind their end */
};

/* Rows of policy_rules by category; 0: none. */
struct policy_found {
	__u16 row[8];
};

/* Where it is looked up: a bank's tables. `rule_last` and `guard_last` are the highest rows. */
struct policy_tables {
	const struct dp_policy *policy; /* the VRF's row */
	const struct dp_fib_trees *source, *destination;
	const struct dp_policy_rule *rules;
	const struct dp_policy_guard *guards;
	const __u64 *pool;
	__u64 mask, rule_last, guard_last;
	__u32 bank; /* where POLICY_CHAIN needs it */
};

/* The packet's classes as word indices: of the four fields, and the tuples of its protocol. And how far the look-up by
 * them has come. */
struct policy_classes {
	__u32 source, destination, source_port, destination_port;
	__u32 protocol;
	__u32 wanted;	  /* bit per category that is looked for still */
	__u64 word;	  /* of tuples, 64 each, */
	__u64 candidates; /* and those of this word that are still to be probed */
};

#define POLICY_BITMAPS (DP_POLICY_TUPLES / 64)

#define POLICY_BARRIER(x) asm volatile("" : "+r"(x))

static __always_inline const struct dp_policy_rule *policy_rule_at(const struct policy_tables *tables, __u64 row)
{
	POLICY_BARRIER(row);
	if (row > tables->rule_last)
		return 0;
	POLICY_BARRIER(row);
	return tables->rules + row;
}

static __always_inline const struct dp_policy_guard *policy_guard_at(const struct policy_tables *tables, __u64 row)
{
	POLICY_BARRIER(row);
	if (row > tables->guard_last)
		return 0;
	POLICY_BARRIER(row);
	return tables->guards + row;
}

static __always_inline int policy_option_holds(const struct dp_policy_guard *guard, const struct policy_query *query)
{
	__u64 index = guard->option & (DP_POLICY_OPTIONS - 1);

	POLICY_BARRIER(index);
	index &= DP_POLICY_OPTIONS - 1;
	return query->options >> index & 1 && (query->option[index] & guard->option_mask) == guard->option_value;
}

/* All that the guard asks. */
static __always_inline int policy_guard_holds(const struct dp_policy_guard *guard, const struct policy_query *query)
{
	__u32 asks = guard->asks, fails = 0;

	if (query->no_tcp_flags || (query->tcp_flags & guard->tcp_mask) != guard->tcp_flags)
		fails |= DP_GUARD_TCP_FLAGS;
	if (query->dscp != guard->dscp)
		fails |= DP_GUARD_DSCP;
	if (!(guard->fragments >> (query->fragment & 7) & 1))
		fails |= DP_GUARD_FRAGMENT;
	if (!(guard->states >> (query->state & 7) & 1))
		fails |= DP_GUARD_STATE;
	if (query->interface != guard->interface)
		fails |= DP_GUARD_INTERFACE;
	if (guard->tunnel ? query->tunnel != guard->tunnel : !query->tunnel)
		fails |= DP_GUARD_TUNNEL;
	if (query->vni != guard->vni)
		fails |= DP_GUARD_VNI;
	if (asks & fails)
		return 0;
	return !(asks & DP_GUARD_OPTION) || policy_option_holds(guard, query);
}

/* The first rule of the chain, which begins at this row, whose guard holds and that is better than `order`; 0: none. */
static __always_inline __u64 policy_chain_walk(const struct policy_tables *tables, const struct policy_query *query,
					       __u64 row, __u64 order)
{
	for (int i = 0; i < DP_POLICY_CHAIN; i++) {
		const struct dp_policy_rule *rule = policy_rule_at(tables, row);
		const struct dp_policy_guard *guard;

		if (!row || !rule || rule->order >= order)
			return 0;
		if (!rule->guard)
			return row;
		guard = policy_guard_at(tables, rule->guard);
		if (guard && policy_guard_holds(guard, query))
			return row;
		row = rule->next;
	}
	return 0;
}

/* A program may walk chains elsewhere, since few rules have guards. */
#ifndef POLICY_CHAIN
#define POLICY_CHAIN(tables, query, row, order) policy_chain_walk(tables, query, row, order)
#endif

static __always_inline __u32 policy_or_default(const struct policy_tables *tables, __u32 word, __u32 field)
{
	return word ? word : tables->policy->classes + field * (__u32)(sizeof(struct dp_policy_class) / 8);
}

static __always_inline const struct dp_policy_class *policy_class_at(const struct policy_tables *tables, __u32 word)
{
	return (const struct dp_policy_class *)(tables->pool + (word & tables->mask));
}

static __always_inline __u32 policy_host32(__u32 network_order)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap32(network_order);
#else
	return network_order;
#endif
}

static __always_inline __u32 policy_address_class(const struct policy_tables *tables, const struct dp_fib_trees *trees,
						  const struct dp_address *address, int family)
{
	struct dp_fib_leaf leaf;

	if (family == 4)
		leaf = fib_walk4(tables->pool, tables->mask, &trees->ipv4, policy_host32(address->word[3]));
	else
		leaf = fib_walk6(tables->pool, tables->mask, &trees->ipv6, address);
	return leaf.route * (sizeof(struct dp_policy_class) / 8);
}

#ifndef POLICY_CLASS6
#define POLICY_CLASS6(tables, field, trees, address) policy_address_class(tables, trees, address, 6)
#endif

static __always_inline __u32 policy_port_entry(const struct policy_tables *tables, __u32 base, __u32 index)
{
	return ((const __u32 *)tables->pool)[((__u64)base * 2 + (index & 255)) & (tables->mask * 2 + 1)];
}

/* Without entries these are the pool's first words, which are 0. */
static __always_inline __u32 policy_port_class(const struct policy_tables *tables, __u32 entries, __u32 port)
{
	__u32 entry = policy_port_entry(tables, entries, port >> 8);

	if (entry & DP_POLICY_PAGE)
		entry = policy_port_entry(tables, entry & ~DP_POLICY_PAGE, port);
	return entry;
}

static __always_inline __u32 policy_protocol(const struct policy_tables *tables, __u32 protocol, int ipv6)
{
	__u64 base = tables->policy->protocols, word = base + (protocol >> 3 & 31), number;

	number = fib_little64(tables->pool[word & tables->mask]) >> (protocol & 7) * 8 & 255;
	return base + DP_POLICY_PROTOCOL_WORDS + (number * 2 + (ipv6 != 0)) * (DP_POLICY_TUPLES / 64);
}

/* Bit per tuple of this word that may have a rule for the packet. */
static __always_inline __u64 policy_candidates(const struct policy_tables *tables, const struct policy_classes *classes,
					       __u64 word)
{
	POLICY_BARRIER(word);
	word &= POLICY_BITMAPS - 1;
	return policy_class_at(tables, classes->source)->tuples[word] &
	       policy_class_at(tables, classes->destination)->tuples[word] &
	       policy_class_at(tables, classes->source_port)->tuples[word] &
	       policy_class_at(tables, classes->destination_port)->tuples[word] &
	       (tables->pool + (classes->protocol & tables->mask))[word];
}

static __always_inline void policy_classify(const struct policy_tables *tables, const struct policy_query *query,
					    struct policy_classes *classes)
{
	const struct dp_policy *policy = tables->policy;
	__u32 source_ports = query->has_ports ? policy->source_ports : 0;
	__u32 destination_ports = query->has_ports ? policy->destination_ports : 0, source, destination;

	if (query->family == 4) {
		source = policy_address_class(tables, tables->source, &query->source, 4);
		destination = policy_address_class(tables, tables->destination, &query->destination, 4);
	} else {
		source = POLICY_CLASS6(tables, 0, tables->source, &query->source);
		destination = POLICY_CLASS6(tables, 1, tables->destination, &query->destination);
	}
	classes->source = policy_or_default(tables, source, 0);
	classes->destination = policy_or_default(tables, destination, 1);
	classes->source_port =
		policy_or_default(tables, policy_port_class(tables, source_ports, query->source_port), 2);
	classes->destination_port =
		policy_or_default(tables, policy_port_class(tables, destination_ports, query->destination_port), 3);
	classes->protocol = policy_protocol(tables, query->protocol, query->family != 4);
	classes->wanted = query->categories & policy->categories;
	classes->word = 0;
	classes->candidates = policy_candidates(tables, classes, 0);
}

/* Id of the class's value in this layer. */
static __always_inline __u64 policy_value(const struct policy_tables *tables, __u32 class, __u64 layer)
{
	POLICY_BARRIER(layer);
	layer &= DP_POLICY_LAYERS - 1;
	return policy_class_at(tables, class)->value[layer];
}

/* Row of the first rule with this key in the bucket, or 0. Without a branch: which slot it is in can't be predicted. */
static __always_inline __u64 policy_slot(const struct dp_policy_bucket *bucket, __u64 key, __u32 flags_protocol)
{
	__u64 row = 0;

	for (int i = 0; i < DP_POLICY_SLOTS; i++) {
		__u64 rule = bucket->rule[i], differing = (bucket->key[i] ^ key) | ((rule ^ flags_protocol) & 0xffff);

		differing |= -differing;
		POLICY_BARRIER(differing);
		row |= rule >> 16 & ((differing >> 63) - 1);
	}
	return row;
}

static __always_inline __u64 policy_key_find(const struct policy_tables *tables, __u64 key, __u32 flags_protocol)
{
	__u32 mask = tables->policy->bucket_mask, index = dp_policy_hash(key, flags_protocol) & mask;
	__u64 word = tables->policy->buckets + (__u64)index * (sizeof(struct dp_policy_bucket) / 8), row;
	const struct dp_policy_bucket *bucket = (const void *)(tables->pool + (word & tables->mask));

	row = policy_slot(bucket, key, flags_protocol);
	if (row || !bucket->spilled)
		return row;
	word = tables->policy->buckets + (__u64)((index + 1) & mask) * (sizeof(struct dp_policy_bucket) / 8);
	bucket = (const void *)(tables->pool + (word & tables->mask));
	return policy_slot(bucket, key, flags_protocol);
}

/* Looks into one tuple, unless its category is not wanted. The categories that are wanted still: not that of which no
 * tuple behind this one can have a better rule. */
static __always_inline __u32 policy_probe(const struct policy_tables *tables, const struct policy_query *query,
					  const struct policy_classes *classes, __u64 number, __u32 wanted,
					  struct policy_found *found)
{
	__u64 word = tables->policy->tuples + number * (sizeof(struct dp_policy_tuple) / 8), key, row, order = ~0ULL;
	const struct dp_policy_tuple *tuple = (const void *)(tables->pool + (word & tables->mask));
	__u32 flags = tuple->flags, flags_protocol = flags << 8;
	__u64 category = flags & DP_TUPLE_CATEGORY;
	const struct dp_policy_rule *rule;

	POLICY_BARRIER(category);
	category &= DP_TUPLE_CATEGORY;
	if (!(wanted >> category & 1))
		return wanted;
	if (found->row[category]) {
		rule = policy_rule_at(tables, found->row[category]);
		order = rule ? rule->order : 0;
		if (tuple->best >= order)
			return wanted & ~(1U << category);
	}
	key = policy_value(tables, classes->source, tuple->layer[0]) |
	      policy_value(tables, classes->destination, tuple->layer[1]) << 16 |
	      policy_value(tables, classes->source_port, tuple->layer[2]) << 32 |
	      policy_value(tables, classes->destination_port, tuple->layer[3]) << 48;
	if (flags & DP_TUPLE_PROTOCOL)
		flags_protocol |= query->protocol;
	row = policy_key_find(tables, key, flags_protocol);
	rule = policy_rule_at(tables, row);
	if (!row || !rule || rule->order >= order)
		return wanted;
	if (rule->guard)
		row = POLICY_CHAIN(tables, query, row, order);
	if (row)
		found->row[category] = row;
	return wanted;
}

#define POLICY_SOME 15 /* tuples at once: more than most packets meet */

/* Goes on with the look-up: 1 where that is not its end. `found` begins as zeros. */
static __always_inline int policy_match_some(const struct policy_tables *tables, const struct policy_query *query,
					     struct policy_classes *classes, struct policy_found *found)
{
	__u64 word = classes->word, candidates = classes->candidates;
	__u32 wanted = classes->wanted;

	for (int i = 0; i < POLICY_SOME; i++) {
		__u64 lowest = candidates & -candidates;

		if (candidates) {
			candidates ^= lowest;
			wanted = policy_probe(tables, query, classes, word * 64 + fib_popcount(lowest - 1), wanted,
					      found);
			if (!wanted)
				return 0;
			continue;
		}
		if (word == POLICY_BITMAPS - 1)
			return 0;
		word = (word + 1) & (POLICY_BITMAPS - 1);
		candidates = policy_candidates(tables, classes, word);
	}
	classes->word = word;
	classes->candidates = candidates;
	classes->wanted = wanted;
	return 1;
}

/* So often at most: each time that many tuples or ends of words, and the last time the end. */
#define POLICY_TIMES ((DP_POLICY_PROBES + POLICY_BITMAPS) / POLICY_SOME + 1)

/* 0, or -1: the tables lead to more tuples than there may be. */
static __always_inline int policy_match(const struct policy_tables *tables, const struct policy_query *query,
					struct policy_classes *classes, struct policy_found *found)
{
	for (int i = 0; i < POLICY_TIMES; i++)
		if (!policy_match_some(tables, query, classes, found))
			return 0;
	return -1;
}

static __always_inline int policy_search(const struct policy_tables *tables, const struct policy_query *query,
					 struct policy_found *found)
{
	struct policy_classes classes;

	policy_classify(tables, query, &classes);
	return policy_match(tables, query, &classes, found);
}

#endif
