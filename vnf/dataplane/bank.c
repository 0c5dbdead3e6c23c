/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/bank.h"

#include <stdlib.h>

#define LEAST_SLOTS 64 /* of a hash table: some times DP_HASH_PROBES */

const struct dp_limits bank_limits_most = {
	.vrfs = DP_MAX_VRFS,
	.interfaces = DP_MAX_INTERFACES,
	.tunnel_endpoints = DP_MAX_TUNNEL_ENDPOINTS,
	.vni_bindings = DP_MAX_VNI_BINDINGS,
	.next_hops = DP_MAX_NEXT_HOPS,
	.next_hop_groups = DP_MAX_GROUPS,
	.routes = DP_MAX_ROUTES - 1,
	.port_pairs = DP_MAX_PORT_PAIRS,
	.port_pair_groups = DP_MAX_PORT_PAIR_GROUPS,
	.flow_classifiers = DP_MAX_CLASSIFIERS,
	.port_chains = DP_MAX_CHAINS,
	.fib_words = DP_FIB_WORDS,
};

size_t bank_row_size(enum dp_table table)
{
	static const size_t size[DP_TABLE_COUNT] = {
#define ROW_SIZE(name, row) sizeof(row),
		DP_TABLES(ROW_SIZE)
#undef ROW_SIZE
	};

	return size[table];
}

/* Of a hash table for so many entries, which fill at most a quarter of it. */
static uint32_t slots_for(uint32_t entries)
{
	uint32_t slots = LEAST_SLOTS;

	while (slots < entries * 4)
		slots *= 2;
	return slots;
}

uint32_t bank_rows(const struct dp_limits *limits, enum dp_table table)
{
	switch (table) {
	case DP_TABLE_ports:
		return slots_for(limits->interfaces);
	case DP_TABLE_vrfs:
	case DP_TABLE_trees:
		return limits->vrfs + 1;
	case DP_TABLE_vteps:
		return slots_for(limits->tunnel_endpoints);
	case DP_TABLE_vnis:
		return slots_for(limits->vni_bindings * 2); /* each with its remote and without */
	case DP_TABLE_tunnels:
		return limits->tunnel_endpoints + 1;
	case DP_TABLE_next_hops:
		return limits->next_hops + 1;
	case DP_TABLE_groups:
		return limits->next_hop_groups + 1;
	case DP_TABLE_stages:
		return limits->port_chains * DP_MAX_CHAIN_STAGES * 2 + 1;
	case DP_TABLE_classifiers:
		return limits->flow_classifiers * 2;
	case DP_TABLE_tunnel_ports:
		return DP_TUNNEL_PORT_WORDS;
	case DP_TABLE_fib:
		return limits->fib_words;
	case DP_TABLE_COUNT:
		break;
	}
	return 0;
}

void *bank_table(const struct bank *bank, enum dp_table table)
{
	void *const first[DP_TABLE_COUNT] = {
#define FIRST_ROW(name, row) bank->name,
		DP_TABLES(FIRST_ROW)
#undef FIRST_ROW
	};

	return first[table];
}

void *bank_row(const struct bank *bank, enum dp_table table, uint32_t row)
{
	return (char *)bank_table(bank, table) + row * bank_row_size(table);
}

struct bank bank_of(struct dp_bank *memory)
{
	return (struct bank){
#define IN_MEMORY(name, row) .name = memory->name,
		DP_TABLES(IN_MEMORY)
#undef IN_MEMORY
	};
}

struct bank *bank_new(const struct dp_limits *limits)
{
	struct bank *bank = calloc(1, sizeof(*bank));

	if (!bank)
		return NULL;
#define ALLOCATE(name, row)                                                                                            \
	bank->name = calloc(bank_rows(limits, DP_TABLE_##name), sizeof(row));                                          \
	if (!bank->name)                                                                                               \
		goto err;
	DP_TABLES(ALLOCATE)
#undef ALLOCATE
	return bank;
err:
	bank_free(bank);
	return NULL;
}

void bank_free(struct bank *bank)
{
	if (!bank)
		return;
#define FREE(name, row) free(bank->name);
	DP_TABLES(FREE)
#undef FREE
	free(bank);
}
