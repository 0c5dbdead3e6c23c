/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/ctl/load.h"
#include "vnf/ctl/report.h"
#include "vnf/client/client.h"

/* A stream ends after so many, so that each is a call that --timeout fits, and the server's count is heard. */
#define STREAM_CHANGES (LOAD_PORTION * 25)
#define IDLE_SECONDS   120
#define FIRST_LINES    65536

static const ProtobufCServiceDescriptor *const config = &sluice__v1__config_service__descriptor;

/* Paths of faults count the changes of the whole transaction: "changes[70000].resource.route.vrf" has a line. */
static void print_fault(const struct load *load, const struct fault *fault)
{
	unsigned long long index;
	int length = 0;

	if (sscanf(fault->field, "changes[%llu]%n", &index, &length) == 1 && length && index < load->sent) {
		const char *rest = fault->field + length;

		if (strncmp(rest, ".resource", 9) == 0)
			rest += 9;
		rest += *rest == '.';
		fprintf(stderr, "error: %s:%u: %s%s%s\n", load->file, load->line[index], rest, *rest ? ": " : "",
			fault->message);
	} else {
		fprintf(stderr, "error: %s%s%s\n", fault->field, *fault->field ? ": " : "", fault->message);
	}
}

int load_report(const struct load *load, const struct error *error)
{
	struct error rest = {.code = error->code};

	load_progress_end((struct load_progress *)&load->progress);
	for (size_t i = 0; i < error->count && i < ERROR_FAULTS; i++)
		print_fault(load, &error->fault[i]);
	if (error->count > ERROR_FAULTS)
		fprintf(stderr, "error: and %zu more\n", error->count - ERROR_FAULTS);
	return session_report(&rest, NULL, 0);
}

int load_begin(struct load *load)
{
	Sluice__V1__WriteOptions options = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__BeginTransactionRequest request = SLUICE__V1__BEGIN_TRANSACTION_REQUEST__INIT;
	Sluice__V1__BeginTransactionResponse *response;
	struct error error;

	options.owner = (char *)load->session->options->owner;
	options.election_id = load->session->options->election_id;
	options.durability = load->session->options->durability;
	options.expected_revision = load->session->options->expected_revision;
	request.options = &options;
	request.idle_seconds = IDLE_SECONDS;
	response = (void *)session_call(load->session, config, "BeginTransaction", &request.base, &error);
	if (!response)
		return load_report(load, &error);
	load->transaction = strdup(response->transaction_id);
	sluice__v1__begin_transaction_response__free_unpacked(response, NULL);
	load_progress_begin(&load->progress);
	return load->transaction ? DONE : out_of_memory();
}

static int finish_stream(struct load *load)
{
	Sluice__V1__StageChangesResponse *response;
	struct error error = {0};

	if (!load->stream)
		return DONE;
	response = (void *)rpc_stream_finish(load->stream, &error);
	load->stream = NULL;
	load->in_stream = 0;
	if (!response)
		return load_report(load, &error);
	load->staged = response->staged;
	sluice__v1__stage_changes_response__free_unpacked(response, NULL);
	return DONE;
}

static int note_lines(struct load *load, const uint32_t *line, size_t count)
{
	if (load->sent + count > load->lines) {
		size_t lines = load->lines ? load->lines * 2 : FIRST_LINES;
		uint32_t *grown;

		while (lines < load->sent + count)
			lines *= 2;
		grown = reallocarray(load->line, lines, sizeof(*grown));
		if (!grown)
			return out_of_memory();
		load->line = grown;
		load->lines = lines;
	}
	memcpy(load->line + load->sent, line, count * sizeof(*line));
	return DONE;
}

int load_send(struct load *load, Sluice__V1__Change **change, const uint32_t *line, size_t count)
{
	Sluice__V1__StageChangesRequest request = SLUICE__V1__STAGE_CHANGES_REQUEST__INIT;
	struct error error = {0};

	if (note_lines(load, line, count))
		return FAILED;
	if (load->replaces)
		return replace_send(load, change, count);
	if (!load->stream)
		load->stream = rpc_stream_open(load->session->client, config, "StageChanges",
					       load->session->options->timeout_ms, &error);
	if (!load->stream)
		return load_report(load, &error);
	request.transaction_id = load->transaction;
	request.changes = change;
	request.n_changes = count;
	load->sent += count;
	load->in_stream += count;
	/* It returns once the transport has room, so that the server sets the pace. A stream that breaks is
	 * explained by its end. */
	if (rpc_stream_send(load->stream, &request.base) || load->in_stream >= STREAM_CHANGES) {
		int rc = finish_stream(load);

		if (rc)
			return rc;
	}
	load_progress_show(&load->progress, load->sent, load_input_share(load->input));
	return DONE;
}

int load_commit(struct load *load)
{
	Sluice__V1__CommitTransactionRequest request = SLUICE__V1__COMMIT_TRANSACTION_REQUEST__INIT;
	Sluice__V1__CommitTransactionResponse *response;
	double staging, committing;
	struct timespec start;
	struct error error;
	int rc = finish_stream(load);

	if (rc)
		return rc;
	load_progress_end(&load->progress);
	staging = load_seconds_since(&load->progress.start);
	printf("%zu changes staged in %.2f s, %.0f/s\n", load->sent, staging, (double)load->sent / staging);
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &start);
	request.transaction_id = load->transaction;
	response = (void *)session_call(load->session, config, "CommitTransaction", &request.base, &error);
	if (!response)
		return load_report(load, &error);
	committing = load_seconds_since(&start);
	free(load->transaction);
	load->transaction = NULL;
	printf("committed in %.2f s\n", committing);
	if (response->result)
		print_result(load->session, response->result);
	sluice__v1__commit_transaction_response__free_unpacked(response, NULL);
	return DONE;
}

void load_end(struct load *load)
{
	struct error error = {0};

	if (load->stream)
		protobuf_c_message_free_unpacked(rpc_stream_finish(load->stream, &error), NULL);
	if (load->transaction) {
		Sluice__V1__AbortTransactionRequest request = SLUICE__V1__ABORT_TRANSACTION_REQUEST__INIT;

		/* If this fails the transaction is gone already, or expires. */
		request.transaction_id = load->transaction;
		protobuf_c_message_free_unpacked(
			session_call(load->session, config, "AbortTransaction", &request.base, &error), NULL);
	}
	free(load->transaction);
	free(load->line);
}
