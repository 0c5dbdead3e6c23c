/* SPDX-License-Identifier: Apache-2.0 */
/* replace: a file becomes all that the owner has, by one stream of ReplaceOwned. */
#include <stdlib.h>
#include <string.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/client/client.h"
#include "vnf/ctl/commands.h"
#include "vnf/json/json_write.h"
#include "vnf/ctl/load.h"
#include "vnf/ctl/report.h"

/* A table of any size is one call: --timeout is meant for one message. */
#define TIMEOUTS 20

static int begin(struct load *load)
{
	const struct options *options = load->session->options;
	struct error error = {0};

	if (options->file_count != 1) {
		fprintf(stderr, "error: which file? one -f FILE, or -f - for the standard input\n");
		return FAILED;
	}
	if (options->output == OUTPUT_YAML || options->output == OUTPUT_WIDE) {
		fprintf(stderr, "error: -o is table or json here\n");
		return FAILED;
	}
	load->file = options->files[0];
	load->input = load_input_open(load->file);
	if (!load->input)
		return FAILED;
	if (!session_connect(load->session, &error))
		load->stream = rpc_stream_open(load->session->client, &sluice__v1__config_service__descriptor,
					       "ReplaceOwned", options->timeout_ms * TIMEOUTS, &error);
	if (!load->stream)
		return load_report(load, &error);
	load_progress_begin(&load->progress);
	return DONE;
}

static ProtobufCMessage *finish(struct load *load, struct error *error)
{
	struct rpc_stream *stream = load->stream;

	load->stream = NULL;
	return rpc_stream_finish(stream, error);
}

/* The first message has the options and the scope. */
static int send(struct load *load, Sluice__V1__ReplaceOwnedRequest *request)
{
	const struct options *options = load->session->options;
	Sluice__V1__WriteOptions write = SLUICE__V1__WRITE_OPTIONS__INIT;
	Sluice__V1__ResourceKind routes = SLUICE__V1__RESOURCE_KIND__RESOURCE_KIND_ROUTE;
	char *vrf = (char *)options->vrf;

	write.owner = (char *)options->owner;
	write.election_id = options->election_id;
	write.durability = options->durability;
	write.expected_revision = options->expected_revision;
	write.validate_only = options->dry_run;
	if (!load->in_stream) {
		request->options = &write;
		request->n_vrfs = vrf != NULL;
		request->vrfs = &vrf;
		request->n_kinds = load_input_is_list(load->input);
		request->kinds = &routes;
	}
	load->in_stream += request->n_changes;
	return rpc_stream_send(load->stream, &request->base);
}

int replace_send(struct load *load, Sluice__V1__Change **change, size_t count)
{
	Sluice__V1__ReplaceOwnedRequest request = SLUICE__V1__REPLACE_OWNED_REQUEST__INIT;
	struct error error = {0};

	request.changes = change;
	request.n_changes = count;
	load->sent += count;
	if (send(load, &request)) {
		protobuf_c_message_free_unpacked(finish(load, &error), NULL);
		return load_report(load, &error);
	}
	load_progress_show(&load->progress, load->sent, load_input_share(load->input));
	return DONE;
}

static int print(const struct load *load, Sluice__V1__ReplaceOwnedResponse *response)
{
	const struct submission submission = {.session = load->session,
					      .result = response->result,
					      .difference = response->differences,
					      .difference_count = response->n_differences};
	char counts[160];
	int rc;

	if (load->session->options->output == OUTPUT_JSON)
		return json_print(json_message(&response->base)) ? out_of_memory() : DONE;
	if (!load->session->options->dry_run) {
		print_result(load->session, response->result);
		return DONE;
	}
	rc = print_differences(&submission);
	if (rc == DONE)
		printf("dry run: %s\n", counts_text(response->result, counts, sizeof(counts)));
	return rc;
}

static int commit(struct load *load)
{
	Sluice__V1__ReplaceOwnedRequest request = SLUICE__V1__REPLACE_OWNED_REQUEST__INIT;
	Sluice__V1__ReplaceOwnedResponse *response;
	struct error error = {0};
	int rc;

	request.last = true;
	send(load, &request); /* the end explains a failure */
	load_progress_end(&load->progress);
	response = (void *)finish(load, &error);
	if (!response || !response->result)
		return load_report(load, &error);
	rc = print(load, response);
	sluice__v1__replace_owned_response__free_unpacked(response, NULL);
	return rc;
}

int command_replace(void *context, char **arguments)
{
	struct session *session = context;
	struct load load = {.session = session, .replaces = true};
	int rc = begin(&load);

	(void)arguments;
	if (rc == DONE)
		rc = load_file(&load);
	/* An empty input is more often a broken pipe than a wish to delete everything. */
	if (rc == DONE && !load.sent) {
		fprintf(stderr, "error: %s names nothing: that would delete everything of %s\n", load.file,
			session->options->owner);
		rc = FAILED;
	}
	if (rc == DONE)
		rc = commit(&load);
	load_end(&load);
	load_input_close(load.input);
	return rc;
}
