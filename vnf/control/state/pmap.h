/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A persistent ordered map of object pointers: an AVL tree whose versions share what they have in common. A version,
 * once its edit is finished, never changes and can be read by any thread; one thread edits.
 *
 * An edit copies each old node that it touches once and then changes its own copies in place, so a bulk edit costs
 * little more than an ephemeral tree. It may cover several maps.
 */
#ifndef SLUICE_CONTROL_PMAP_H
#define SLUICE_CONTROL_PMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pmap_node;

/* One version; empty when zeroed. Copy it freely. */
struct pmap {
	struct pmap_node *root;
	size_t count;
};

/* Orders a key before (<0), at or after (>0) an object. */
typedef int (*pmap_compare)(const void *key, const void *object);

struct pmap_edit {
	uint64_t stamp; /* marks the nodes that are the edit's own */
	struct pmap_node *created;
	struct pmap_node *replaced; /* nodes of the version before that the new one does without */
	struct pmap_node *spare;
	size_t spares;
};

/* `stamp` must differ from that of every edit whose nodes are alive, and be less than 2^56. */
void pmap_edit_begin(struct pmap_edit *edit, uint64_t stamp);

/* Puts the object at its key; *previous is what was there, or NULL. 0, or -ENOMEM with nothing changed. */
int pmap_set(struct pmap *map, struct pmap_edit *edit, pmap_compare compare, const void *key, void *object,
	     void **previous);

/* *removed is what was there, or NULL. 0, or -ENOMEM with nothing changed. */
int pmap_remove(struct pmap *map, struct pmap_edit *edit, pmap_compare compare, const void *key, void **removed);

/* The edited maps are versions of their own now. Returns the nodes that only older versions use: pmap_garbage_free once
 * those are gone. */
struct pmap_node *pmap_edit_finish(struct pmap_edit *edit);
void pmap_garbage_free(struct pmap_node *garbage); /* NULL is fine */
size_t pmap_garbage_bytes(const struct pmap_node *garbage);

/* Forgets the edit; the maps that it changed must not be used any more, the versions before are whole. */
void pmap_edit_abort(struct pmap_edit *edit);
/* The same of an edit that is finished, a map at a time: `map` is the newest version, which the edit with this stamp
 * made or left as it was. The edit's garbage is then in use again: forget it. */
void pmap_discard(struct pmap *map, uint64_t stamp);

void *pmap_find(const struct pmap *map, pmap_compare compare, const void *key); /* NULL: none */
/* The object with the least key beyond `key`; the first of all for NULL; NULL at the end. */
void *pmap_next(const struct pmap *map, pmap_compare compare, const void *key);
/* All objects in order, until visit returns false. */
void pmap_walk(const struct pmap *map, bool (*visit)(void *object, void *context), void *context);

/* Frees the nodes of the last version that is left. */
void pmap_clear(struct pmap *map);

#endif
