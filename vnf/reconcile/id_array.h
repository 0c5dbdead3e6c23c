/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts by id: an array whose elements are zeros until they are set, takes memory only where ids are in use, and never
 * moves an element. id_pool gives out ids of its own; id_index finds ids by a hash.
 */
#ifndef SLUICE_RECONCILE_ID_ARRAY_H
#define SLUICE_RECONCILE_ID_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/reconcile/undo_log.h"

#define ID_ARRAY_ELEMENT_MOST 128 /* bytes */

struct id_array {
	size_t size; /* bytes of an element */
	char **chunk;
	size_t chunks;
};

static inline struct id_array id_array_of(size_t size)
{
	return (struct id_array){.size = size};
}

void id_array_free(struct id_array *array); /* frees what it points to */

uint32_t id_array_end(const struct id_array *array); /* all elements from this id on are zeros */
const void *id_array_get(const struct id_array *array, uint32_t id);
/* false: it was that already, or there is no memory. Here and below, without a log (NULL) what is done is not undone;
 * changing and giving up what exists takes no memory then. */
bool id_array_set(struct id_array *array, struct undo_log *log, uint32_t id, const void *value);

/* Elements that are created and given up. The ids run from 1; the lowest that was ever given up is not searched for. */
struct id_pool {
	struct id_array element;
	struct id_array next_free; /* uint32_t by id */
	uint32_t free, last;	   /* head of the list of free ids; the highest id that was ever in use */
};

struct id_pool id_pool_of(size_t size);
void id_pool_free(struct id_pool *pool);
uint32_t id_pool_take(struct id_pool *pool, struct undo_log *log); /* 0: out of memory */
void id_pool_give(struct id_pool *pool, struct undo_log *log, uint32_t id);

/* Which ids have a hash: a list for each bucket. Who asks compares the keys. */
struct id_index {
	struct id_array head; /* uint32_t by bucket */
	struct id_array link; /* struct id_link by id */
};

struct id_index id_index_new(void);
void id_index_free(struct id_index *index);
void id_index_add(struct id_index *index, struct undo_log *log, uint32_t hash, uint32_t id);
void id_index_remove(struct id_index *index, struct undo_log *log, uint32_t hash, uint32_t id);
/* The first id with the hash, and the next: some may have another one. 0: none is left. */
uint32_t id_index_first(const struct id_index *index, uint32_t hash);
uint32_t id_index_next(const struct id_index *index, uint32_t id);

/* FNV-1a over the bytes, on from `hash`. */
#define ID_HASH_START 2166136261U
uint32_t id_hash(uint32_t hash, const void *bytes, size_t size);

#endif
