/* SPDX-License-Identifier: Apache-2.0 */
/* A write on its way from its options to its answer. Control thread only. */
#ifndef SLUICE_CONTROL_CONFIG_WRITE_H
#define SLUICE_CONTROL_CONFIG_WRITE_H

#include "vnf/control/commit/commit.h"

struct transaction;

struct config_write {
	struct commit commit;
	struct committer *committer;
	struct handle *owner;		 /* ApplyChanges: of its own changes */
	struct changes changes;		 /* ApplyChanges */
	struct transaction *transaction; /* CommitTransaction: whose changes are committed; NULL: the above */
	ProtobufCMessage *response;
	Sluice__V1__WriteResult **result; /* in the response */
	void (*answered)(void *context);
	void *context;
};

/* Zeroed but for these; NULL and a fault: out of memory. `key` with a request_id: the answer will be remembered. */
struct config_write *config_write_new(struct committer *committer, const struct idempotency_key *key,
				      struct error *error);
/* Says where the write comes from, for those who look at the history, and whether it is to be confirmed; before submit.
 * Otherwise it comes from the owner of its changes, and is confirmed as its transaction says. */
void config_write_origin(struct config_write *write, const char *owner, const char *request_id,
			 uint32_t confirm_seconds);
void config_write_free(struct config_write *write);

/* The faults of a rollback, in its client's terms: it sent no changes. */
void rollback_explain(struct error *error);

/* Commits it together with what else waits, frees it, and calls answered(context). NULL: the answer is there already,
 * and it is called at once. */
void config_write_submit(struct config_write *write, void (*answered)(void *context), void *context);

/* 1: the call was answered before and the response is filled. 0: it was not. -1: a fault. */
int config_write_answered(struct committer *committer, const struct idempotency_key *key, ProtobufCMessage *response,
			  struct error *error);

#endif
