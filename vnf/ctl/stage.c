/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a list of changes into a transaction by StageChanges, a portion a stream. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "vnf/ctl/submission.h"
#include "vnf/client/client.h"

#define PORTION_CHANGES 5000
#define PORTION_BYTES	(1U << 20)
#define PROGRESS_AFTER	2 /* seconds */

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

size_t stage_portion_of(const struct change_list *list, size_t first)
{
	size_t count = 0, bytes = 0;

	while (first + count < list->count && count < PORTION_CHANGES && bytes < PORTION_BYTES)
		bytes += protobuf_c_message_get_packed_size(&list->change[first + count++]->base);
	return count;
}

/* Faults count the changes of the transaction, of which `before` are not the list's. */
static int stage_portion(struct session *session, const char *transaction, const struct change_list *list, size_t first,
			 size_t count, uint64_t before, uint64_t *staged)
{
	Sluice__V1__StageChangesRequest request = SLUICE__V1__STAGE_CHANGES_REQUEST__INIT;
	Sluice__V1__StageChangesResponse *response = NULL;
	struct error error = {0};
	struct rpc_stream *stream;

	if (session_connect(session, &error))
		return session_report(&error, NULL, 0);
	request.transaction_id = (char *)transaction;
	request.changes = list->change + first;
	request.n_changes = count;
	stream = rpc_stream_open(session->client, &sluice__v1__config_service__descriptor, "StageChanges",
				 session->options->timeout_ms, &error);
	if (stream) {
		/* A send that breaks is explained by the stream's end. */
		rpc_stream_send(stream, &request.base);
		response = (Sluice__V1__StageChangesResponse *)rpc_stream_finish(stream, &error);
	}
	if (!response)
		return session_report(&error, list, (size_t)0 - before);
	*staged = response->staged;
	sluice__v1__stage_changes_response__free_unpacked(response, NULL);
	return DONE;
}

int stage_changes(struct session *session, const char *transaction, const struct change_list *list, uint64_t *staged)
{
	time_t start = now(), shown = start;
	bool terminal = isatty(STDERR_FILENO);
	uint64_t before = 0;
	size_t first = 0;
	int rc;

	/* An empty portion asks how much is staged already. */
	rc = stage_portion(session, transaction, list, 0, 0, 0, &before);
	*staged = before;
	while (rc == DONE && first < list->count) {
		size_t count = stage_portion_of(list, first);

		rc = stage_portion(session, transaction, list, first, count, before, staged);
		if (rc)
			break;
		first += count;
		if (now() - start >= PROGRESS_AFTER && now() > shown) {
			shown = now();
			fprintf(stderr, "%s%zu of %zu changes staged%s", terminal ? "\r" : "", first, list->count,
				terminal ? "" : "\n");
		}
	}
	if (terminal && shown > start)
		fputc('\n', stderr);
	return rc;
}
