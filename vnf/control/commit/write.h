/* SPDX-License-Identifier: Apache-2.0 */
/* A client's call that commits, from its options to its answer. Control thread only. */
#ifndef SLUICE_CONTROL_WRITE_H
#define SLUICE_CONTROL_WRITE_H

#include "vnf/control/commit/commit.h"
#include "vnf/control/control.h"

struct transaction;

struct write {
	struct commit commit;
	struct control *control;
	struct name *owner;		 /* ApplyChanges: of its own changes */
	struct changes changes;		 /* ApplyChanges */
	struct transaction *transaction; /* CommitTransaction: whose changes are committed; NULL: the above */
	ProtobufCMessage *response;
	Sluice__V1__WriteResult **result; /* in the response */
	struct control_answer *answer;
};

/* Zeroed but for these; NULL and a fault: out of memory. `key` with a request_id: the answer will be remembered. */
struct write *write_new(struct control *control, const struct replay_key *key, struct error *error);
void write_free(struct write *write);

/* Commits it, together with what else waits; answers and frees it then. NULL: the answer is there, it is given at once.
 */
void write_submit(struct write *write, struct control_answer *answer);

/* The done() of a caller that flushes and then looks for itself. */
void write_answer_nobody(struct control_answer *answer);

/* 1: the call was answered before and the response is filled. 0: it was not. -1: a fault. */
int write_replayed(struct control *control, const struct replay_key *key, ProtobufCMessage *response,
		   struct error *error);

#endif
