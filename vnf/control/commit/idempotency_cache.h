/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of the last 1,024 writes that came with a request_id, so that a retry is answered and not done again.
 * Control thread only. */
#ifndef SLUICE_CONTROL_IDEMPOTENCY_CACHE_H
#define SLUICE_CONTROL_IDEMPOTENCY_CACHE_H

#include <stdbool.h>
#include <stdint.h>
#include <protobuf-c/protobuf-c.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/control/kinds/decode.h"
#include "vnf/core/error.h"

#define IDEMPOTENCY_WRITES 1024
#define IDEMPOTENCY_BYTES  (64U << 20) /* of answers; beyond it the oldest are kept without their results */

struct idempotency_cache;
struct idempotency_entry;

struct idempotency_cache *idempotency_cache_new(void);	      /* NULL: out of memory */
void idempotency_cache_free(struct idempotency_cache *cache); /* NULL is fine */

/* Who asks: texts may be "". The transaction of a commit, which is gone once committed, else "". */
struct idempotency_key {
	const char *owner, *request_id, *transaction;
	uint64_t digest; /* of what is to be changed; 0 where that is known by the transaction */
};

/* Tells lists of changes apart; never 0. */
uint64_t idempotency_digest(Sluice__V1__Change *const *changes, size_t count);

/* 1 and the answer in *message; 0: none, do it; -1 with a fault: the request_id was another write's, or no
 * memory. A commit may leave the owner empty. */
int idempotency_cache_find(const struct idempotency_cache *cache, const struct idempotency_key *key,
			   const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message,
			   struct error *error);

/* Would the entry, which is still empty, answer the key? NULL: it would not. */
bool idempotency_entry_matches(const struct idempotency_entry *entry, const struct idempotency_key *key);

/* Room for an answer of this key, before the write; NULL: out of memory. */
struct idempotency_entry *idempotency_entry_new(const struct idempotency_key *key);
void idempotency_entry_free(struct idempotency_entry *entry); /* NULL is fine */
/* Remembers it, after the write; takes the entry over. `result` is the part of the answer that may be long, or NULL:
 * without memory for its results the rest is remembered all the same. */
void idempotency_cache_add(struct idempotency_cache *cache, struct idempotency_entry *entry,
			   const ProtobufCMessage *answer, Sluice__V1__WriteResult *result);

/* --- as records that outlive the daemon: commits only, and of their answers only the numbers --- */
#define IDEMPOTENCY_KEY	  (3 * (NAME_BYTES + 1)) /* bytes at most */
#define IDEMPOTENCY_VALUE 200

struct idempotency_record {
	size_t key_size, value_size;
	char key[IDEMPOTENCY_KEY];
	uint8_t value[IDEMPOTENCY_VALUE];
};

/* Fills it with the entry, which may be empty yet, and its answer. */
void idempotency_record_make(struct idempotency_record *record, const struct idempotency_entry *entry,
			     Sluice__V1__WriteResult *result);
/* Visits those that the cache holds, the oldest first. */
void idempotency_cache_visit(const struct idempotency_cache *cache,
			     void (*visit)(void *context, const struct idempotency_record *record), void *context);
/* Takes one in again as the newest. 0, -EPROTO: it is none, or -ENOMEM. */
int idempotency_cache_restore(struct idempotency_cache *cache, const char *key, size_t key_size, const uint8_t *value,
			      size_t value_size);

#endif
