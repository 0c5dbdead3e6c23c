/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/store/journal_index.h"
#include "vnf/core/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64

/* Keys are compared within one. Requests have one of their own: older files give them a kind that resources have now.
 */
static unsigned int key_space(const struct entry *entry)
{
	return entry->operation == ENTRY_REQUEST ? UINT8_MAX + 1 : entry->kind;
}

/* Over the space and the key, mixed once more: the low bits choose the slot. */
static uint64_t hash(const struct entry *entry)
{
	uint64_t h = hash_bytes(HASH_SEED ^ key_space(entry), entry->key, entry->key_size);

	h = (h ^ h >> 29) * 0xff51afd7ed558ccdULL;
	return h ^ h >> 32;
}

static void read_entry(const char *bytes, struct entry *entry)
{
	size_t at = 0;

	entry_next(bytes, SIZE_MAX / 2, &at, entry); /* it was read before */
}

static bool same_key(const char *bytes, const struct entry *entry)
{
	struct entry other;

	read_entry(bytes, &other);
	return key_space(&other) == key_space(entry) && other.key_size == entry->key_size &&
	       memcmp(other.key, entry->key, entry->key_size) == 0;
}

static struct journal_index_slot *find(const struct journal_index *index, const struct entry *entry, uint64_t h)
{
	uint32_t tag = (uint32_t)(h >> 32);
	size_t at = h & index->mask;

	while (index->slot[at].entry && (index->slot[at].tag != tag || !same_key(index->slot[at].entry, entry)))
		at = (at + 1) & index->mask;
	index->slot[at].tag = tag;
	return &index->slot[at];
}

static int grow(struct journal_index *index)
{
	size_t slots = index->slot ? (index->mask + 1) * 2 : FIRST_SLOTS;
	struct journal_index grown = {.slot = calloc(slots, sizeof(*grown.slot)), .mask = slots - 1};

	if (!grown.slot)
		return -ENOMEM;
	for (size_t i = 0; index->slot && i <= index->mask; i++) {
		struct entry entry;

		if (!index->slot[i].entry)
			continue;
		read_entry(index->slot[i].entry, &entry);
		*find(&grown, &entry, hash(&entry)) = index->slot[i];
	}
	grown.used = index->used;
	grown.count = index->count;
	free(index->slot);
	*index = grown;
	return 0;
}

int journal_index_set(struct journal_index *index, const struct entry *entry)
{
	struct journal_index_slot *slot;

	if (!index->slot || index->used > index->mask / 4 * 3) {
		int error = grow(index);

		if (error)
			return error;
	}
	slot = find(index, entry, hash(entry));
	if (!slot->entry)
		index->used++;
	else if (!slot->gone)
		index->count--;
	slot->entry = entry->key - sizeof(struct entry_header);
	slot->gone = entry->operation == ENTRY_DELETE;
	index->count += !slot->gone;
	return 0;
}

bool journal_index_find(const struct journal_index *index, const struct entry *key, struct entry *entry)
{
	const struct journal_index_slot *slot = index->slot ? find(index, key, hash(key)) : NULL;

	if (!slot || !slot->entry || slot->gone)
		return false;
	read_entry(slot->entry, entry);
	return true;
}

static int compare(const void *a, const void *b)
{
	const char *left = ((const struct journal_index_slot *)a)->entry;
	const char *right = ((const struct journal_index_slot *)b)->entry;

	return (left > right) - (left < right);
}

void journal_index_sort(struct journal_index *index)
{
	size_t live = 0;

	for (size_t i = 0; index->slot && i <= index->mask; i++)
		if (index->slot[i].entry && !index->slot[i].gone)
			index->slot[live++] = index->slot[i];
	if (live)
		qsort(index->slot, live, sizeof(*index->slot), compare);
}

bool journal_index_get(const struct journal_index *index, size_t n, struct entry *entry)
{
	if (n >= index->count)
		return false;
	read_entry(index->slot[n].entry, entry);
	return true;
}

void journal_index_free(struct journal_index *index)
{
	free(index->slot);
	*index = (struct journal_index){0};
}
