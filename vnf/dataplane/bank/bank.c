/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/bank/bank.h"

#include <stdlib.h>

#define LEAST_SLOTS	   128 /* of a hash table: some times DP_HASH_PROBES */
#define MEMBER_WORDS	   110
#define POOL_WORDS	   64
#define POLICY_RULE_WORDS  40
#define POLICY_SET_WORDS   64 /* of some five members that rules refer to as source and as destination */
#define LEAST_POLICY_WORDS (1U << 16)

#define LINE 64 /* of the processor's caches: the blocks of the FIB must not straddle two */

const char *bank_table_name(enum dp_table table)
{
	static const char *const name[DP_TABLE_COUNT] = {
#define TABLE_NAME(name, row) #name,
		DP_TABLES(TABLE_NAME)
#undef TABLE_NAME
	};

	return name[table];
}

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

/* Of the policy's pool, a power of two: the classes of a rule's values, their tries and its key; and of the sets'
 * members. */
static uint32_t policy_words(const struct dp_limits *limits)
{
	uint64_t wanted = (uint64_t)limits->policy_rules * POLICY_RULE_WORDS +
			  ((uint64_t)limits->address_groups + limits->security_groups) * POLICY_SET_WORDS;
	uint32_t words = LEAST_POLICY_WORDS;

	while (words < wanted && words < DP_FIB_WORDS)
		words *= 2;
	return words;
}

/* Of the tables of pools, each of up to 800 rows of 16 bits a member, mostly half of that. */
static uint32_t service_words(const struct dp_limits *limits)
{
	uint64_t wanted = (uint64_t)limits->members * MEMBER_WORDS + (uint64_t)limits->pools * POOL_WORDS;

	return wanted < DP_SERVICE_WORDS ? (uint32_t)wanted : DP_SERVICE_WORDS;
}

uint32_t bank_rows(const struct dp_limits *limits, enum dp_table table)
{
	switch (table) {
	case DP_TABLE_ports:
		return slots_for(limits->interfaces * 2); /* one with a VLAN has two */
	case DP_TABLE_vrfs:
	case DP_TABLE_trees:
	case DP_TABLE_vrf_answers:
	case DP_TABLE_ddos_profiles:
	case DP_TABLE_policies:
	case DP_TABLE_conntracks:
		return limits->vrfs + 1;
	case DP_TABLE_port_answers:
	case DP_TABLE_links:
		return limits->interfaces + 1;
	case DP_TABLE_vteps:
		return slots_for(limits->tunnel_endpoints);
	case DP_TABLE_vnis:
		/* Each with its remote and without, and each endpoint's remote. */
		return slots_for(limits->vni_bindings * 2 + limits->tunnel_endpoints);
	case DP_TABLE_neighbors:
		return slots_for(limits->next_hops);
	case DP_TABLE_tunnels:
		return limits->tunnel_endpoints + 1;
	case DP_TABLE_next_hops:
	case DP_TABLE_hosts:
		return limits->next_hops + 1;
	case DP_TABLE_groups:
		return limits->next_hop_groups + 1;
	case DP_TABLE_stages:
		return limits->port_chains * DP_MAX_CHAIN_STAGES * 2 + 1;
	case DP_TABLE_classifiers:
		return limits->flow_classifiers * 2;
	case DP_TABLE_qos_policies:
		return limits->qos_policies + 1;
	case DP_TABLE_tunnel_ports:
		return DP_TUNNEL_PORT_WORDS;
	case DP_TABLE_fib:
		return limits->fib_words;
	case DP_TABLE_policy_rules:
	case DP_TABLE_policy_guards:
		return policy_ids(limits) + 1;
	case DP_TABLE_policy_trees:
		return (limits->vrfs + 1) * 2;
	case DP_TABLE_policy_words:
		return policy_words(limits);
	case DP_TABLE_load_balancers:
		return limits->load_balancers + 1;
	case DP_TABLE_listener_ports:
		return slots_for(limits->listeners);
	case DP_TABLE_listeners:
		return limits->listeners + 1;
	case DP_TABLE_pools:
		return limits->pools + 1;
	case DP_TABLE_members:
		return limits->members + 1;
	case DP_TABLE_answerers:
	case DP_TABLE_quic_members:
		return slots_for(limits->members);
	case DP_TABLE_service_words:
		return service_words(limits);
	case DP_TABLE_COUNT:
		break;
	}
	return 0;
}

/* Of words that refer to each other. */
static bool is_pool(enum dp_table table)
{
	return table == DP_TABLE_fib || table == DP_TABLE_policy_words;
}

bool bank_table_is_engines(enum dp_table table)
{
	switch (table) {
	case DP_TABLE_fib:
	case DP_TABLE_trees:
	case DP_TABLE_policies:
	case DP_TABLE_policy_rules:
	case DP_TABLE_policy_guards:
	case DP_TABLE_policy_trees:
	case DP_TABLE_policy_words:
		return true;
	default:
		return false;
	}
}

size_t bank_half(const struct dp_limits *limits, enum dp_table table)
{
	size_t bytes = bank_rows(limits, table) * bank_row_size(table);

	return (bytes + LINE - 1) / LINE * LINE;
}

size_t bank_map_bytes(const struct dp_limits *limits, enum dp_table table)
{
	return bank_half(limits, table) * 2 + (is_pool(table) ? DP_FIB_SLACK : 0);
}

uint64_t bank_bytes(const struct dp_limits *limits)
{
	uint64_t bytes = 0;

	for (enum dp_table table = 0; table < DP_TABLE_COUNT; table++)
		bytes += bank_map_bytes(limits, table);
	return bytes;
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

void bank_set_table(struct bank *bank, enum dp_table table, void *first)
{
	switch (table) {
#define SET_TABLE(name, row)                                                                                           \
	case DP_TABLE_##name:                                                                                          \
		bank->name = first;                                                                                    \
		break;
		DP_TABLES(SET_TABLE)
#undef SET_TABLE
	case DP_TABLE_COUNT:
		break;
	}
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
