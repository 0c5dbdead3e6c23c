/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/committer.h"

#include <errno.h>
#include <event2/event.h>
#include <unistd.h>

#include "vnf/control/commit/confirm.h"
#include "vnf/control/commit/idempotency_cache.h"
#include "vnf/control/commit/transactions.h"
#include "vnf/control/kinds/unique_keys.h"
#include "vnf/core/loop.h"

static void on_gathered(evutil_socket_t fd, short events, void *context)
{
	uint64_t times;

	(void)events;
	if (read(fd, &times, sizeof(times)) == (ssize_t)sizeof(times)) /* else they have gone meanwhile */
		commit_flush(context);
}

static void on_flush(evutil_socket_t fd, short events, void *context)
{
	struct committer *committer = context;

	(void)fd;
	(void)events;
	if (!commit_is_durable(committer) ||
	    !gather_wait(&committer->gather, committer->commits.count, committer->recorder.sync_us))
		commit_flush(committer);
}

int committer_init(struct committer *committer)
{
	committer->unique_keys = unique_keys_new();
	committer->idempotency = idempotency_cache_new();
	committer->transactions = transactions_new(committer);
	committer->revisions = revisions_new();
	committer->confirmations = confirmations_new(committer);
	committer->flush = event_new(loop_base(committer->loop), -1, 0, on_flush, committer);
	if (!committer->unique_keys || !committer->idempotency || !committer->transactions || !committer->flush ||
	    !committer->revisions || !committer->confirmations)
		return -ENOMEM;
	if (gather_init(&committer->gather, committer->loop, on_gathered, committer))
		return -ENOMEM;
	if (recorder_init(&committer->recorder, committer->loop, committer->history, committer->revisions))
		return -ENOMEM;
	committer->recorder.requests = committer->idempotency;
	return 0;
}

void committer_clear(struct committer *committer)
{
	recorder_clear(&committer->recorder);
	gather_clear(&committer->gather);
	if (committer->flush)
		event_free(committer->flush);
	transactions_free(committer->transactions);
	confirmations_free(committer->confirmations);
	revisions_free(committer->revisions);
	idempotency_cache_free(committer->idempotency);
	unique_keys_free(committer->unique_keys);
}
