/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of the last 1,024 writes that came with a request_id, so that a retry is answered and not done again.
 * Control thread only. */
#ifndef SLUICE_CONTROL_REPLAY_H
#define SLUICE_CONTROL_REPLAY_H

#include <stdbool.h>
#include <protobuf-c/protobuf-c.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/core/error.h"

#define REPLAY_WRITES 1024
#define REPLAY_BYTES  (64U << 20) /* of answers; beyond it the oldest are kept without their results */

struct replay;
struct replay_entry;

struct replay *replay_new(void);	 /* NULL: out of memory */
void replay_free(struct replay *replay); /* NULL is fine */

/* Who asks: texts may be "". The transaction of a commit, which is gone once committed, else "". */
struct replay_key {
	const char *owner, *request_id, *transaction;
};

/* 1 and the answer in *message; 0: none, do it; -1 with a fault: the request_id was another kind of write's, or no
 * memory. A commit may leave the owner empty. */
int replay_find(const struct replay *replay, const struct replay_key *key, const ProtobufCMessageDescriptor *descriptor,
		ProtobufCMessage **message, struct error *error);

/* Would the entry, which is still empty, answer the key? NULL: it would not. */
bool replay_entry_matches(const struct replay_entry *entry, const struct replay_key *key);

/* Room for an answer of this key, before the write; NULL: out of memory. */
struct replay_entry *replay_entry_new(const struct replay_key *key);
void replay_entry_free(struct replay_entry *entry); /* NULL is fine */
/* Remembers it, after the write; takes the entry over. `result` is the part of the answer that may be long, or NULL:
 * without memory for its results the rest is remembered all the same. */
void replay_add(struct replay *replay, struct replay_entry *entry, const ProtobufCMessage *answer,
		Sluice__V1__WriteResult *result);

#endif
