/* SPDX-License-Identifier: Apache-2.0 */
/* rollback and confirm. */
#include <inttypes.h>
#include <stdio.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/history.h"
#include "vnf/ctl/rehearsal.h"
#include "vnf/ctl/report.h"
#include "vnf/json/json_write.h"

static const ProtobufCServiceDescriptor *const config = &sluice__v1__config_service__descriptor;

/* NULL: *rc is the exit code, and the fault was printed. */
static Sluice__V1__RollbackResponse *call(struct session *session, uint64_t to, bool dry, uint64_t expected, int *rc)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__RollbackRequest request = SLUICE__V1__ROLLBACK_REQUEST__INIT;
	Sluice__V1__RollbackResponse *response;
	Sluice__V1__Rehearsal rehearsal;
	struct error error;

	options.owner = (char *)session->options->owner;
	options.election_id = session->options->election_id;
	options.durability = session->options->durability;
	options.expected_revision = expected;
	options.validate_only = dry;
	if (dry)
		options.rehearsal = rehearsal_wished(session, &rehearsal);
	options.confirm_seconds = session->options->confirm_seconds;
	request.options = &options;
	request.revision = to;
	response = (Sluice__V1__RollbackResponse *)session_call(session, config, "Rollback", &request.base, &error);
	*rc = DONE;
	if (!response)
		*rc = session_report(&error, NULL, 0);
	else if (!response->result)
		*rc = FAILED;
	return response;
}

/* The effect, for people. */
static int show(const struct session *session, const Sluice__V1__RollbackResponse *response)
{
	const struct submission shown = {.session = (struct session *)session,
					 .result = response->result,
					 .difference = response->differences,
					 .difference_count = response->n_differences};

	return session->options->output == OUTPUT_JSON ? DONE : print_differences(&shown);
}

/* What was done, or would be. */
static int tell(const struct session *session, const Sluice__V1__RollbackResponse *response, bool dry)
{
	char counts[160];

	if (session->options->output == OUTPUT_JSON)
		return json_print(json_message(&response->base)) ? out_of_memory() : DONE;
	if (dry)
		printf("dry run: %s\n", counts_text(response->result, counts, sizeof(counts)));
	else
		print_result(session, response->result);
	return DONE;
}

static int commit(struct session *session, uint64_t to, uint64_t expected)
{
	Sluice__V1__RollbackResponse *response;
	int rc;

	response = call(session, to, false, expected, &rc);
	if (rc == DONE)
		rc = tell(session, response, false);
	protobuf_c_message_free_unpacked((ProtobufCMessage *)response, NULL);
	return rc;
}

int command_rollback(void *context, char **arguments)
{
	struct session *session = context;
	uint64_t to, expected = session->options->expected_revision;
	Sluice__V1__RollbackResponse *response;
	int rc;

	if (revision_argument(arguments[0], &to))
		return FAILED;
	rc = expected ? DONE : session_revision(session, &expected);
	if (rc)
		return rc;
	response = call(session, to, true, expected, &rc);
	if (rc == DONE)
		rc = show(session, response);
	if (rc == DONE && session->options->dry_run) {
		rc = tell(session, response, true);
	} else if (rc == DONE && result_changes(response->result) && !ask_confirmed(session)) {
		fprintf(stderr, "not applied\n");
		rc = DIFFERENT;
	} else if (rc == DONE) {
		rc = commit(session, to, expected);
	}
	protobuf_c_message_free_unpacked((ProtobufCMessage *)response, NULL);
	return rc;
}

int command_confirm(void *context, char **arguments)
{
	struct session *session = context;
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__ConfirmCommitRequest request = SLUICE__V1__CONFIRM_COMMIT_REQUEST__INIT;
	Sluice__V1__ConfirmCommitResponse *response;
	struct error error;
	int rc = DONE;

	options.owner = (char *)session->options->owner;
	options.election_id = session->options->election_id;
	options.durability = session->options->durability;
	request.options = &options;
	if (arguments[0] && revision_argument(arguments[0], &request.revision))
		return FAILED;
	response = (Sluice__V1__ConfirmCommitResponse *)session_call(session, config, "ConfirmCommit", &request.base,
								     &error);
	if (!response)
		return session_report(&error, NULL, 0);
	if (session->options->output == OUTPUT_JSON)
		rc = json_print(json_message(&response->base)) ? out_of_memory() : DONE;
	else
		printf("revision %" PRIu64 " is confirmed\n", response->confirm_id);
	protobuf_c_message_free_unpacked(&response->base, NULL);
	return rc;
}
