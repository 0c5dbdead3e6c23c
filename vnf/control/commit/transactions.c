/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/transactions.h"

#include <event2/event.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "vnf/access/access.h"
#include "vnf/control/commit/committer.h"
#include "vnf/control/commit/permission.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"

struct transactions {
	struct committer *committer;
	atomic_uint count; /* other threads read it */
	struct transaction *open[TRANSACTIONS_MAX];
};

struct transactions *transactions_new(struct committer *committer)
{
	struct transactions *transactions = calloc(1, sizeof(*transactions));

	if (transactions)
		transactions->committer = committer;
	return transactions;
}

void transactions_free(struct transactions *transactions)
{
	if (!transactions)
		return;
	while (transactions->count)
		transaction_close(transactions->open[0]);
	free(transactions);
}

unsigned int transactions_count(const struct transactions *transactions)
{
	return atomic_load_explicit(&transactions->count, memory_order_relaxed);
}

static void on_expiry(evutil_socket_t fd, short events, void *context)
{
	struct transaction *transaction = context;

	(void)fd;
	(void)events;
	log_info("transaction %s of %s expired: %zu changes dropped after %u s without a call", transaction->id,
		 transaction->owner->text, transaction->changes.count, transaction->idle_seconds);
	transaction_close(transaction);
}

/* Not to be guessed: whoever knows the id may commit. */
static int random_id(char id[TRANSACTION_ID_TEXT])
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(&id[i * 2], 3, "%02x", bytes[i]);
	return 0;
}

static void restart(struct transaction *transaction)
{
	const struct timeval idle = {.tv_sec = transaction->idle_seconds};

	loop_start_timer(transaction->expiry, &idle);
}

/* May the caller open one more? 0, or -1 and the fault. */
static int check_quota(const struct transactions *transactions, struct access_caller *caller, struct error *error)
{
	uint32_t limit = access_quota(caller, QUOTA_TRANSACTIONS), count = 0;

	for (size_t i = 0; limit && i < transactions->count; i++)
		count += transactions->open[i]->caller == caller;
	if (!limit || count < limit)
		return 0;
	access_quota_fault(caller, QUOTA_TRANSACTIONS, error);
	return -1;
}

struct transaction *transaction_open(struct transactions *transactions, const struct write_options *options,
				     uint32_t idle_seconds, struct error *error)
{
	struct committer *committer = transactions->committer;
	struct transaction *transaction;

	if (transactions->count == TRANSACTIONS_MAX) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "%d transactions are open: commit or abort one, or wait until one expires", TRANSACTIONS_MAX);
		return NULL;
	}
	if (check_quota(transactions, access_current(), error))
		return NULL;
	transaction = calloc(1, sizeof(*transaction));
	if (!transaction)
		goto err;
	transaction->caller = access_caller_get(access_current());
	transaction->all = transactions;
	transaction->idle_seconds = idle_seconds;
	transaction->expected_revision = options->expected_revision;
	transaction->election_id = options->election_id;
	transaction->validate_only = options->validate_only;
	transaction->rehearsal = options->rehearsal;
	transaction->durability = options->durability;
	transaction->confirm_seconds = options->confirm_seconds;
	transaction->owner = handles_get(committer->handles, HANDLE_OWNER, options->owner);
	transaction->expiry = evtimer_new(loop_base(committer->loop), on_expiry, transaction);
	if (!transaction->owner || !transaction->expiry || random_id(transaction->id))
		goto err;
	restart(transaction);
	transactions->open[transactions->count++] = transaction;
	return transaction;

err:
	if (transaction && transaction->expiry)
		event_free(transaction->expiry);
	if (transaction) {
		handles_put(committer->handles, transaction->owner);
		access_caller_put(transaction->caller);
	}
	free(transaction);
	error_no_memory(error, NULL);
	return NULL;
}

void transaction_close(struct transaction *transaction)
{
	struct transactions *transactions = transaction->all;
	struct handles *handles = transactions->committer->handles;

	for (size_t i = 0; i < transactions->count; i++)
		if (transactions->open[i] == transaction) {
			transactions->open[i] = transactions->open[--transactions->count];
			break;
		}
	event_free(transaction->expiry);
	changes_clear(&transaction->changes, handles);
	handles_put(handles, transaction->owner);
	access_caller_put(transaction->caller);
	free(transaction);
}

struct transaction *transaction_touch(struct transactions *transactions, const char *id, struct error *error)
{
	for (size_t i = 0; i < transactions->count; i++)
		if (strcmp(transactions->open[i]->id, id) == 0) {
			if (permission_for_owner(transactions->open[i]->owner->text, "transaction_id", error))
				return NULL;
			restart(transactions->open[i]);
			return transactions->open[i];
		}
	error_add(error, ERROR_NOT_FOUND, "transaction_id",
		  "there is no transaction \"%.64s\": it was ended, or it expired", id);
	return NULL;
}

size_t transactions_staged_bytes(const struct transactions *transactions)
{
	size_t bytes = 0;

	for (size_t i = 0; i < transactions->count; i++)
		bytes += transactions->open[i]->changes.bytes;
	return bytes;
}

size_t transactions_staged_by(const struct transactions *transactions, const struct access_caller *caller)
{
	size_t bytes = 0;

	for (size_t i = 0; i < transactions->count; i++)
		if (transactions->open[i]->caller == caller)
			bytes += transactions->open[i]->changes.bytes;
	return bytes;
}

/* Is what the transaction's caller has staged within its quota? 0, or -1 and the fault. */
static int check_staged_quota(const struct transaction *transaction, struct error *error)
{
	uint32_t limit = access_quota(transaction->caller, QUOTA_STAGED_MIB);

	if (!limit || transactions_staged_by(transaction->all, transaction->caller) <= (size_t)limit << 20)
		return 0;
	access_quota_fault(transaction->caller, QUOTA_STAGED_MIB, error);
	return -1;
}

int transaction_stage(struct transaction *transaction, Sluice__V1__Change *const *changes, size_t count,
		      struct error *error)
{
	struct handles *handles = transaction->all->committer->handles;

	if (changes_add(&transaction->changes, handles, transaction->owner, changes, count, transaction->changes.count,
			error))
		return -1;
	if (transactions_staged_bytes(transaction->all) > TRANSACTION_STAGED_BYTES)
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL,
			  "open transactions hold %lu MiB of staged changes, which is the limit: commit what is staged",
			  TRANSACTION_STAGED_BYTES >> 20);
	else if (!check_staged_quota(transaction, error))
		return 0;
	changes_drop(&transaction->changes, handles, count);
	return -1;
}
