/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/resources/claims.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 256

struct entry {
	struct entry *chain;
	struct claim_key key;
	const struct name *holder;
	size_t count; /* claims on it */
	size_t kept;  /* without both it is freed */
};

struct claims {
	struct entry **bucket;
	size_t mask;
	size_t count;
};

struct claims *claims_new(void)
{
	struct claims *claims = calloc(1, sizeof(*claims));

	if (!claims)
		return NULL;
	claims->bucket = calloc(FIRST_BUCKETS, sizeof(*claims->bucket));
	if (!claims->bucket) {
		free(claims);
		return NULL;
	}
	claims->mask = FIRST_BUCKETS - 1;
	return claims;
}

void claims_free(struct claims *claims)
{
	if (!claims)
		return;
	for (size_t i = 0; i <= claims->mask; i++)
		while (claims->bucket[i]) {
			struct entry *entry = claims->bucket[i];

			claims->bucket[i] = entry->chain;
			free(entry);
		}
	free(claims->bucket);
	free(claims);
}

static size_t hash(const struct claim_key *key)
{
	const uint8_t *byte = (const uint8_t *)key;
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < sizeof(*key); i++)
		h = (h ^ byte[i]) * 0x100000001b3ULL;
	return (size_t)(h ^ (h >> 32));
}

static struct entry **find(const struct claims *claims, const struct claim_key *key)
{
	struct entry **slot = &claims->bucket[hash(key) & claims->mask];

	_Static_assert(sizeof(struct claim_key) == 64, "claim_key is compared as bytes: no padding");
	while (*slot && memcmp(&(*slot)->key, key, sizeof(*key)) != 0)
		slot = &(*slot)->chain;
	return slot;
}

/* Without memory for a larger table the chains grow longer: slower, still right. */
static void grow(struct claims *claims)
{
	size_t mask = claims->mask * 2 + 1;
	struct entry **bucket = calloc(mask + 1, sizeof(*bucket));

	if (!bucket)
		return;
	for (size_t i = 0; i <= claims->mask; i++)
		while (claims->bucket[i]) {
			struct entry *entry = claims->bucket[i], **slot;

			claims->bucket[i] = entry->chain;
			slot = &bucket[hash(&entry->key) & mask];
			entry->chain = *slot;
			*slot = entry;
		}
	free(claims->bucket);
	claims->bucket = bucket;
	claims->mask = mask;
}

int claims_keep(struct claims *claims, const struct claim_key *key)
{
	struct entry **slot = find(claims, key), *entry = *slot;

	if (entry) {
		entry->kept++;
		return 0;
	}
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->key = *key;
	entry->kept = 1;
	if (claims->count++ > claims->mask)
		grow(claims);
	slot = &claims->bucket[hash(key) & claims->mask];
	entry->chain = *slot;
	*slot = entry;
	return 0;
}

const struct name *claims_add(struct claims *claims, const struct claim *claim)
{
	struct entry *entry = *find(claims, &claim->key);

	if (!entry->count++) {
		entry->holder = claim->holder;
		return NULL;
	}
	return claim->shared && entry->holder == claim->holder ? NULL : entry->holder;
}

void claims_remove(struct claims *claims, const struct claim_key *key)
{
	(*find(claims, key))->count--;
}

void claims_release(struct claims *claims, const struct claim_key *key)
{
	struct entry **slot = find(claims, key), *entry = *slot;

	/* None: there was no memory to keep it. */
	if (!entry || --entry->kept || entry->count)
		return;
	*slot = entry->chain;
	claims->count--;
	free(entry);
}

const struct name *claims_holder(const struct claims *claims, const struct claim_key *key)
{
	const struct entry *entry = *find(claims, key);

	return entry && entry->count ? entry->holder : NULL;
}
