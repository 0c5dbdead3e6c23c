/* SPDX-License-Identifier: Apache-2.0 */
/* Open transactions: staged changes that wait for their commit, and expire when nobody touches them. Control thread. */
#ifndef SLUICE_CONTROL_TRANSACTIONS_H
#define SLUICE_CONTROL_TRANSACTIONS_H

#include "vnf/control/commit/changes.h"
#include "vnf/control/commit/options.h"

#define TRANSACTIONS_MAX	 256
#define TRANSACTION_STAGED_BYTES (512UL << 20) /* of all open transactions together */
#define TRANSACTION_ID_TEXT	 33

struct access_caller;
struct committer;
struct event;
struct transactions;

struct transaction {
	struct transactions *all;
	struct event *expiry;
	struct handle *owner;
	struct access_caller *caller; /* who opened it, and whose quotas it counts for; NULL: the router itself */
	struct changes changes;
	uint64_t expected_revision, election_id;
	bool validate_only;
	struct rehearsal_wish rehearsal; /* with that */
	Sluice__V1__Durability durability;
	uint32_t confirm_seconds;
	bool committing; /* its changes are part of a commit */
	uint32_t idle_seconds;
	char id[TRANSACTION_ID_TEXT];
};

struct transactions *transactions_new(struct committer *committer); /* NULL: out of memory */
void transactions_free(struct transactions *transactions);	    /* NULL is fine */

/* NULL and a fault: too many, no memory. */
struct transaction *transaction_open(struct transactions *transactions, const struct write_options *options,
				     uint32_t idle_seconds, struct error *error);
void transaction_close(struct transaction *transaction);

/* NULL and NOT_FOUND: unknown, or expired; PERMISSION_DENIED: of an owner that the caller may not write as. Its idle
 * time starts again. */
struct transaction *transaction_touch(struct transactions *transactions, const char *id, struct error *error);

/* Appends changes; paths of faults count from the transaction's first. 0, or -1 with faults and nothing appended. */
int transaction_stage(struct transaction *transaction, Sluice__V1__Change *const *changes, size_t count,
		      struct error *error);

unsigned int transactions_count(const struct transactions *transactions); /* open ones; any thread */

size_t transactions_staged_bytes(const struct transactions *transactions);

/* Of those that the caller opened. */
size_t transactions_staged_by(const struct transactions *transactions, const struct access_caller *caller);

#endif
