/* SPDX-License-Identifier: Apache-2.0 */
/* The tables by which packets find the classes of ports: 256 entries by the upper byte, and pages by the lower. */
#include <errno.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

#define ENTRIES	    256
#define ENTRY_WORDS (ENTRIES / 2)
#define ROOT_BITS   8

static __u32 *table_word(const struct policy *policy, const struct policy_vrf *vrf, int field)
{
	struct dp_policy *row = policy_vrf_row(policy, vrf);

	return field == SOURCE_PORT ? &row->source_ports : &row->destination_ports;
}

static __u32 *entries_at(const struct policy *policy, uint32_t word)
{
	return policy_at(policy, word & ~DP_POLICY_PAGE);
}

static void replace(__u32 *entry, uint32_t first, uint32_t last, uint32_t from, uint32_t to)
{
	for (uint32_t i = first; i <= last; i++)
		if (entry[i] == from)
			entry[i] = to;
}

static uint32_t port_of(const struct trie_node *node)
{
	return (uint32_t)(node->bits >> 112);
}

/* In all of the node's range. */
static void replace_in_range(const struct policy *policy, __u32 *root, const struct trie_node *node, uint32_t from,
			     uint32_t to)
{
	uint32_t first = port_of(node), last = first + (1U << (16 - node->length)) - 1;

	for (uint32_t i = first / ENTRIES; i <= last / ENTRIES; i++) {
		if (root[i] & DP_POLICY_PAGE)
			replace(entries_at(policy, root[i]), node->length > ROOT_BITS ? first % ENTRIES : 0,
				node->length > ROOT_BITS ? last % ENTRIES : ENTRIES - 1, from, to);
		else if (root[i] == from)
			root[i] = to;
	}
}

/* The page of the node's range, which is less than an entry of the root. */
static int make_page(struct policy *policy, __u32 *entry)
{
	uint32_t page;

	if (*entry & DP_POLICY_PAGE)
		return 0;
	page = policy_words_alloc(policy, ENTRY_WORDS);
	if (!page)
		return -ENOSPC;
	replace(entries_at(policy, page), 0, ENTRIES - 1, 0, *entry);
	*entry = page | DP_POLICY_PAGE;
	return 0;
}

static void drop_table(struct policy *policy, __u32 *table)
{
	__u32 *root = entries_at(policy, *table);

	for (uint32_t i = 0; i < ENTRIES; i++)
		if (root[i])
			return;
	fib_pool_release(policy->pool, *table);
	*table = 0;
}

int policy_ports_enter(struct policy *policy, struct policy_vrf *vrf, int field, const struct trie_node *node,
		       uint32_t from, uint32_t to)
{
	__u32 *table = table_word(policy, vrf, field), *root;
	int status = 0;

	if (!*table)
		*table = policy_words_alloc(policy, ENTRY_WORDS);
	if (!*table)
		return -ENOSPC;
	root = entries_at(policy, *table);
	if (node->length > ROOT_BITS)
		status = make_page(policy, &root[port_of(node) / ENTRIES]);
	if (status)
		drop_table(policy, table);
	else
		replace_in_range(policy, root, node, from, to);
	return status;
}

/* A page all of whose entries are the same is none. */
static void drop_page(struct policy *policy, __u32 *entry)
{
	const __u32 *page = entries_at(policy, *entry);
	uint32_t class = page[0];

	for (uint32_t i = 1; i < ENTRIES; i++)
		if (page[i] != class)
			return;
	fib_pool_release(policy->pool, *entry & ~DP_POLICY_PAGE);
	*entry = class;
}

void policy_ports_leave(struct policy *policy, struct policy_vrf *vrf, int field, const struct trie_node *node,
			uint32_t from, uint32_t to)
{
	__u32 *table = table_word(policy, vrf, field), *root = entries_at(policy, *table);
	uint32_t first = port_of(node) / ENTRIES;

	replace_in_range(policy, root, node, from, to);
	if (root[first] & DP_POLICY_PAGE)
		drop_page(policy, &root[first]);
	drop_table(policy, table);
}
