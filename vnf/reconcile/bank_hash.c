/* SPDX-License-Identifier: Apache-2.0 */
/* The hash tables of bank_writer.h. bpf/port.h and bpf/decap.h read them. */
#include <errno.h>
#include <string.h>

#include "api/dp/hash.h"
#include "vnf/reconcile/bank_writer.h"

#define KEY_WORDS_MOST 3

/* 64-bit words of a key, and the bytes that are zero where a slot is free. */
struct layout {
	unsigned int words;
	size_t mark, mark_size;
};

static struct layout layout_of(enum dp_table table)
{
	switch (table) {
	case DP_TABLE_ports:
		return (struct layout){1, offsetof(struct dp_port, ifindex), sizeof(((struct dp_port *)0)->ifindex)};
	case DP_TABLE_vteps:
		return (struct layout){3, offsetof(struct dp_vtep, id), sizeof(((struct dp_vtep *)0)->id)};
	case DP_TABLE_neighbors:
		return (struct layout){3, offsetof(struct dp_neighbor, vrf), sizeof(((struct dp_neighbor *)0)->vrf)};
	case DP_TABLE_listener_ports:
		return (struct layout){1, offsetof(struct dp_listener_port, load_balancer),
				       sizeof(((struct dp_listener_port *)0)->load_balancer)};
	case DP_TABLE_answerers:
		return (struct layout){3, offsetof(struct dp_answerer, vrf), sizeof(((struct dp_answerer *)0)->vrf)};
	case DP_TABLE_quic_members:
		return (struct layout){1, offsetof(struct dp_quic_member, pool),
				       sizeof(((struct dp_quic_member *)0)->pool)};
	default:
		return (struct layout){3, offsetof(struct dp_vni, vtep), sizeof(((struct dp_vni *)0)->vtep)};
	}
}

/* Row of the entry with the key, else -ENOENT and *vacant: the first free row of those where it may be, or -1. */
static int64_t probe(const struct bank_writer *writer, enum dp_table table, const void *entry, int64_t *vacant)
{
	static const char zeros[4];
	const struct layout layout = layout_of(table);
	uint32_t rows = bank_writer_rows(writer, table), hash;
	__u64 key[KEY_WORDS_MOST];

	memcpy(key, entry, layout.words * sizeof(*key));
	hash = dp_hash(key, layout.words);
	*vacant = -1;
	for (uint32_t i = 0; i < DP_HASH_PROBES; i++) {
		uint32_t row = (hash + i) & (rows - 1);
		const char *slot = bank_writer_row(writer, table, row);

		if (memcmp(slot + layout.mark, zeros, layout.mark_size) == 0)
			*vacant = *vacant < 0 ? (int64_t)row : *vacant;
		else if (memcmp(slot, key, layout.words * sizeof(*key)) == 0)
			return row;
	}
	return -ENOENT;
}

int64_t bank_hash_find(const struct bank_writer *writer, enum dp_table table, const void *key)
{
	int64_t vacant;

	return probe(writer, table, key, &vacant);
}

int64_t bank_hash_put(struct bank_writer *writer, enum dp_table table, const void *entry)
{
	int64_t vacant, row = probe(writer, table, entry, &vacant);

	if (row < 0)
		row = vacant;
	if (row < 0)
		return -ENOSPC;
	bank_write(writer, table, (uint32_t)row, entry);
	return row;
}
