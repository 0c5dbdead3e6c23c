/* SPDX-License-Identifier: Apache-2.0 */
/* --prune: the files become all that the owner has, by one stream of ReplaceOwned, so that what is deleted is what the
 * owner has when the commit is made. */
#include <stdio.h>

#include "vnf/client/client.h"
#include "vnf/ctl/load.h"
#include "vnf/ctl/rehearsal.h"
#include "vnf/ctl/submission.h"

/* A table of any size is one call: --timeout is meant for one message. */
#define TIMEOUTS 20

/* A stream that breaks is explained by its end. */
static void send_all(const struct submission *submission, struct rpc_stream *stream, Sluice__V1__WriteOptions *options)
{
	const struct change_list *list = submission->list;
	struct load_progress progress;
	size_t sent = 0;
	int rc;

	load_progress_begin(&progress);
	do {
		Sluice__V1__ReplaceOwnedRequest request = SLUICE__V1__REPLACE_OWNED_REQUEST__INIT;

		request.options = sent ? NULL : options;
		request.changes = list->change + sent;
		request.n_changes = stage_portion_of(list, sent);
		sent += request.n_changes;
		request.last = sent == list->count;
		rc = rpc_stream_send(stream, &request.base);
		load_progress_show(&progress, sent, (double)sent / (double)list->count);
	} while (!rc && sent < list->count);
	load_progress_end(&progress);
}

static int report(const struct submission *submission, const struct error *error)
{
	if (error->code == ERROR_UNIMPLEMENTED) {
		fprintf(stderr,
			"error: the router is older than --prune (it has no ReplaceOwned): upgrade it, or apply "
			"without --prune and delete what is left over\n");
		return FAILED;
	}
	return session_report(error, submission->list, 0);
}

/* ReplaceOwned takes no deletions. */
static int check_list(const struct change_list *list)
{
	char field[48], where[512];

	for (size_t i = 0; i < list->count; i++) {
		if (list->change[i]->op != SLUICE__V1__OPERATION__OPERATION_DELETE)
			continue;
		snprintf(field, sizeof(field), "changes[%zu]", i);
		change_list_locate(list, 0, field, where, sizeof(where));
		fprintf(stderr, "error: %s: --prune deletes what the files do not name: leave out \"delete\"\n", where);
		return FAILED;
	}
	return DONE;
}

int submission_replace(struct submission *submission, bool validate_only)
{
	struct session *session = submission->session;
	Sluice__V1__WriteOptions options = submission_options(submission);
	Sluice__V1__ReplaceOwnedResponse *response = NULL;
	Sluice__V1__Rehearsal rehearsal;
	struct rpc_stream *stream = NULL;
	struct error error = {0};
	int rc = check_list(submission->list);

	if (rc)
		return rc;
	options.validate_only = validate_only;
	if (validate_only)
		options.rehearsal = rehearsal_wished(session, &rehearsal);
	submission_forget_answer(submission);
	if (!session_connect(session, &error))
		stream = rpc_stream_open(session->client, &sluice__v1__config_service__descriptor, "ReplaceOwned",
					 session->options->timeout_ms * TIMEOUTS, &error);
	if (stream) {
		send_all(submission, stream, &options);
		response = (Sluice__V1__ReplaceOwnedResponse *)rpc_stream_finish(stream, &error);
	}
	if (!response)
		return report(submission, &error);
	submission->answer = &response->base;
	submission->result = response->result;
	submission->difference = response->differences;
	submission->difference_count = response->n_differences;
	return submission_has_result(submission);
}
