/* SPDX-License-Identifier: Apache-2.0 */
/* Resources as entries of the journal: the kind by its number, the key as clients see it, the value as the message
 * sluice.v1.Resource. */
#ifndef SLUICE_CONTROL_RECORDER_ENTRIES_H
#define SLUICE_CONTROL_RECORDER_ENTRIES_H

#include "vnf/control/commit/idempotency_cache.h"
#include "vnf/control/commit/recorder.h"
#include "vnf/control/kinds/key.h"

/* A kind behind those of resources and of what else the journal keeps: the answer of a commit that had a request_id. */
#define ENTRY_KIND_REQUEST 255

/* The record as an entry, which borrows it. */
struct entry recorder_request(const struct idempotency_record *record, uint64_t revision);
/* Puts what the cache holds into a new file. */
void recorder_put_requests(const struct idempotency_cache *requests, struct journal_rewrite *job);

/* 0 or -ENOMEM. A fault of the writer is the writer's. */
int recorder_put(struct packing *packing, struct record_writer *writer, const struct resource *resource);
/* What was there before it, as an ENTRY_BEFORE that refers to key and to the packing. 0 or -ENOMEM. */
int recorder_before(struct packing *packing, const struct delta_entry *difference, char key[RESOURCE_KEY_TEXT],
		    struct entry *entry);
int recorder_put_difference(struct packing *packing, struct record_writer *writer, const struct delta_entry *entry);

#endif
