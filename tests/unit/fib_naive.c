/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fib_naive.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS (1U << 20)
#define FILTER	(1U << 21)
#define VRFS	8

struct entry {
	struct entry *next;
	struct ip_prefix prefix;
	uint16_t vrf;
	struct dp_fib_leaf leaf;
};

struct naive {
	struct entry *bucket[BUCKETS];
	/* Bit by hash: was ever set. Most of a lookup's lengths never were, and this is small, so fast. */
	uint64_t filter[FILTER / 64];
	uint32_t count[VRFS][2][129]; /* by length: only to skip what is empty */
};

static uint64_t hash_of(uint16_t vrf, const struct ip_prefix *prefix)
{
	uint64_t hash = 1469598103934665603ULL ^ (prefix->length * 8U + vrf), half[2];

	memcpy(half, prefix->address.byte, sizeof(half));
	hash = (hash ^ half[0]) * 0xff51afd7ed558ccdULL;
	hash = ((hash ^ hash >> 29) ^ half[1]) * 0xc4ceb9fe1a85ec53ULL;
	return hash ^ hash >> 32;
}

static struct entry **find(const struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix)
{
	struct entry **entry = (struct entry **)&naive->bucket[hash_of(vrf, prefix) % BUCKETS];

	for (; *entry; entry = &(*entry)->next) {
		if ((*entry)->vrf == vrf && !ip_prefix_compare(&(*entry)->prefix, prefix))
			break;
	}
	return entry;
}

struct naive *naive_new(void)
{
	return calloc(1, sizeof(struct naive));
}

void naive_free(struct naive *naive)
{
	for (uint32_t i = 0; i < BUCKETS; i++) {
		while (naive->bucket[i]) {
			struct entry *entry = naive->bucket[i];

			naive->bucket[i] = entry->next;
			free(entry);
		}
	}
	free(naive);
}

void naive_set(struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf leaf)
{
	struct entry **entry = find(naive, vrf, prefix);
	uint64_t bit = hash_of(vrf, prefix) % FILTER;

	naive->filter[bit / 64] |= 1ULL << bit % 64;
	if (!*entry) {
		*entry = calloc(1, sizeof(**entry));
		if (!*entry)
			abort();
		(*entry)->prefix = *prefix;
		(*entry)->vrf = vrf;
		naive->count[vrf % VRFS][prefix->address.family == 6][prefix->length]++;
	}
	(*entry)->leaf = leaf;
}

bool naive_unset(struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix)
{
	struct entry **entry = find(naive, vrf, prefix), *gone = *entry;

	if (!gone)
		return false;
	*entry = gone->next;
	free(gone);
	naive->count[vrf % VRFS][prefix->address.family == 6][prefix->length]--;
	return true;
}

bool naive_get(const struct naive *naive, uint16_t vrf, const struct ip_prefix *prefix, struct dp_fib_leaf *leaf)
{
	uint64_t bit = hash_of(vrf, prefix) % FILTER;
	const struct entry *entry;

	if (!(naive->filter[bit / 64] >> bit % 64 & 1))
		return false;
	entry = *find(naive, vrf, prefix);
	if (entry)
		*leaf = entry->leaf;
	return entry != NULL;
}

struct dp_fib_leaf naive_lookup(const struct naive *naive, uint16_t vrf, const struct ip_address *address)
{
	struct ip_prefix prefix = {.address = *address};
	struct dp_fib_leaf leaf = {DP_GROUP_NONE, 0};

	for (int length = address->family == 4 ? 32 : 128; length >= 0; length--) {
		prefix.length = length;
		if (length < 128)
			prefix.address.byte[length / 8] &= ~(0x80 >> length % 8);
		if (!naive->count[vrf % VRFS][address->family == 6][length])
			continue;
		if (naive_get(naive, vrf, &prefix, &leaf))
			break;
	}
	return leaf;
}
