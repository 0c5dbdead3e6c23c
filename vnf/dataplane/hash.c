/* SPDX-License-Identifier: Apache-2.0 */
/* The hash tables of a bank, from the writer's side. bpf/port.h and bpf/decap.h read them. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "api/dp/hash.h"
#include "vnf/dataplane/dataplane.h"

#define KEY_WORDS_MOST 3

/* A table of `slots` entries of `size` bytes, whose first `words` words are the key and which is empty where the bytes
 * from `mark` on, `mark_size` of them, are zero. */
struct table {
	void *base;
	uint32_t slots, size, words, mark, mark_size;
};

static bool empty(const struct table *table, const char *slot)
{
	static const char zero[4];

	return !memcmp(slot + table->mark, zero, table->mark_size);
}

/* Into the slot that has the key already, else into the first empty one of its probes. */
static int put(const struct table *table, const void *entry)
{
	__u64 key[KEY_WORDS_MOST];
	char *slot, *target = NULL;
	uint32_t hash;

	memcpy(key, entry, table->words * sizeof(*key));
	hash = dp_hash(key, table->words);
	for (uint32_t i = 0; i < DP_HASH_PROBES; i++) {
		slot = (char *)table->base + (size_t)((hash + i) & (table->slots - 1)) * table->size;
		if (empty(table, slot)) {
			target = target ? target : slot;
		} else if (!memcmp(slot, key, table->words * sizeof(*key))) {
			target = slot;
			break;
		}
	}
	if (!target)
		return -ENOSPC;
	memcpy(target, entry, table->size);
	return 0;
}

int dataplane_put_port(const struct bank *bank, uint32_t slots, const struct dp_port *entry)
{
	const struct table table = {bank->ports,	   slots, sizeof(*entry), 1, offsetof(struct dp_port, ifindex),
				    sizeof(entry->ifindex)};

	return put(&table, entry);
}

int dataplane_put_vtep(const struct bank *bank, uint32_t slots, const struct dp_vtep *entry)
{
	const struct table table = {bank->vteps,      slots, sizeof(*entry), 3, offsetof(struct dp_vtep, id),
				    sizeof(entry->id)};

	return put(&table, entry);
}

int dataplane_put_vni(const struct bank *bank, uint32_t slots, const struct dp_vni *entry)
{
	const struct table table = {bank->vnis,		slots, sizeof(*entry), 3, offsetof(struct dp_vni, vtep),
				    sizeof(entry->vtep)};

	return put(&table, entry);
}
