/* SPDX-License-Identifier: Apache-2.0 */
/* show: prints resources of one kind, one of them, or all. A list that does not fit in memory is printed page by
 * page. */
#include "vnf/ctl/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "vnf/ctl/candidates.h"
#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/columns.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/connections.h"
#include "vnf/json/json_write.h"
#include "vnf/ctl/keys.h"
#include "vnf/ctl/kind.h"
#include "vnf/ctl/listing.h"
#include "vnf/ctl/suggest.h"
#include "vnf/ctl/yaml_write.h"

#define TABLE_ROWS 50000 /* that are laid out together */

/* Prints resources in the format that was asked for. YAML is what can be applied: what sources have learned cannot. */
struct output_stream {
	const struct session *session;
	struct table *table; /* of the current kind */
	struct yaml_writer *yaml;
	size_t count; /* resources so far */
	size_t tables;
};

static int stream_add(const Sluice__V1__ResourceState *state, void *context)
{
	struct output_stream *stream = context;
	struct json_object *object;
	int rc;

	switch (stream->session->options->output) {
	case OUTPUT_JSON:
		object = json_message(&state->base);
		if (!object)
			return out_of_memory();
		printf("%s\n%s", stream->count ? "," : "{\"states\": [",
		       json_object_to_json_string_ext(object,
						      JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(object);
		rc = 0;
		break;
	case OUTPUT_YAML:
		rc = state->resource && !is_learned(state) ? yaml_writer_add(stream->yaml, state->resource) : 0;
		break;
	default:
		rc = table_add(stream->table, &state->base);
	}
	stream->count++;
	return rc ? out_of_memory() : DONE;
}

static int stream_page(void *context)
{
	struct output_stream *stream = context;

	if (stream->table && table_rows(stream->table) >= TABLE_ROWS)
		table_flush(stream->table);
	return DONE;
}

static int stream_kind_begin(struct output_stream *stream, const ProtobufCFieldDescriptor *kind, const char *title)
{
	const struct options *options = stream->session->options;

	if (options->output == OUTPUT_YAML || options->output == OUTPUT_JSON)
		return DONE;
	stream->table = table_new(columns_of_kind(kind), title, options->output == OUTPUT_WIDE, options->color);
	return stream->table ? DONE : out_of_memory();
}

static void stream_kind_end(struct output_stream *stream)
{
	if (!stream->table)
		return;
	table_flush(stream->table);
	table_free(stream->table);
	stream->table = NULL;
}

static int stream_begin(struct output_stream *stream)
{
	if (stream->session->options->output != OUTPUT_YAML)
		return DONE;
	stream->yaml = yaml_writer_new(stdout);
	return stream->yaml ? DONE : out_of_memory();
}

/* An output that failed half-way must not look complete: JSON stays open, YAML is spoilt. Returns the exit code. */
static int stream_end(struct output_stream *stream, int rc, uint64_t revision)
{
	if (rc) {
		yaml_writer_abandon(stream->yaml);
		return rc;
	}
	if (stream->session->options->output == OUTPUT_JSON)
		printf("%s], \"revision\": %" PRIu64 "}\n", stream->count ? "\n" : "{\"states\": [", revision);
	if (stream->yaml && yaml_writer_finish(stream->yaml)) {
		fprintf(stderr, "error: cannot write the output\n");
		return FAILED;
	}
	return DONE;
}

static int show_one(struct session *session, struct output_stream *stream, const ProtobufCFieldDescriptor *kind,
		    const char *key, uint64_t *revision)
{
	Sluice__V1__GetResourceRequest request = SLUICE__V1__GET_RESOURCE_REQUEST__INIT;
	Sluice__V1__GetResourceResponse *response;
	struct error error;
	int rc = DONE;

	request.kind = kind->id;
	request.key = (char *)key;
	response = (Sluice__V1__GetResourceResponse *)session_call(session, &sluice__v1__state_service__descriptor,
								   "GetResource", &request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	*revision = response->revision;
	if (response->state)
		rc = stream_add(response->state, stream);
	sluice__v1__get_resource_response__free_unpacked(response, NULL);
	return rc;
}

static int show_kind(struct session *session, struct output_stream *stream, const ProtobufCFieldDescriptor *kind,
		     const char *key, bool titled, uint64_t *revision)
{
	struct listing listing = {
		.vrf = session->options->vrf, .each = stream_add, .page = stream_page, .context = stream};
	const bool candidates = !titled && kind->id == SLUICE__V1__RESOURCE__KIND_ROUTE;
	size_t before = stream->count;
	char title[80];
	int rc;

	snprintf(title, sizeof(title), "%s%s:", stream->tables ? "\n" : "", kind->name);
	rc = stream_kind_begin(stream, kind, titled ? title : NULL);
	if (rc == DONE)
		rc = key	  ? show_one(session, stream, kind, key, revision)
		     : candidates ? list_candidates(session, &listing)
				  : list_resources(session, kind->id, &listing);
	stream_kind_end(stream);
	stream->tables += stream->count > before;
	if (!key)
		*revision = listing.revision;
	return rc;
}

/* `only` NULL: every kind. */
static int show_resources(struct session *session, const ProtobufCFieldDescriptor *only, const char *key)
{
	struct output_stream stream = {.session = session};
	const ProtobufCFieldDescriptor *kind;
	uint64_t revision = 0;
	int rc = stream_begin(&stream);

	for (unsigned int i = 0; rc == DONE && (kind = kind_at(i)); i++) {
		if (!only || only == kind)
			rc = show_kind(session, &stream, kind, key, !only, &revision);
	}
	rc = stream_end(&stream, rc, revision);
	if (rc == DONE && !stream.count && session->options->output < OUTPUT_YAML)
		fprintf(stderr, "nothing there\n");
	return rc;
}

static int show_counters(struct session *session)
{
	return show_verdicts(session, false);
}

static int show_drops(struct session *session)
{
	return show_verdicts(session, true);
}

static int show_all(struct session *session)
{
	return show_resources(session, NULL, NULL);
}

/* The words that show takes in the place of a kind. */
static const struct {
	const char *name;
	int (*show)(struct session *session);
} others[] = {
	{"all", show_all},
	{"counters", show_counters},
	{"drops", show_drops},
	{"verdicts", show_verdict_counts},
	{"ports", show_ports},
	{"limits", show_limits},
	{CONNECTIONS_WORD, show_connections},
};

#define OTHERS (sizeof(others) / sizeof(others[0]))

int command_show(void *context, char **arguments)
{
	const ProtobufCFieldDescriptor *kind = kind_find(arguments[0]);
	struct session *session = context;
	char names[240];

	if (strcasecmp(arguments[0], CONNECTIONS_WORD) != 0 && !connections_check_others(session->options))
		return FAILED;
	if (kind)
		return show_resources(session, kind, arguments[1]);
	if (arguments[1]) {
		fprintf(stderr, "error: %s has no keys\n", arguments[0]);
		return FAILED;
	}
	for (size_t i = 0; i < OTHERS; i++)
		if (strcasecmp(arguments[0], others[i].name) == 0)
			return others[i].show(session);
	fprintf(stderr, "error: unknown kind \"%s\"; %s", arguments[0],
		suggest_field(&sluice__v1__resource__descriptor, arguments[0], names, sizeof(names)));
	for (size_t i = 0; i < OTHERS; i++)
		fprintf(stderr, "%s%s", i ? ", " : "; ", others[i].name);
	fputc('\n', stderr);
	return FAILED;
}

void show_complete(struct cli_completion *completion)
{
	for (size_t i = 0; i < OTHERS && completion->count == 0; i++)
		cli_offer(completion, others[i].name);
	keys_offer_kind_and_key(completion);
}
