/* SPDX-License-Identifier: Apache-2.0 */
/* A client's call that commits, from its options to its answer. Control thread only. */
#ifndef SLUICE_CONTROL_CONFIG_WRITE_H
#define SLUICE_CONTROL_CONFIG_WRITE_H

#include "vnf/control/commit/commit.h"
#include "vnf/control/control.h"

struct transaction;

struct config_write {
	struct commit commit;
	struct control *control;
	struct handle *owner;		 /* ApplyChanges: of its own changes */
	struct changes changes;		 /* ApplyChanges */
	struct transaction *transaction; /* CommitTransaction: whose changes are committed; NULL: the above */
	ProtobufCMessage *response;
	Sluice__V1__WriteResult **result; /* in the response */
	struct control_answer *answer;
};

/* Zeroed but for these; NULL and a fault: out of memory. `key` with a request_id: the answer will be remembered. */
struct config_write *config_write_new(struct control *control, const struct idempotency_key *key, struct error *error);
void config_write_free(struct config_write *write);

/* Commits it, together with what else waits; answers and frees it then. NULL: the answer is there, it is given at once.
 */
void config_write_submit(struct config_write *write, struct control_answer *answer);

/* The done() of a caller that flushes and then looks for itself. */
void config_write_answer_nobody(struct control_answer *answer);

/* 1: the call was answered before and the response is filled. 0: it was not. -1: a fault. */
int config_write_answered(struct control *control, const struct idempotency_key *key, ProtobufCMessage *response,
			  struct error *error);

#endif
