/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/intern.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ITEMS 64

/* FNV-1a over words: contents are hops, a multiple of four bytes, and few. */
static uint32_t hash_of(const void *bytes, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325;
	const uint8_t *at = bytes;

	for (; size >= sizeof(uint32_t); at += sizeof(uint32_t), size -= sizeof(uint32_t)) {
		uint32_t word;

		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3;
	}
	for (; size; at++, size--)
		hash = (hash ^ *at) * 0x100000001b3;
	return (uint32_t)(hash ^ hash >> 32);
}

void intern_end(struct intern *intern)
{
	for (uint32_t i = 1; i < intern->items; i++)
		free(intern->item[i].bytes);
	free(intern->item);
	free(intern->bucket);
	*intern = (struct intern){0};
}

static bool make_room(struct intern *intern)
{
	uint32_t items = intern->items ? intern->items * 2 : FIRST_ITEMS;
	struct intern_item *item;
	uint32_t *bucket;

	if (items < intern->items)
		return false;
	bucket = calloc(items, sizeof(*bucket));
	item = bucket ? reallocarray(intern->item, items, sizeof(*item)) : NULL;
	if (!item) {
		free(bucket);
		return false;
	}
	memset(item + intern->items, 0, (items - intern->items) * sizeof(*item));
	for (uint32_t i = items - 1; i >= (intern->items ? intern->items : 1); i--) {
		item[i].next = intern->free;
		intern->free = i;
	}
	for (uint32_t i = 1; i < intern->items; i++) {
		uint32_t *head = &bucket[item[i].hash % items];

		if (!item[i].bytes || item[i].hidden)
			continue;
		item[i].next = *head;
		*head = i;
	}
	free(intern->bucket);
	intern->bucket = bucket;
	intern->buckets = intern->items = items;
	intern->item = item;
	return true;
}

static uint32_t find(const struct intern *intern, uint32_t hash, const void *bytes, size_t size)
{
	uint32_t number = intern->buckets ? intern->bucket[hash % intern->buckets] : 0;

	for (; number; number = intern->item[number].next) {
		const struct intern_item *item = &intern->item[number];

		if (item->hash == hash && item->size == size && memcmp(item->bytes, bytes, size) == 0)
			break;
	}
	return number;
}

uint32_t intern_find(const struct intern *intern, const void *bytes, size_t size)
{
	return find(intern, hash_of(bytes, size), bytes, size);
}

uint32_t intern_take(struct intern *intern, const void *bytes, size_t size)
{
	uint32_t hash = hash_of(bytes, size), number = find(intern, hash, bytes, size);
	struct intern_item *item;
	uint32_t *head;
	void *copy;

	if (number) {
		intern->item[number].references++;
		return number;
	}
	if (!intern->free && !make_room(intern))
		return 0;
	copy = malloc(size ? size : 1);
	if (!copy)
		return 0;
	memcpy(copy, bytes, size);
	number = intern->free;
	item = &intern->item[number];
	intern->free = item->next;
	head = &intern->bucket[hash % intern->buckets];
	*item = (struct intern_item){
		.bytes = copy, .size = (uint32_t)size, .hash = hash, .next = *head, .references = 1};
	*head = number;
	intern->used++;
	return number;
}

void intern_hold(struct intern *intern, uint32_t number)
{
	intern->item[number].references++;
}

void intern_hide(struct intern *intern, uint32_t number)
{
	struct intern_item *item = &intern->item[number];
	uint32_t *position = &intern->bucket[item->hash % intern->buckets];

	if (item->hidden)
		return;
	while (*position != number)
		position = &intern->item[*position].next;
	*position = item->next;
	item->hidden = true;
}

bool intern_release(struct intern *intern, uint32_t number)
{
	struct intern_item *item = &intern->item[number];

	if (--item->references)
		return false;
	intern_hide(intern, number);
	free(item->bytes);
	*item = (struct intern_item){.next = intern->free};
	intern->free = number;
	intern->used--;
	return true;
}

const void *intern_bytes(const struct intern *intern, uint32_t number)
{
	return intern->item[number].bytes;
}

size_t intern_size(const struct intern *intern, uint32_t number)
{
	return intern->item[number].size;
}
