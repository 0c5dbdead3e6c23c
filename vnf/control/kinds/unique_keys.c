/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/unique_keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"
#include "vnf/core/hash.h"

#define FIRST_BUCKETS 256

struct entry {
	struct entry *chain;
	struct unique_key key;
	const struct handle *holder;
	size_t count; /* holdings of it */
	size_t kept;  /* without both it is freed */
};

struct unique_keys {
	struct entry **bucket;
	size_t mask;
	size_t count;
};

static void use_taken(const struct holding *holding, const struct handle *holder, char *text, size_t size)
{
	snprintf(text, size, "%s \"%s\" belongs to %s \"%s\" already", kind_ops(holding->key.handle->kind)->label,
		 holding->key.handle->text, kind_ops(holder->kind)->label, holder->text);
}

const struct unique_rule unique_use_rule = {.taken = use_taken};

struct unique_keys *unique_keys_new(void)
{
	struct unique_keys *unique_keys = calloc(1, sizeof(*unique_keys));

	if (!unique_keys)
		return NULL;
	unique_keys->bucket = calloc(FIRST_BUCKETS, sizeof(*unique_keys->bucket));
	if (!unique_keys->bucket) {
		free(unique_keys);
		return NULL;
	}
	unique_keys->mask = FIRST_BUCKETS - 1;
	return unique_keys;
}

void unique_keys_free(struct unique_keys *unique_keys)
{
	if (!unique_keys)
		return;
	for (size_t i = 0; i <= unique_keys->mask; i++)
		while (unique_keys->bucket[i]) {
			struct entry *entry = unique_keys->bucket[i];

			unique_keys->bucket[i] = entry->chain;
			free(entry);
		}
	free(unique_keys->bucket);
	free(unique_keys);
}

static size_t hash(const struct unique_key *key)
{
	uint64_t h = hash_bytes(HASH_SEED, key, sizeof(*key));

	return (size_t)(h ^ (h >> 32));
}

static struct entry **find(const struct unique_keys *unique_keys, const struct unique_key *key)
{
	struct entry **slot = &unique_keys->bucket[hash(key) & unique_keys->mask];

	_Static_assert(sizeof(struct unique_key) == 64, "unique_key is compared as bytes: no padding");
	while (*slot && memcmp(&(*slot)->key, key, sizeof(*key)) != 0)
		slot = &(*slot)->chain;
	return slot;
}

/* Without memory for a larger table the chains grow longer: slower, still right. */
static void grow(struct unique_keys *unique_keys)
{
	size_t mask = unique_keys->mask * 2 + 1;
	struct entry **bucket = calloc(mask + 1, sizeof(*bucket));

	if (!bucket)
		return;
	for (size_t i = 0; i <= unique_keys->mask; i++)
		while (unique_keys->bucket[i]) {
			struct entry *entry = unique_keys->bucket[i], **slot;

			unique_keys->bucket[i] = entry->chain;
			slot = &bucket[hash(&entry->key) & mask];
			entry->chain = *slot;
			*slot = entry;
		}
	free(unique_keys->bucket);
	unique_keys->bucket = bucket;
	unique_keys->mask = mask;
}

int unique_keys_keep(struct unique_keys *unique_keys, const struct unique_key *key)
{
	struct entry **slot = find(unique_keys, key), *entry = *slot;

	if (entry) {
		entry->kept++;
		return 0;
	}
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->key = *key;
	entry->kept = 1;
	if (unique_keys->count++ > unique_keys->mask)
		grow(unique_keys);
	slot = &unique_keys->bucket[hash(key) & unique_keys->mask];
	entry->chain = *slot;
	*slot = entry;
	return 0;
}

const struct handle *unique_keys_add(struct unique_keys *unique_keys, const struct holding *holding)
{
	struct entry *entry = *find(unique_keys, &holding->key);

	if (!entry->count++) {
		entry->holder = holding->holder;
		return NULL;
	}
	return holding->shared && entry->holder == holding->holder ? NULL : entry->holder;
}

void unique_keys_remove(struct unique_keys *unique_keys, const struct unique_key *key)
{
	(*find(unique_keys, key))->count--;
}

void unique_keys_release(struct unique_keys *unique_keys, const struct unique_key *key)
{
	struct entry **slot = find(unique_keys, key), *entry = *slot;

	/* None: there was no memory to keep it. */
	if (!entry || --entry->kept || entry->count)
		return;
	*slot = entry->chain;
	unique_keys->count--;
	free(entry);
}

const struct handle *unique_keys_holder(const struct unique_keys *unique_keys, const struct unique_key *key)
{
	const struct entry *entry = *find(unique_keys, key);

	return entry && entry->count ? entry->holder : NULL;
}

size_t unique_keys_count(const struct unique_keys *unique_keys, const struct unique_key *key)
{
	const struct entry *entry = *find(unique_keys, key);

	return entry ? entry->count : 0;
}
