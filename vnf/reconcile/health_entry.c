/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/health_entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/reconcile/id_array.h"

#define BUCKETS_FIRST 64

char *health_key_text(const struct health_key *key, char text[HEALTH_KEY_BYTES])
{
	snprintf(text, HEALTH_KEY_BYTES, "%d/%s/%s", (int)key->kind, key->group, key->name);
	return text;
}

static uint32_t bucket_of(const struct health_targets *health, const char *key)
{
	return id_hash(ID_HASH_START, key, strlen(key)) & (health->buckets - 1);
}

struct health_entry *health_find(const struct health_targets *health, const char *key)
{
	struct health_entry *entry = health->count ? health->bucket[bucket_of(health, key)] : NULL;

	while (entry && strcmp(entry->key, key) != 0)
		entry = entry->next;
	return entry;
}

struct health_entry *health_entry_new(const char *key)
{
	struct health_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->key = strdup(key);
	entry->verdict = (struct health_verdict){.up = true, .weight_factor = HEALTH_FACTOR_ALL};
	if (entry->key)
		return entry;
	free(entry);
	return NULL;
}

void health_entry_free(struct health_entry *entry)
{
	if (!entry)
		return;
	free(entry->key);
	free((char *)entry->target.key.group);
	free((char *)entry->target.key.name);
	free((char *)entry->target.monitor);
	free((char *)entry->target.vrf);
	free(entry);
}

static bool grow_slots(struct health_targets *health, size_t needed)
{
	size_t capacity = health->slot_capacity ? health->slot_capacity * 2UL : 16;
	struct health_entry **slot;
	uint32_t *round;

	while (capacity < needed)
		capacity *= 2;
	slot = realloc(health->slot, capacity * sizeof(struct health_entry *));
	if (!slot)
		return false;
	health->slot = slot;
	round = realloc(health->round, capacity * sizeof(*round));
	if (!round)
		return false;
	health->round = round;
	memset(slot + health->slot_capacity, 0, (capacity - health->slot_capacity) * sizeof(struct health_entry *));
	memset(round + health->slot_capacity, 0, (capacity - health->slot_capacity) * sizeof(*round));
	health->slot_capacity = (uint32_t)capacity;
	return true;
}

static bool grow_buckets(struct health_targets *health, size_t needed)
{
	size_t buckets = health->buckets ? health->buckets : BUCKETS_FIRST;
	struct health_entry **old = health->bucket;
	uint32_t count = health->buckets;

	while (buckets < needed)
		buckets *= 2;
	health->bucket = calloc(buckets, sizeof(struct health_entry *));
	if (!health->bucket) {
		health->bucket = old;
		return old && health->buckets; /* lists grow longer, no more */
	}
	health->buckets = (uint32_t)buckets;
	for (uint32_t i = 0; i < count; i++)
		for (struct health_entry *entry = old[i], *next; entry; entry = next) {
			struct health_entry **head = &health->bucket[bucket_of(health, entry->key)];

			next = entry->next;
			entry->next = *head;
			*head = entry;
		}
	free(old);
	return true;
}

bool health_reserve(struct health_targets *health, size_t count)
{
	size_t needed = health->slots + count + 1, queue = health->queue_end + 2 * count;
	uint64_t *grown;

	if (needed > health->slot_capacity && !grow_slots(health, needed))
		return false;
	if (health->count + count > health->buckets && !grow_buckets(health, health->count + count))
		return false;
	if (!health->changed || queue <= health->queue_capacity)
		return true;
	queue *= 2;
	grown = realloc(health->queue, queue * sizeof(*grown));
	if (!grown)
		return false;
	health->queue = grown;
	health->queue_capacity = queue;
	return true;
}

static uint32_t free_slot(struct health_targets *health)
{
	uint32_t slot = health->first_free ? health->first_free : 1;

	while (slot <= health->slots && health->slot[slot])
		slot++;
	health->first_free = slot + 1;
	if (slot > health->slots)
		health->slots = slot;
	return slot;
}

void health_add(struct health_targets *health, struct health_entry *entry)
{
	struct health_entry **head = &health->bucket[bucket_of(health, entry->key)];
	uint32_t slot = free_slot(health);

	entry->next = *head;
	*head = entry;
	health->slot[slot] = entry;
	entry->id = (uint64_t)++health->round[slot] << 32 | slot;
	health->count++;
}

void health_remove(struct health_targets *health, struct health_entry *entry)
{
	struct health_entry **at = &health->bucket[bucket_of(health, entry->key)];
	uint32_t slot = (uint32_t)entry->id;

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	health->slot[slot] = NULL;
	if (slot < health->first_free)
		health->first_free = slot;
	health->count--;
	health_entry_free(entry);
}
