/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/id_array.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK	256 /* elements that are allocated together */
#define BUCKETS 16384

static const char zeros[ID_ARRAY_ELEMENT_MOST];

struct id_link {
	uint32_t next, previous; /* 0: none */
};

void id_array_free(struct id_array *array)
{
	for (size_t i = 0; i < array->chunks; i++)
		free(array->chunk[i]);
	free(array->chunk);
	array->chunk = NULL;
	array->chunks = 0;
}

uint32_t id_array_end(const struct id_array *array)
{
	return (uint32_t)(array->chunks * CHUNK);
}

const void *id_array_get(const struct id_array *array, uint32_t id)
{
	size_t chunk = id / CHUNK;

	if (chunk >= array->chunks || !array->chunk[chunk])
		return zeros;
	return array->chunk[chunk] + id % CHUNK * array->size;
}

/* The element, in a chunk of its own if there was none; NULL: out of memory. */
static char *make(struct id_array *array, uint32_t id)
{
	size_t chunk = id / CHUNK, chunks = array->chunks ? array->chunks : 4;
	char **grown;

	if (chunk >= array->chunks) {
		while (chunks <= chunk)
			chunks *= 2;
		grown = realloc(array->chunk, chunks * sizeof(*grown));
		if (!grown)
			return NULL;
		memset(grown + array->chunks, 0, (chunks - array->chunks) * sizeof(*grown));
		array->chunk = grown;
		array->chunks = chunks;
	}
	if (!array->chunk[chunk])
		array->chunk[chunk] = calloc(CHUNK, array->size);
	return array->chunk[chunk] ? array->chunk[chunk] + id % CHUNK * array->size : NULL;
}

bool id_array_set(struct id_array *array, struct undo_log *log, uint32_t id, const void *value)
{
	char *at;

	if (memcmp(id_array_get(array, id), value, array->size) == 0)
		return false;
	at = make(array, id);
	if (at)
		return undo_log_set(log, at, value, array->size);
	if (log)
		log->no_memory = true;
	return false;
}

struct id_pool id_pool_of(size_t size)
{
	return (struct id_pool){.element = {.size = size}, .next_free = {.size = sizeof(uint32_t)}};
}

void id_pool_free(struct id_pool *pool)
{
	id_array_free(&pool->element);
	id_array_free(&pool->next_free);
}

uint32_t id_pool_take(struct id_pool *pool, struct undo_log *log)
{
	uint32_t id = pool->free, next = id ? *(const uint32_t *)id_array_get(&pool->next_free, id) : pool->last + 1;

	if (id) {
		undo_log_set(log, &pool->free, &next, sizeof(next));
	} else if (!make(&pool->element, next) || !make(&pool->next_free, next)) {
		log->no_memory = true; /* what is here now, giving the id back never needs */
	} else {
		undo_log_set(log, &pool->last, &next, sizeof(next));
		id = next;
	}
	return log->no_memory ? 0 : id;
}

void id_pool_give(struct id_pool *pool, struct undo_log *log, uint32_t id)
{
	id_array_set(&pool->element, log, id, zeros);
	id_array_set(&pool->next_free, log, id, &pool->free);
	undo_log_set(log, &pool->free, &id, sizeof(id));
}

struct id_index id_index_new(void)
{
	return (struct id_index){.head = {.size = sizeof(uint32_t)}, .link = {.size = sizeof(struct id_link)}};
}

void id_index_free(struct id_index *index)
{
	id_array_free(&index->head);
	id_array_free(&index->link);
}

static void set_link(struct id_index *index, struct undo_log *log, uint32_t id, struct id_link link)
{
	id_array_set(&index->link, log, id, &link);
}

static struct id_link link_of(const struct id_index *index, uint32_t id)
{
	return *(const struct id_link *)id_array_get(&index->link, id);
}

/* The order of the writes: a list stays one to its end if the memory ends among them. */
void id_index_add(struct id_index *index, struct undo_log *log, uint32_t hash, uint32_t id)
{
	uint32_t first = id_index_first(index, hash);

	set_link(index, log, id, (struct id_link){.next = first});
	if (first)
		set_link(index, log, first, (struct id_link){link_of(index, first).next, id});
	id_array_set(&index->head, log, hash % BUCKETS, &id);
}

void id_index_remove(struct id_index *index, struct undo_log *log, uint32_t hash, uint32_t id)
{
	const struct id_link link = link_of(index, id);

	if (link.previous)
		set_link(index, log, link.previous,
			 (struct id_link){link.next, link_of(index, link.previous).previous});
	else
		id_array_set(&index->head, log, hash % BUCKETS, &link.next);
	if (link.next)
		set_link(index, log, link.next, (struct id_link){link_of(index, link.next).next, link.previous});
	set_link(index, log, id, (struct id_link){0});
}

uint32_t id_index_first(const struct id_index *index, uint32_t hash)
{
	return *(const uint32_t *)id_array_get(&index->head, hash % BUCKETS);
}

uint32_t id_index_next(const struct id_index *index, uint32_t id)
{
	return link_of(index, id).next;
}

uint32_t id_hash(uint32_t hash, const void *bytes, size_t size)
{
	for (const uint8_t *byte = bytes; size > 0; byte++, size--)
		hash = (hash ^ *byte) * 16777619U;
	return hash;
}
