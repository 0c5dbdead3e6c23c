/* SPDX-License-Identifier: Apache-2.0 */
#include "same_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/dp/hash.h"

static const struct dp_limits *limits;

/* As bpf/port.h and bpf/decap.h look. */
static const void *find(const struct bank *bank, enum dp_table table, const void *entry, unsigned int words)
{
	uint32_t slots = bank_rows(limits, table), hash;
	__u64 key[3];

	memcpy(key, entry, words * sizeof(*key));
	hash = dp_hash(key, words);
	for (uint32_t i = 0; i < DP_HASH_PROBES; i++) {
		const void *slot = bank_row(bank, table, (hash + i) & (slots - 1));

		if (!memcmp(slot, key, words * sizeof(*key)))
			return slot;
	}
	return NULL;
}

static void same_ports(const struct bank *a, const struct bank *b)
{
	size_t counts[2] = {0};

	for (uint32_t i = 0; i < bank_rows(limits, DP_TABLE_ports); i++) {
		const struct dp_port *port = &a->ports[i], *other;

		counts[0] += port->ifindex != 0;
		counts[1] += b->ports[i].ifindex != 0;
		if (!port->ifindex)
			continue;
		other = find(b, DP_TABLE_ports, port, 1);
		assert_non_null(other);
		assert_memory_equal(port, other, sizeof(*port));
	}
	assert_int_equal(counts[0], counts[1]);
}

/* Ids of VTEPs in b, by those in a. */
static uint16_t *same_vteps(const struct bank *a, const struct bank *b)
{
	uint16_t *ids = calloc(UINT16_MAX + 1, sizeof(*ids));
	size_t counts[2] = {0};

	assert_non_null(ids);
	for (uint32_t i = 0; i < bank_rows(limits, DP_TABLE_vteps); i++) {
		const struct dp_vtep *vtep = &a->vteps[i], *other;

		counts[0] += vtep->id != 0;
		counts[1] += b->vteps[i].id != 0;
		if (!vtep->id)
			continue;
		other = find(b, DP_TABLE_vteps, vtep, 3);
		assert_non_null(other);
		assert_int_equal(vtep->kind, other->kind);
		assert_int_not_equal(other->id, 0);
		assert_int_equal(ids[vtep->id], 0);
		ids[vtep->id] = other->id;
	}
	assert_int_equal(counts[0], counts[1]);
	return ids;
}

static void same_vnis(const struct bank *a, const struct bank *b)
{
	uint16_t *ids = same_vteps(a, b);
	size_t counts[2] = {0};

	for (uint32_t i = 0; i < bank_rows(limits, DP_TABLE_vnis); i++) {
		struct dp_vni vni = a->vnis[i];
		const struct dp_vni *other;

		counts[0] += vni.vtep != 0;
		counts[1] += b->vnis[i].vtep != 0;
		if (!vni.vtep)
			continue;
		vni.vtep = ids[vni.vtep];
		assert_int_not_equal(vni.vtep, 0);
		other = find(b, DP_TABLE_vnis, &vni, 3);
		assert_non_null(other);
		assert_memory_equal(&vni, other, sizeof(vni));
	}
	assert_int_equal(counts[0], counts[1]);
	free(ids);
}

/* Of a hash table whose free slots are zeros: the same entries, wherever they are. */
static void same_entries(const struct bank *a, const struct bank *b, enum dp_table table, unsigned int words)
{
	size_t size = bank_row_size(table), counts[2] = {0};
	char *none = calloc(1, size);

	assert_non_null(none);
	for (uint32_t i = 0; i < bank_rows(limits, table); i++) {
		const void *entry = bank_row(a, table, i), *other;

		counts[1] += memcmp(bank_row(b, table, i), none, size) != 0;
		if (memcmp(entry, none, size) == 0)
			continue;
		counts[0]++;
		other = find(b, table, entry, words);
		assert_non_null(other);
		assert_memory_equal(entry, other, size);
	}
	assert_int_equal(counts[0], counts[1]);
	free(none);
}

static void same_classifiers(const struct bank *a, const struct bank *b)
{
	static const struct dp_classifier none;
	uint32_t rows = bank_rows(limits, DP_TABLE_classifiers), used[2] = {0};
	uint8_t *taken = calloc(rows, 1);

	assert_non_null(taken);
	for (uint32_t i = 0; i < bank_rows(limits, DP_TABLE_vrfs); i++) {
		struct dp_vrf left = a->vrfs[i], right = b->vrfs[i];

		assert_true(right.classifier_first + right.classifier_count <= rows);
		for (uint32_t j = 0; j < left.classifier_count && j < right.classifier_count; j++)
			assert_memory_equal(&a->classifiers[left.classifier_first + j],
					    &b->classifiers[right.classifier_first + j], sizeof(none));
		for (uint32_t j = 0; j < right.classifier_count; j++) /* no two VRFs' */
			assert_int_equal(taken[right.classifier_first + j]++, 0);
		left.classifier_first = right.classifier_first;
		assert_memory_equal(&left, &right, sizeof(left));
	}
	for (uint32_t i = 0; i < rows; i++) {
		used[0] += memcmp(&a->classifiers[i], &none, sizeof(none)) != 0;
		used[1] += memcmp(&b->classifiers[i], &none, sizeof(none)) != 0;
	}
	assert_int_equal(used[0], used[1]);
	free(taken);
}

/* The member that has the row of the table. */
static uint32_t member_at(const struct bank *bank, const struct dp_pool *pool, uint32_t row)
{
	uint32_t number = (uint16_t)(bank->service_words[pool->table + row / 4] >> row % 4 * 16);

	assert_in_range(number, 0, pool->members - 1);
	return (uint32_t)(bank->service_words[pool->list + number / 2] >> number % 2 * 32);
}

/* Where the tables are may differ, and the previous ones are of the past. */
static void same_pools(const struct bank *a, const struct bank *b)
{
	for (uint32_t i = 0; i < bank_rows(limits, DP_TABLE_pools); i++) {
		struct dp_pool left = a->pools[i], right = b->pools[i];

		assert_int_equal(left.rows, right.rows);
		for (uint32_t row = 0; row < left.rows; row++)
			assert_int_equal(member_at(a, &left, row), member_at(b, &right, row));
		left.table = right.table;
		left.list = right.list;
		left.previous = right.previous;
		left.previous_rows = right.previous_rows;
		left.previous_list = right.previous_list;
		left.previous_members = right.previous_members;
		assert_memory_equal(&left, &right, sizeof(left));
	}
}

void assert_same_tables(const struct dp_limits *of, const struct bank *a, const struct bank *b)
{
	static const enum dp_table rows[] = {DP_TABLE_tunnels,	    DP_TABLE_next_hops,	   DP_TABLE_groups,
					     DP_TABLE_stages,	    DP_TABLE_tunnel_ports, DP_TABLE_vrf_answers,
					     DP_TABLE_port_answers, DP_TABLE_links,	   DP_TABLE_load_balancers,
					     DP_TABLE_listeners,    DP_TABLE_members};

	limits = of;
	same_ports(a, b);
	same_vnis(a, b);
	same_entries(a, b, DP_TABLE_neighbors, 3);
	same_entries(a, b, DP_TABLE_listener_ports, 1);
	same_entries(a, b, DP_TABLE_answerers, 3);
	same_entries(a, b, DP_TABLE_quic_members, 1);
	same_classifiers(a, b);
	same_pools(a, b);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_memory_equal(bank_table(a, rows[i]), bank_table(b, rows[i]),
				    bank_rows(limits, rows[i]) * bank_row_size(rows[i]));
}
