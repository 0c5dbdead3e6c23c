/* SPDX-License-Identifier: Apache-2.0 */
/* The state that a journal leads to: the last value of every key. Entries are borrowed from the journal's bytes. */
#ifndef SLUICE_STORE_JOURNAL_INDEX_H
#define SLUICE_STORE_JOURNAL_INDEX_H

#include "vnf/control/store/record.h"

struct journal_index_slot {
	const char *entry; /* its entry_header; NULL: the slot is empty */
	uint32_t tag;	   /* bits of the hash that do not choose the slot */
	bool gone;	   /* deleted */
};

/* Empty when zeroed. */
struct journal_index {
	struct journal_index_slot *slot;
	size_t mask;  /* slots - 1 */
	size_t used;  /* slots */
	size_t count; /* keys that have a value */
};

/* 0 or -ENOMEM. */
int journal_index_set(struct journal_index *index, const struct entry *entry);
/* The key's value; false: it has none. */
bool journal_index_find(const struct journal_index *index, const struct entry *key, struct entry *entry);
/* Nothing is set any more: the values in the order in which they are in the journal, which is that of their keys where
 * one commit or a snapshot has them. */
void journal_index_sort(struct journal_index *index);
/* The n-th value, once it is sorted. false: past the end. */
bool journal_index_get(const struct journal_index *index, size_t n, struct entry *entry);
void journal_index_free(struct journal_index *index); /* frees what it points to */

#endif
