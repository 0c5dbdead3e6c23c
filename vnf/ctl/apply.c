/* SPDX-License-Identifier: Apache-2.0 */
/* apply, diff and delete: show the effect of files or of a key, and then apply it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/connections.h"
#include "vnf/ctl/history.h"
#include "vnf/json/json_write.h"
#include "vnf/ctl/keys.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/report.h"

static int read_wanted(struct session *session, struct change_list *list)
{
	int rc;

	if (!session->options->file_count) {
		fprintf(stderr, "error: which file? -f FILE, or -f - for the standard input\n");
		return FAILED;
	}
	rc = session_read_files(session, list);
	/* An empty input is more often a broken pipe than a wish to delete everything. */
	if (rc == DONE && session->options->prune && list->count == 0) {
		fprintf(stderr, "error: --prune with files that name nothing would delete everything of %s\n",
			session->options->owner);
		return FAILED;
	}
	return rc;
}

/* Without a terminal the caller is a script, which has decided already. */
bool ask_confirmed(const struct session *session)
{
	char answer[16] = "";

	if (session->options->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return true;
	fflush(stdout);
	fprintf(stderr, "Apply? [y/N] ");
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int apply_list(struct session *session, struct change_list *list)
{
	struct submission submission = {.session = session, .list = list};
	bool json = session->options->output == OUTPUT_JSON;
	char counts[160];
	int rc = submission_validate(&submission);

	if (rc == DONE && !json)
		rc = print_differences(&submission);
	if (rc == DONE && session->options->dry_run) {
		if (json)
			rc = json_print(json_message(submission.answer)) ? out_of_memory() : DONE;
		else
			printf("dry run: %s\n", counts_text(submission.result, counts, sizeof(counts)));
	} else if (rc == DONE && result_changes(submission.result) && !ask_confirmed(session)) {
		fprintf(stderr, "not applied\n");
		rc = DIFFERENT;
	} else if (rc == DONE) {
		rc = submission_commit(&submission);
		if (rc == DONE && json)
			rc = json_print(json_message(submission.answer)) ? out_of_memory() : DONE;
		else if (rc == DONE)
			print_result(session, submission.result);
	}
	submission_end(&submission);
	return rc;
}

/* The server refuses a write without changes, so that it is not asked; an empty answer has no result. */
static int apply_files(struct session *session, struct change_list *list)
{
	static const Sluice__V1__ApplyChangesResponse nothing = SLUICE__V1__APPLY_CHANGES_RESPONSE__INIT;

	if (list->count)
		return apply_list(session, list);
	if (session->options->output == OUTPUT_JSON)
		return json_print(json_message(&nothing.base)) ? out_of_memory() : DONE;
	printf("nothing to do\n");
	return DONE;
}

int command_apply(void *context, char **arguments)
{
	struct session *session = context;
	struct change_list list = {0};
	int rc = read_wanted(session, &list);

	(void)arguments;
	if (rc == DONE)
		rc = apply_files(session, &list);
	change_list_free(&list);
	return rc;
}

int command_diff(void *context, char **arguments)
{
	struct session *session = context;
	struct change_list list = {0};
	struct submission submission = {.session = session, .list = &list};
	bool json = session->options->output == OUTPUT_JSON;
	int rc;

	if (arguments[0] && !session->options->file_count)
		return diff_revisions(session, arguments);
	if (arguments[0]) {
		fprintf(stderr, "error: files or revisions, not both\n");
		return FAILED;
	}
	rc = read_wanted(session, &list);
	if (rc == DONE && list.count) {
		rc = submission_validate(&submission);
		if (rc == DONE && json)
			rc = json_print(json_message(submission.answer)) ? out_of_memory() : DONE;
		else if (rc == DONE)
			rc = print_differences(&submission);
		if (rc == DONE && result_changes(submission.result))
			rc = DIFFERENT;
	}
	submission_end(&submission);
	change_list_free(&list);
	return rc == TRY_AGAIN ? FAILED : rc;
}

/* All that the files name goes, whether they name it under "delete" or not. */
static int delete_files(struct session *session)
{
	struct change_list list = {0};
	int rc = session_read_files(session, &list);

	for (size_t i = 0; i < list.count; i++)
		list.change[i]->op = SLUICE__V1__OPERATION__OPERATION_DELETE;
	if (rc == DONE)
		rc = apply_files(session, &list);
	change_list_free(&list);
	return rc;
}

int command_delete(void *context, char **arguments)
{
	struct session *session = context;
	const ProtobufCFieldDescriptor *kind = arguments[0] ? kind_find(arguments[0]) : NULL;
	struct change_list list = {0};
	Sluice__V1__Resource *resource;
	int rc;

	if (!arguments[0] != !!session->options->file_count) {
		fprintf(stderr, "error: delete what? KIND KEY, or -f FILE, not both; see sluicectl delete --help\n");
		return FAILED;
	}
	if (!arguments[0])
		return connections_check_others(session->options) ? delete_files(session) : FAILED;
	if (!arguments[1] && strcmp(arguments[0], CONNECTIONS_WORD) == 0)
		return delete_connections(session);
	if (!kind) {
		fprintf(stderr, "error: unknown kind \"%s\"; see sluicectl show --help\n", arguments[0]);
		return FAILED;
	}
	if (!connections_check_others(session->options))
		return FAILED;
	if (!arguments[1]) {
		fprintf(stderr, "error: which %s? See sluicectl delete --help\n", kind->name);
		return FAILED;
	}
	resource = resource_from_key(kind, arguments[1]);
	if (!resource && errno == EINVAL) {
		fprintf(stderr, "error: \"%s\" is not a key of a %s: VRF/PREFIX is expected\n", arguments[1],
			kind->name);
		return FAILED;
	}
	if (!resource || change_list_add(&list, SLUICE__V1__OPERATION__OPERATION_DELETE, resource, 0))
		return out_of_memory();
	rc = apply_list(session, &list);
	change_list_free(&list);
	return rc;
}

void delete_complete(struct cli_completion *completion)
{
	if (completion->count == 0)
		cli_offer(completion, CONNECTIONS_WORD);
	keys_offer_kind_and_key(completion);
}
